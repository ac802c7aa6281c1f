"""Text files by the chunk: whole lines, unpacked if they are gzip, and plain words if they are broken."""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import IO

from ...errors import Problem, TableError

CHUNK = 2**22  # bytes; what is derived from a chunk takes about ten times as much
GZIP = b"\x1f\x8b"


def line_chunks(path: Path, size: int = CHUNK) -> Iterator[tuple[bytes, int]]:
    """(whole lines, number of the first of them from 1), in order; every line ends with a newline.

    What decides whether a file is gzip are its first bytes, not its name. Raises TableError if the file is missing,
    empty, or gzip that is damaged or cut short.
    """
    line, rest = 1, b""
    with open_file(path) as file:
        unpacked: IO[bytes] = gzip.GzipFile(fileobj=file) if file.read(2) == GZIP else file  # type: ignore[assignment]
        file.seek(0)
        while True:
            try:
                data = unpacked.read(size)
            except EOFError:
                raise TableError(
                    Problem(
                        "the gzip file is cut short: its data end in the middle",
                        "fetch it again; a trace that lacks its end is not read",
                        str(path),
                    )
                ) from None
            except (gzip.BadGzipFile, zlib.error) as error:
                raise TableError(Problem(f"the gzip file is damaged ({error})", "fetch it again", str(path))) from None
            if not data:
                break
            end = data.rfind(b"\n") + 1
            if end:
                whole = rest + data[:end]
                yield whole, line
                line, rest = line + whole.count(b"\n"), data[end:]
            else:
                rest += data
    if rest:
        yield rest + b"\n", line
    elif line == 1:
        raise TableError(Problem("the file is empty", "", str(path)))


def open_file(path: Path) -> IO[bytes]:
    """The file, opened. Raises TableError if it cannot be."""
    try:
        return path.open("rb")
    except FileNotFoundError:
        near = sorted(p.name for p in path.parent.glob(f"{path.name[:4]}*"))[:3] if path.parent.is_dir() else []
        hint = f"beside it: {', '.join(near)}" if near else "check the name and the folder"
        raise TableError(Problem("this trace does not exist", hint, str(path))) from None
    except OSError as error:
        raise TableError(Problem(f"this trace cannot be read: {error.strerror}", "", str(path))) from None
