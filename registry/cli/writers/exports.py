"""What became of an export: each file with what stays behind, or why there is none.

It must never mix a word into the exported text.
"""

from __future__ import annotations

import posixpath
from collections.abc import Sequence

from rich.console import Console
from rich.text import Text

from registry.importing.export.port import Exported
from serve.core.model import Json

_STYLES = {"changed": "info", "lost": "warning", "fault": "error"}


def write_exports(console: Console, exports: Sequence[tuple[str, Exported]], form: str, out: str) -> None:
    """Print one line for each file, and its notes below it."""
    for name, it in exports:
        if it.text is None:
            head = Text.assemble(("refused ", "error"), (name, "path"), f": {form} cannot hold its messages")
        else:
            place = "" if out == "-" else posixpath.join(out, posixpath.dirname(name), it.name)
            head = Text.assemble(("wrote ", "good"), (name, "path"), f" → {place}" if place else "")
        console.print(head, soft_wrap=True)
        for note in it.notes:
            line = f" (line {note.line})" if note.line else ""
            words = Text.assemble(
                "    ", (f"{note.level:<8}", _STYLES[note.level]), f"{note.what}{line}: {note.why}"
            )
            console.print(words, soft_wrap=True)


def export_json(exports: Sequence[tuple[str, Exported]], out: str) -> Json:
    """The same as one JSON value; the text itself where it goes to standard output."""
    return [
        {
            "prompt": name,
            "file": posixpath.join(posixpath.dirname(name), it.name),
            "refused": it.text is None,
            "text": it.text if out == "-" else None,
            "notes": [
                {"level": note.level, "what": note.what, "why": note.why, "line": note.line}
                for note in it.notes
            ],
        }
        for name, it in exports
    ]
