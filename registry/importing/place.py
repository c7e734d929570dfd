"""Put files in place, all or none: nothing that is there is touched unless that was asked for.

It must never leave half of a batch behind, nor write through a link.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from registry.errors import Refused, Usage


@dataclass(frozen=True, slots=True)
class Standing:
    """How files that are to be written stand to those on disk: not there, there and equal, there and other."""

    new: tuple[str, ...]
    equal: tuple[str, ...]
    other: tuple[str, ...]


def standing(root: Path, files: Mapping[str, bytes]) -> Standing:
    """How some files, by path below a root, stand to those on disk.

    Raises:
        Usage: IMP005 where a path leads through a link or onto a folder.
    """
    sorted_by: dict[str, list[str]] = {"new": [], "equal": [], "other": []}
    for path, data in files.items():
        place = root.resolve() / path
        if place.resolve() != place or place.is_dir():
            raise Usage("IMP005", f"{path} leads through a link or is a folder", "Choose another --into.")
        how = "new" if not place.exists() else "equal" if place.read_bytes() == data else "other"
        sorted_by[how].append(path)
    return Standing(*(tuple(sorted_by[how]) for how in ("new", "equal", "other")))


def require_free(found: Standing) -> None:
    """Let pass only files that would replace nothing; raises Usage (IMP004) with the list of the others."""
    if not found.other:
        return
    more = f" and {len(found.other) - 5} more" if len(found.other) > 5 else ""
    verb = "is" if len(found.other) == 1 else "are"
    what = f"nothing was written: {', '.join(found.other[:5])}{more} {verb} there and different"
    raise Usage("IMP004", what, "Choose another --into, or replace with --force.")


def put(root: Path, files: Mapping[str, bytes], *, replace: bool = False) -> Standing:
    """Write all files, or none; those that are there and equal stay as they are.

    Raises:
        Usage: IMP004 when files are there and other and may not be replaced, IMP005 as ``standing``.
        OSError: when the disk does not take them; what was written is taken back.
    """
    found = standing(root, files)
    if not replace:
        require_free(found)
    with ExitStack() as undo:
        ready = [(_ready(root / path, files[path], undo), root / path) for path in (*found.new, *found.other)]
        for temporary, place in ready:
            _swap(temporary, place, undo, is_new=not place.exists())
        undo.pop_all()
    return found


def _ready(place: Path, data: bytes, undo: ExitStack) -> Path:
    """The bytes in a file beside their place, its folders made."""
    for folder in reversed([folder for folder in place.parents if not folder.exists()]):
        folder.mkdir()
        undo.callback(_drop_folder, folder)
    temporary = place.with_name(f".{place.name}.{os.getpid()}")
    undo.callback(temporary.unlink, missing_ok=True)
    try:
        temporary.write_bytes(data)
    except OSError as error:  # a full disk names no file
        error.filename = error.filename or str(place)
        raise
    return temporary


def _swap(temporary: Path, place: Path, undo: ExitStack, *, is_new: bool) -> None:
    if is_new:
        try:
            os.link(temporary, place)
        except FileExistsError as error:
            raise Refused("IMP004", f"{place} appeared meanwhile", "Run the import again.") from error
        undo.callback(place.unlink, missing_ok=True)
        temporary.unlink()
        return
    before = place.read_bytes()
    undo.callback(place.write_bytes, before)
    temporary.replace(place)


def _drop_folder(folder: Path) -> None:
    if not any(folder.iterdir()):
        folder.rmdir()
