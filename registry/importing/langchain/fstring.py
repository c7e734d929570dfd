"""Python's format strings, as LangChain uses them, to Jinja2.

It must never format anything: a field is taken apart, and never looked up.
"""

from __future__ import annotations

import re
import string

from registry.importing.port import Note
from registry.importing.templates import pieces

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_INDEX = re.compile(r"\[([^\]]*)\]|\.([A-Za-z_]\w*)")


def fields(template: str) -> tuple[tuple[str, str | None, str, str], ...] | None:
    """Text, field, specification and conversion of each piece; None where it is no format string."""
    try:
        return tuple(
            (text, name, spec or "", conversion or "")
            for text, name, spec, conversion in string.Formatter().parse(template)
        )
    except ValueError:
        return None


def converted(template: str, where: str) -> tuple[str, tuple[Note, ...]]:
    """The template in Jinja2, and what prints otherwise; text as it stands where it is no format string."""
    parts = fields(template)
    if parts is None:
        why = "is no format string of Python: a brace stands alone; double it, { is written {{"
        return pieces.joined([pieces.text(template)]), (Note("fault", where, why),)
    notes: list[Note] = []
    out: list[pieces.Piece] = []
    for text, name, spec, conversion in parts:
        out.append(pieces.text(text))
        if name is not None:
            out.append(_field(name, spec, conversion, where, notes))
    return pieces.joined(out), tuple(dict.fromkeys(notes))


def _field(name: str, spec: str, conversion: str, where: str, notes: list[Note]) -> pieces.Piece:
    written = f"{{{name}{f'!{conversion}' if conversion else ''}{f':{spec}' if spec else ''}}}"
    first = _NAME.match(name)
    steps = name[first.end() :] if first else ""
    if first is None or "".join(found[0] for found in _INDEX.finditer(steps)) != steps:
        why = "names no variable, so Python refuses it too; it is text here"
        notes.append(Note("fault", f"{where}: {written}", why))
        return pieces.text(written)
    if spec or conversion:
        why = "formats the value; the value is printed as it is here, so the caller formats it"
        notes.append(Note("lost", f"{where}: {written}", why))
    inside = "".join(
        f".{found[2]}" if found[2] else f"[{found[1]}]" if found[1].isdigit() else f"[{found[1]!r}]"
        for found in _INDEX.finditer(steps)
    )
    return pieces.tag(f"{{{{ {first[0]}{inside} }}}}")
