"""The report's map of one run: places, trunks and labels, laid out for an SVG."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .drawing import frame_of, graticule, great_circle, labels, line, locations


def atlas(result: Any, use: Mapping[str, list[int]]) -> dict[str, Any] | None:
    """Where everything is; None without coordinates. use: of every trunk by hour, in percent, for the replay."""
    graph, places = result.network.graph, locations(result.network.graph)
    if not places:
        return None
    frame = frame_of(list(places.values()))
    devices = result.utilization.groupby("hub")["devices"].sum()
    most = max(float(devices.max()), 1.0) if len(devices) else 1.0
    nodes: list[dict[str, Any]] = []
    for name, (lat, lon) in places.items():
        x, y = frame.at(lat, lon)
        held = float(devices.get(name, 0.0))
        role = "hub" if held else "region" if graph.nodes[name].get("region") else "exchange"
        radius = round(5 + 16 * (held / most) ** 0.5, 1) if held else 3
        nodes.append({"name": name, "x": x, "y": y, "r": radius, "role": role, "devices": round(held), "label": None})
    nodes.sort(key=lambda node: (node["role"] == "hub", -node["r"]))  # small hubs are drawn over large ones
    hubs = [node for node in nodes if node["role"] == "hub"]
    marks = [(node["name"], node["x"], node["y"], node["r"]) for node in hubs]
    for node, label in zip(hubs, labels(marks, frame.height), strict=True):
        node["label"] = label
    drawn = []
    for a, b, data in graph.edges(data=True):
        if a in places and b in places:
            name = str(data.get("name") or f"{a}-{b}")
            path = line(frame, great_circle(places[a], places[b]))
            drawn.append({"name": name, "d": path, "use": use.get(name, [])})
    return {"height": frame.height, "lines": graticule(frame), "nodes": nodes, "trunks": drawn}
