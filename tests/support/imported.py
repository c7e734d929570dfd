"""What a test of an importer needs: a foreign file in memory, and what became of it as text to compare."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from registry.authoring.catalog import load
from registry.authoring.tree import FolderTree
from registry.importing.collect import Taken, collect
from registry.importing.gather import Gathered
from registry.importing.overlay import OverlaidTree
from registry.importing.port import Foreign, Note, Reader
from registry.release.findings import findings_of
from registry.settings import Settings


def foreign(path: str, data: str | bytes, **siblings: bytes) -> Foreign:
    """A file of another tool with the files beside it."""
    held = {name.replace("__", "."): value for name, value in siblings.items()}
    return Foreign(path, data.encode() if isinstance(data, str) else data, held.get)


def path_of(name: str) -> str:
    """The path that a file of the corpus stands for: ``dot.a__b.md`` is ``.a/b.md``."""
    return (
        name.replace("dot.", ".", 1).replace("__", "/")
        if name.startswith("dot.")
        else name.replace("__", "/")
    )


def taken(root: Path, file: Foreign, reader: Reader | None = None) -> tuple[Taken | None, list[str]]:
    """What becomes of a file in an empty registry at a root, and the errors that lint has against that."""
    tree = FolderTree(root)
    gathered = Gathered(root / "library", files=[file])
    collected = collect([("", gathered)], load(tree, Settings()), reader=reader)
    findings = findings_of(load(OverlaidTree(tree, collected.files), Settings()), today=date(2026, 11, 1))
    errors = [f"{it.code} {it.place}: {it.message}" for it in findings if it.level == "error"]
    return (collected.taken[0] if collected.taken else None), errors


def told(notes: tuple[Note, ...]) -> str:
    """Notes, one on each line."""
    return "".join(
        f"{note.level:<8}{note.what}{f' (line {note.line})' if note.line else ''}: {note.why}\n"
        for note in notes
    )


def golden(result: Taken | None, errors: list[str]) -> str:
    """All that became of a file: notes, errors of lint, and every file of ours."""
    if result is None:
        return "not recognised\n"
    parts = [told(result.notes), "".join(f"lint    {error}\n" for error in errors)]
    parts += [f"--- {path}\n{data.decode()}" for path, data in result.files.items()]
    return "\n".join(part for part in parts if part)
