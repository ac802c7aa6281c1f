"""`hubnet new`: the scenario that people start from."""

from __future__ import annotations

import importlib.resources
from pathlib import Path

from .errors import InputError, Problem

STARTER = "starter.yaml"


def write_starter(path: Path) -> None:
    """Write the starter scenario. Raises InputError where a file is already, or none can be written."""
    text = (importlib.resources.files("hubnet") / "data" / STARTER).read_text(encoding="utf-8")
    try:
        with path.open("x", encoding="utf-8") as file:
            file.write(text)
    except FileExistsError:
        raise InputError(Problem(f"{path} is there already, and stays as it is", "choose another name")) from None
    except OSError as error:
        message = f"cannot write {path}: {error.strerror}"
        raise InputError(Problem(message, "choose a folder that is there, and that you may write to")) from error
