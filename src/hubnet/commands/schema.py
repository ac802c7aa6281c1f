"""`hubnet schema`."""

from __future__ import annotations

import typer


def schema() -> None:
    """Print the JSON Schema of the scenario file, for editors."""
    import json

    from ..scenario.reference import json_schema

    typer.echo(json.dumps(json_schema(), indent=2, ensure_ascii=False))
