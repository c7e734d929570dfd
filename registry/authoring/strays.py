"""What the content folder holds and nothing reads: slips in names, links, repositories within.

Whatever is passed over in silence is missing from a release without anyone knowing why.
It must never read a file: names alone are looked at.
"""

from __future__ import annotations

import difflib
import re
import unicodedata
from collections.abc import Iterable, Iterator

from registry.authoring.kinds import KINDS, kind_of
from registry.authoring.tree import PassedOver
from registry.diagnostics import Diagnostic, Level, Place

_ID = re.compile(r"(?=.{1,80}\Z)[A-Za-z0-9][A-Za-z0-9._-]*(/[A-Za-z0-9][A-Za-z0-9._-]*)*\Z")
_WHY = {
    "link": (
        "FIL003",
        "{} is a link, and links are not followed, so nothing reads it.",
        "Put the file itself here; text that several prompts share is a partial: {% include %}.",
    ),
    "repository": (
        "FIL006",
        "{} is a repository of its own (a submodule), so its files are in no commit of this one.",
        "Copy its files in (git subtree does), or move it out of the content folder.",
    ),
}


def can_be_id(name: str) -> bool:
    """True for what a release can carry as an id."""
    return _ID.fullmatch(name) is not None


def odd_id(path: str) -> Diagnostic:
    """A name that a release cannot carry: its readers refuse what a file system somewhere might not hold."""
    message = "The path cannot be an id: it has other letters than ids have, or is too long."
    hint = "Use a-z, A-Z, 0-9, dots, dashes and underscores, each part beginning with a letter or digit; 80 at most."
    return Diagnostic("FIL002", "error", Place(_shown(path)), message, hint)


def same_id(path: str, other: str, entry_id: str) -> Diagnostic:
    """A second file for an id that is taken; ``other`` is the file that counts."""
    message = f"{_name(other)} has the id {entry_id} too, so this file is left out."
    return Diagnostic("FIL005", "error", Place(path), message, "Rename one of the two, or remove it.")


def no_text(path: str) -> Diagnostic | None:
    """A name whose bytes are no UTF-8, which no file could name and no report could show."""
    if path.isascii() or _shown(path) == path:
        return None
    message = "The file's name is not UTF-8 text, so nothing can name it."
    return Diagnostic("FIL002", "error", Place(_shown(path)), message, "Rename it with plain letters.")


def in_lfs(path: str) -> Diagnostic:
    """A file of ours of which only a pointer is here: Git objects, which releases are cut from, never hold the rest."""
    message = "Only a Git LFS pointer lies here, so nothing can read the file."
    hint = "Keep text out of Git LFS: correct .gitattributes, then git add --renormalize it."
    return Diagnostic("FIL008", "error", Place(path), message, hint)


def in_pieces(path: str) -> Iterator[Diagnostic]:
    """A name spelt so that typing it on another machine does not find it."""
    if not path.isascii() and not unicodedata.is_normalized("NFC", path):
        message = (
            "The name holds letters in pieces (Unicode NFD), so the same name typed on a keyboard is another."
        )
        yield Diagnostic(
            "FIL007", "warning", Place(path), message, "Rename it with whole letters (Unicode NFC)."
        )


def odd_suffix(path: str) -> Iterator[Diagnostic]:
    """A YAML file that looks like one of ours but is not: most often a slip of the pen."""
    if not path.endswith((".yaml", ".yml")):
        return
    parts = _name(path).split(".")
    known = [kind.name for kind in KINDS]
    meant = difflib.get_close_matches(parts[-2] if len(parts) > 2 else "", known, 1, 0.6)
    advice = (
        f"Did you mean {'.'.join(parts[:-2])}.{meant[0]}.yaml?"
        if meant
        else f"Name it {parts[0]}.prompt.yaml (or .model, .suite, …), or move it out of the content folder."
    )
    message = f"{_shown(_name(path))} has none of the known suffixes, so nothing reads it."
    yield Diagnostic("FIL001", "warning", Place(_shown(path)), message, advice)


def passed_over(found: Iterable[PassedOver]) -> Iterator[Diagnostic]:
    """What a tree does not hand out; a link with a suffix of ours is an error, since an entry is missing."""
    for each in found:
        code, message, hint = _WHY[each.why]
        level: Level = "error" if kind_of(each.path) else "warning"
        place = Place(_shown(each.path))
        yield Diagnostic(code, level, place, message.format(_name(place.path)), hint)


def _name(path: str) -> str:
    return path.rsplit("/", 1)[-1]


def _shown(path: str) -> str:
    """A path that can be printed: bytes that are no UTF-8 come as escapes."""
    return path.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")
