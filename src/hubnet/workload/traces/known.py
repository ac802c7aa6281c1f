"""Traces that are recognised by their columns, and read as they come; each says on what its map rests."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

# The Azure traces give tokens, not times. Rates of one request on one reference device that serves one request at a
# time, of the order of Llama-2-70B on a machine with eight accelerators of 2023: tens of ms between two tokens,
# thousands of tokens of prompt a second. Estimates: batching, another model or machine move them by factors.
GENERATED_PER_S = 25
PROMPT_PER_S = 5000
TOKEN = "4 B"  # estimate: about four characters of English text

SWF_MAP = {
    "submit": "submit",
    "devices": "processors",
    "work": "run",
    "site": "partition",
    "class": "queue",
    "status": "status",
}


@dataclass(frozen=True)
class Known:
    """A kind of file. columns: exactly those of its header. map, time_unit: as a scenario would give them. notes: what
    the map rests on, each with the fields that it is about."""

    name: str
    columns: tuple[str, ...]
    map: Mapping[str, Any]
    time_unit: str | None
    notes: tuple[tuple[tuple[str, ...], str], ...]
    credit: str


KNOWN = (
    Known(
        "Azure LLM inference trace",
        ("TIMESTAMP", "ContextTokens", "GeneratedTokens"),
        {
            "submit": "TIMESTAMP",
            "devices": 1,
            "work": [
                {"column": "GeneratedTokens", "per": f"{GENERATED_PER_S} /s"},
                {"column": "ContextTokens", "per": f"{PROMPT_PER_S} /s"},
            ],
            "input": {"column": "ContextTokens", "unit": TOKEN},
            "output": {"column": "GeneratedTokens", "unit": TOKEN},
            "class": {"is": "llm-request"},
        },
        None,
        (
            (
                ("work",),
                f"estimate: run time = generated tokens / {GENERATED_PER_S} a second + context tokens / {PROMPT_PER_S} "
                "a second on one device (map.work changes it)",
            ),
            (("input", "output"), f"estimate: data = tokens x {TOKEN} (map.input, map.output change it)"),
        ),
        "Azure LLM inference traces, CC BY 4.0; cite Patel et al., Splitwise, ISCA 2024",
    ),
    Known(
        "Philly GPU training jobs (extract of Sia)",
        ("timestamp", "duration", "num_gpus", "cluster"),
        {
            "submit": "timestamp",
            "devices": "num_gpus",
            "work": "duration",
            "site": "cluster",
            "class": {"is": "training"},
        },
        "s",
        ((("work",), "run time is that of the traced GPUs, in s, as if they were the reference device"),),
        "Philly traces, CC BY 4.0; cite Jeon et al., ATC 2019, and Jayaram Subramanya et al., Sia, SOSP 2023",
    ),
)


def recognise(columns: Sequence[str]) -> Known | None:
    """The known trace that has exactly these columns, in any order."""
    return next((known for known in KNOWN if sorted(known.columns) == sorted(columns)), None)
