"""What `hubnet job` prints."""

from __future__ import annotations

from ..story import Story, told
from ..text import seconds
from .tables import add, console, safe, table


def print_story(story: Story) -> None:
    """The job's stages, and the pools that it could choose from."""
    out = console()
    for line in told(story):
        out.print(safe(line))
    if story.pools is not None:
        made = table(
            "pool", "one-way", "wait", "response", "yuan", title="\nthe pools when it was submitted, as estimated then"
        )
        chosen = f"{story.row['hub']}/{story.row['pool']}"
        for one in story.pools:
            name = f"{one['pool']} *" if one["pool"] == chosen else one["pool"]
            if not one["eligible"]:
                add(made, name, one["why"], "", "", "")
                continue
            yuan = "-" if one["electricity_yuan"] is None else f"{one['electricity_yuan']:.3g}"
            add(made, name, f"{one['one_way_ms']:.2f} ms", seconds(one["wait_s"]), seconds(one["response_s"]), yuan)
        out.print(made)
    if story.note:
        out.print(f"note: {safe(story.note)}", style="dim")
