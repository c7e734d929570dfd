"""A report as a file: whole, or as it was before.

Whoever reads it meanwhile (an upload, a colleague) sees the old text or the new, never half of one.
It must never replace what is no plain file, such as a pipe or ``/dev/stdout``: those are written to.
"""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from registry.errors import Unavailable


def write_file(path: Path, text: str) -> None:
    """Put a text into a file, UTF-8; its folder is made, its mode stays, a link leads to what it names.

    Raises:
        Unavailable: EVL030 when the file cannot be written; what it held before is untouched.
    """
    place = path.resolve()
    try:
        place.parent.mkdir(parents=True, exist_ok=True)
        if place.exists() and not place.is_file():
            place.write_text(text, "utf-8")
        else:
            _replace(place, text.encode())
    except OSError as error:
        before = " The file is as it was." if place.is_file() else ""
        what = f"{path.name} cannot be written ({error.strerror or type(error).__name__})"
        raise Unavailable("EVL030", what, f"Make room there, or name another place.{before}") from error


def _replace(place: Path, data: bytes) -> None:
    mode = place.stat().st_mode & 0o7777 if place.exists() else 0o666 & ~_umask()
    handle, scratch = tempfile.mkstemp(prefix=f".{place.name}.", suffix=".making", dir=place.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())  # a disk that is full may say so only now
        Path(scratch).chmod(mode)
        Path(scratch).replace(place)
    except BaseException:
        Path(scratch).unlink(missing_ok=True)
        raise


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
