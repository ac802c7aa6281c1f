"""A state in a file: plain arrays and JSON, behind a hash of both.

The first line is the SHA-256 of the rest, which is a numpy `.npz`: a zip of arrays, with nothing in it that is code or
pickled. A file is written under a temporary name and renamed, so that it is whole or absent; damage is noticed by
its hash.
"""

from __future__ import annotations

import json
import os
import zipfile
from hashlib import sha256
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np

from ..engine.plain import Packed
from ..errors import RunError

TEXT = "text"  # the array that holds the JSON
LEVEL = 1  # of compression: most cells of histograms and many slots are 0


def write_state(path: Path, state: Packed, about: dict[str, Any]) -> None:
    """Write a state, whole or not at all. about: JSON that stands beside it. Raises RunError if that cannot be done."""
    tree, arrays = state
    text = np.frombuffer(json.dumps([about, tree]).encode(), np.uint8)
    payload = BytesIO()
    with zipfile.ZipFile(payload, "w", zipfile.ZIP_DEFLATED, compresslevel=LEVEL) as file:
        for name, array in {TEXT: text, **{str(index): array for index, array in enumerate(arrays)}}.items():
            with file.open(f"{name}.npy", "w", force_zip64=True) as entry:
                np.lib.format.write_array(entry, np.asanyarray(array), allow_pickle=False)
    held = payload.getbuffer()
    draft = path.with_name(f"{path.name}.{os.getpid()}.tmp")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with draft.open("wb") as out:
            out.write(sha256(held).hexdigest().encode() + b"\n")
            out.write(held)
        os.replace(draft, path)
    except OSError as error:
        raise RunError(f"cannot write to {path.parent}: {error.strerror}") from error


def read_state(path: Path) -> tuple[Packed, dict[str, Any]] | None:
    """The state in a file, and what stands beside it; None if the file is damaged."""
    try:
        digest, payload = path.read_bytes().split(b"\n", 1)
        if sha256(payload).hexdigest().encode() != digest:
            return None
        with np.load(BytesIO(payload), allow_pickle=False) as file:
            about, tree = json.loads(file[TEXT].tobytes())
            return (tree, [file[str(index)] for index in range(len(file.files) - 1)]), about
    except (OSError, ValueError, KeyError, TypeError, zipfile.BadZipFile):
        return None
