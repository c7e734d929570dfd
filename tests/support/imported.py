"""What a test of an importer needs: a foreign file in memory, and what became of it as text to compare."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from pathlib import Path

from hypothesis import strategies as st

from registry.authoring.catalog import load
from registry.authoring.tree import FolderTree
from registry.importing.collect import Taken, collect
from registry.importing.gather import Gathered, gather
from registry.importing.listing import matching
from registry.importing.overlay import OverlaidTree
from registry.importing.port import Foreign, Imported, Note, Reader
from registry.release.findings import findings_of
from registry.settings import Settings

IMPORTING = Path(__file__).parents[1] / "registry/importing"


def corpus(name: str) -> list[Path]:
    """The files of a format's corpus."""
    found = (place for place in (IMPORTING / "corpus" / name).iterdir() if place.is_file())
    return sorted(found, key=lambda place: place.name)


def file_at(place: Path) -> Foreign:
    """A file on disk, with what lies beside it."""
    return gather(place).files[0]


def file_within(place: Path, name: str) -> Foreign:
    """A file on disk by another name, which sees all that lies in its folder and below, and nothing else."""
    folder = place.parent

    def sibling(name: str) -> bytes | None:
        if "\x00" in name:
            return None
        beside = (folder / name).resolve()
        return beside.read_bytes() if beside.is_file() and folder in beside.parents else None

    names = [path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()]
    return Foreign(name, place.read_bytes(), sibling, lambda pattern: matching(names, "", pattern))


@st.composite
def damaged(
    draw: st.DrawFn, places: Sequence[Path], middles: Sequence[bytes] = (), longest: int = 12
) -> tuple[Path, bytes]:
    """A file of a corpus, and its bytes with a hole that other bytes, or one of the given pieces, fill."""
    place = draw(st.sampled_from(places))
    whole = place.read_bytes()
    at = draw(st.integers(0, len(whole)))
    cut = draw(st.integers(0, longest))
    middle = draw(st.sampled_from(middles) if middles else st.binary(max_size=6))
    return place, whole[:at] + middle + whole[at + cut :]


def is_told(imported: Imported) -> bool:
    """True when there is something of ours, or a report that says why not."""
    return bool(imported.entries) or any(note.level == "fault" for note in imported.notes)


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
