"""What a reader should know of single runs before trusting a table of them, in words."""

from __future__ import annotations

from ..text import number, percent
from .reasons import money_notes
from .study import Study

MUCH_UNFINISHED = 0.1  # share of the jobs


def run_notes(study: Study) -> list[str]:
    """At which rates money became yuan; and of the first replication of every allocation: trunks that would be
    overfull, jobs rejected, jobs unfinished."""
    notes = money_notes(study.results)
    for name, results in study.results.items():
        values = results[0].measures
        use = values["trunk_use", "max"].value
        if use is not None and use > 1:
            notes.append(
                f"{name}: a trunk would carry {percent(use)} of what it can: with sharing: none transfers do not slow "
                "each other down, so read upload times as a lower bound."
            )
        rejected = values["jobs", "rejected"].value
        if rejected:
            most = results[0].rejections.head(3)
            told = "; ".join(
                f"{number(row['jobs'])} {row['reason']}, {row['class']} from {row['region']}"
                for row in most.to_dict("records")
            )
            more = len(results[0].rejections) - len(most)
            rest = f"; {more} more in rejections.parquet" if more else ""
            were = "job was" if rejected == 1 else "jobs were"
            notes.append(f"{name}: {number(rejected)} {were} rejected ({told}{rest}).")
        finished, submitted = values["jobs", "finished"].value, values["jobs", "submitted"].value
        if submitted and finished is not None and finished < (1 - MUCH_UNFINISHED) * submitted:
            notes.append(f"{name}: {percent(1 - finished / submitted)} of the jobs had not finished at the horizon.")
    return notes
