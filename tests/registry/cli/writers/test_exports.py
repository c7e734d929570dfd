"""What became of an export: one line for each file, and every note."""

from __future__ import annotations

from io import StringIO

from rich.console import Console

from registry.cli.style import _THEME
from registry.cli.writers.exports import export_json, write_exports
from registry.importing.export.port import Exported
from registry.importing.port import Note

EXPORTS = [
    ("support/a", Exported("a.prompty", "text", (Note("lost", "owner", "no [key]"),))),
    ("b", Exported("b.prompty", None, (Note("fault", "message 1", "has a loop", 3),))),
]


def test_a_person_sees_where_each_went_or_why_not() -> None:
    out = StringIO()
    write_exports(Console(file=out, theme=_THEME, width=200, highlight=False), EXPORTS, "prompty", "out")
    assert out.getvalue().splitlines() == [
        "wrote support/a → out/support/a.prompty",
        "    lost    owner: no [key]",
        "refused b: prompty cannot hold its messages",
        "    fault   message 1 (line 3): has a loop",
    ]


def test_json_has_the_text_only_where_it_goes_to_standard_output() -> None:
    first, second = export_json(EXPORTS, "-")
    assert (first["file"], first["text"], first["refused"]) == ("support/a.prompty", "text", False)
    assert (second["text"], second["refused"], second["notes"][0]["line"]) == (None, True, 3)
    assert export_json(EXPORTS, "out")[0]["text"] is None
