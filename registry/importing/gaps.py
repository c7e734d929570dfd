"""What in a plain text looks as if something were to be filled in there.

Every tool writes its variables otherwise, and many texts hold braces that mean nothing; so none of this is taken
for a variable, and each is told.
It must never change the text.
"""

from __future__ import annotations

import re

from registry.importing.port import Note

_TOOLS = re.compile(r"\$\{[A-Za-z_][^}\n]{0,60}\}|\$(?:ARGUMENTS|[A-Z][A-Z_]{2,40})\b")
_POSITIONS = re.compile(r"\$[1-9]\b")
_BRACES = re.compile(r"(?<![{$\w\\])\{[A-Za-z_][A-Za-z0-9_]{0,40}\}(?!\})")
_CODE = re.compile(r"\{\{(?!\s*[A-Za-z0-9_.-]+\s*\}\})[^{}\n]{1,80}\}\}|\{%.{0,80}?%\}")
_ANGLES = re.compile(r"<([A-Za-z][A-Za-z0-9]*(?:[ _-][A-Za-z0-9]+)*)>")
_CLOSINGS = re.compile(r"</([A-Za-z][A-Za-z0-9]*(?:[ _-][A-Za-z0-9]+)*)")
_HTML = frozenset((
    "a", "b", "br", "code", "div", "em", "hr", "i", "img", "li", "ol", "p", "pre", "span", "td", "tr", "ul",
))  # fmt: skip
_SHOWN = 5


def unfilled(text: str, first_line: int, *, numbered: bool = False) -> list[Note]:
    """A note for each kind of gap in a text, with the first few of it.

    Args:
        text: the text.
        first_line: the line that it begins on in its file.
        numbered: whether ``$1`` is one, as in the commands of some editors.
    """
    kinds = [(_TOOLS, "a variable of its own tool"), (_BRACES, "a variable"), (_CODE, "a template's code")]
    if numbered:
        kinds.insert(0, (_POSITIONS, "an argument of a command"))
    notes = [_told(text, first_line, what, list(pattern.finditer(text))) for pattern, what in kinds]
    notes.append(_told(text, first_line, "a gap to fill in", _unclosed(text)))
    return [note for note in notes if note is not None]


def _unclosed(text: str) -> list[re.Match[str]]:
    """Words in angle brackets that are no markup: nothing closes them."""
    closed = set(_CLOSINGS.findall(text))
    return [
        found for found in _ANGLES.finditer(text) if found[1] not in closed and found[1].lower() not in _HTML
    ]


def _told(text: str, first_line: int, what: str, found: list[re.Match[str]]) -> Note | None:
    if not found:
        return None
    texts = list(dict.fromkeys(match[0] for match in found))
    more = f" and {len(texts) - _SHOWN} more" if len(texts) > _SHOWN else ""
    why = f"looks like {what} and is text here; write {{{{ name }}}} where a caller fills something in"
    line = first_line + text.count("\n", 0, found[0].start())
    return Note("lost", f"{', '.join(texts[:_SHOWN])}{more}", why, line)
