"""Templates made of pieces, some plain text and some tags of ours.

It must never let a brace of the text and a brace of a tag grow together.
"""

from __future__ import annotations

from collections.abc import Iterable

from registry.importing.templates.literal import literal

Piece = tuple[bool, str]


def text(value: str) -> Piece:
    """A piece that prints as it stands."""
    return False, value


def tag(value: str) -> Piece:
    """A piece that is Jinja2 already."""
    return True, value


def joined(pieces: Iterable[Piece]) -> str:
    """The template of all pieces, one behind the other."""
    out: list[str] = []
    plain = ""
    for is_tag, value in pieces:
        if not is_tag:
            plain += value
            continue
        out += [_before_tag(plain), value]
        plain = ""
    return "".join([*out, literal(plain)])


def _before_tag(plain: str) -> str:
    """Text whose last brace would join the tag behind it."""
    return literal(f"{plain}{{")[:-1]
