"""The files of a folder that may hold prompts of another tool, and what was passed over, with the reason.

It must never follow a link, nor read a byte outside the folder that was named.
"""

from __future__ import annotations

import os
import posixpath
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from registry.errors import Usage
from registry.importing import listing
from registry.importing.port import Foreign

LIMIT = 8 * 2**20
MOST = 20_000
_VENDOR = frozenset((
    "node_modules", "vendor", "venv", "site-packages", "__pycache__", "dist", "build", "target",
))  # fmt: skip
_HIDDEN_BUT_OURS = frozenset((".github", ".claude", ".cursor", ".prompts"))  # tools keep prompts there
_TEXTS = frozenset((
    ".aiconfig", ".prompty", ".prompt", ".yaml", ".yml", ".json", ".md", ".mdc", ".markdown", ".txt", ".toml",
))  # fmt: skip


@dataclass(frozen=True, slots=True)
class Skipped:
    """A file that was not read as a prompt, and why."""

    path: str
    why: str


@dataclass(slots=True)
class Gathered:
    """What lies below a path.

    Attributes:
        folder: the imported folder; that of the file where a single file was named.
        files: what may hold prompts, by path.
        skipped: what was passed over.
        used: which files were read as a part of another one, and of which.
        names: every file below the folder, once somebody asked for a pattern.
    """

    folder: Path
    files: list[Foreign] = field(default_factory=list)
    skipped: list[Skipped] = field(default_factory=list)
    used: dict[str, str] = field(default_factory=dict)
    names: list[str] | None = None


def gather(path: Path) -> Gathered:
    """The files at a path: itself, or all below it, in the order of their names.

    Raises:
        Usage: IMP001 when there is nothing at the path, IMP003 for more than 20,000 files.
    """
    if path.is_file():
        found = Gathered(path.parent.resolve())
        names: Iterator[str] = iter((path.name,))
    elif path.is_dir():
        found = Gathered(path.resolve())
        names = _walk(found)
    else:
        raise Usage("IMP001", f"there is no file or folder {path}", "Check the path.")
    for name in names:
        _add(found, name)
    return found


def _walk(found: Gathered) -> Iterator[str]:
    count = 0
    for here, folders, names in os.walk(found.folder):
        below = Path(here).relative_to(found.folder).as_posix()
        kept = sorted(name for name in folders if _is_open(Path(here, name)))
        found.skipped += [
            Skipped(posixpath.normpath(posixpath.join(below, name)), _why_closed(Path(here, name)))
            for name in sorted(set(folders) - set(kept))
        ]
        folders[:] = kept
        for name in sorted(names):
            count += 1
            if count > MOST:
                why = f"{found.folder} holds more than {MOST} files"
                raise Usage("IMP003", why, "Name the folder with the prompts.")
            yield posixpath.normpath(posixpath.join(below, name))


def _is_open(folder: Path) -> bool:
    name = folder.name
    hidden = name.startswith(".") and name not in _HIDDEN_BUT_OURS
    return not (hidden or name in _VENDOR or folder.is_symlink())


def _why_closed(folder: Path) -> str:
    if folder.is_symlink():
        return "is a link; links are not followed"
    return "is a hidden folder" if folder.name.startswith(".") else "is a folder of other people's code"


def _add(found: Gathered, name: str) -> None:
    try:
        why = _why_not(found.folder / name)
        if not why:
            data = (found.folder / name).read_bytes()
            is_text = b"\x00" not in data[:4096]
            if is_text:
                found.files.append(Foreign(name, data, _sibling(found, name), _matching(found, name)))
                return
            why = "is no text"
    except PermissionError:
        why = "cannot be read; check its permissions"
    found.skipped.append(Skipped(name.encode("utf-8", "replace").decode(), why))


def _why_not(place: Path) -> str:
    if place.suffix.lower() not in _TEXTS:
        return "is of no known format"
    if place.is_symlink():
        return "is a link; links are not followed"
    if not place.name.isprintable():
        return "has a name that is no text"
    if place.stat().st_size > LIMIT:
        return f"is over {LIMIT // 2**20} MiB"
    return ""


def _matching(found: Gathered, path: str) -> Callable[[str], tuple[str, ...]]:
    def names(pattern: str) -> tuple[str, ...]:
        if found.names is None:
            found.names = list(_walk(Gathered(found.folder)))
        return listing.matching(found.names, posixpath.dirname(path), pattern)

    return names


def _sibling(found: Gathered, path: str) -> Callable[[str], bytes | None]:
    def read(name: str) -> bytes | None:
        wanted = posixpath.normpath(posixpath.join(posixpath.dirname(path), name))
        place = found.folder / wanted
        outside = posixpath.isabs(name) or wanted.startswith("../") or "\\" in name or "\x00" in name
        if outside or place.resolve() != place or not place.is_file() or place.stat().st_size > LIMIT:
            return None
        found.used.setdefault(wanted, path)
        return place.read_bytes()

    return read
