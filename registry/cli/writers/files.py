"""A report as a file: whole, or as it was before.

Whoever reads it meanwhile (an upload, a colleague) sees the old text or the new, never half of one.
It must never replace what is no plain file, such as a pipe or ``/dev/stdout``: those are written to.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterable
from pathlib import Path

from registry.errors import Unavailable


def write_file(path: Path, text: str | Iterable[str]) -> None:
    """Put a text, or its pieces as they come, into a file, UTF-8.

    Its folder is made, its mode stays, a link leads to what it names.

    Raises:
        Unavailable: EVL030 when the file cannot be written; what it held before is untouched.
    """
    place = path.resolve()
    try:
        place.parent.mkdir(parents=True, exist_ok=True)
        pieces = (piece.encode() for piece in ([text] if isinstance(text, str) else text))
        if place.exists() and not place.is_file():
            with place.open("wb") as file:
                file.writelines(pieces)
        else:
            _replace(place, pieces)
    except OSError as error:
        before = " The file is as it was." if place.is_file() else ""
        what = f"{path.name} cannot be written ({error.strerror or type(error).__name__})"
        raise Unavailable("EVL030", what, f"Make room there, or name another place.{before}") from error


def _replace(place: Path, pieces: Iterable[bytes]) -> None:
    mode = place.stat().st_mode & 0o7777 if place.exists() else 0o666 & ~_umask()
    handle, scratch = tempfile.mkstemp(prefix=f".{place.name}.", suffix=".making", dir=place.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            file.writelines(pieces)
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
