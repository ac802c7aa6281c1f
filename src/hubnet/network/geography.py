"""Places, distances and how long light takes: the physics of the network, without a graph.

Sources of the constants:
  EARTH_RADIUS_KM   mean radius R1 of the IUGG, 6371.0088 km (Moritz, Geodetic Reference System 1980).
  FIBRE_S_PER_KM    group index 1.468 of ITU-T G.652 fibre over the speed of light: 1.468 / 299792.458 km/s = 4.897 us.
  NODE_S            an estimate for one optical node (amplification, switching) per trunk walked.
  LAYER_FACTOR      published mean one-way delays between the hub cities of one nation, 2024Q1: optical 9.7 ms,
                    private IP 14.6 ms, public IP 16.7 ms; the factors are 14.6/9.7 and 16.7/9.7.
  ROUTE_RATIO       fibre length over great circle for a trunk of unknown length: an estimate. The published
                    mean of a whole nation is 1.82, of its newest direct routes 1.33-1.40.
"""

from __future__ import annotations

import math

EARTH_RADIUS_KM = 6371.0088
FIBRE_S_PER_KM = 4.9e-6
NODE_S = 1e-4
LAYER_FACTOR = {"optical": 1.0, "private-ip": 1.51, "public-ip": 1.72}
ROUTE_RATIO = 1.5


def great_circle_km(a: tuple[float, float], b: tuple[float, float]) -> float:
    """Distance in km over a sphere between two (lat, lon) pairs in degrees.

    The haversine formula (Sinnott, Sky and Telescope 68:158, 1984), which keeps its precision for near points.
    A sphere is within 0.6% of the ellipsoid.
    """
    lat_a, lon_a, lat_b, lon_b = (math.radians(angle) for angle in (*a, *b))
    h = math.sin((lat_b - lat_a) / 2) ** 2 + math.cos(lat_a) * math.cos(lat_b) * math.sin((lon_b - lon_a) / 2) ** 2
    return 2 * EARTH_RADIUS_KM * math.asin(math.sqrt(min(1.0, h)))


def trunk_delay_s(length_km: float | None, one_way_ms: float | None = None) -> float:
    """One-way delay of one trunk at the optical layer, in s.

    A measured `one_way_ms` replaces the time in the fibre only; the node's 0.1 ms is added either way.
    """
    if one_way_ms is not None:
        return one_way_ms * 1e-3 + NODE_S
    if length_km is None:
        raise ValueError("a trunk needs a length or a one-way delay")
    return length_km * FIBRE_S_PER_KM + NODE_S
