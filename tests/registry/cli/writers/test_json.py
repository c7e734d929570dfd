from __future__ import annotations

import json

from registry.cli.writers.json import excused_json, findings_json, write_json, write_json_line
from registry.diagnostics import Diagnostic, Edit, Fix, Place
from registry.settings import LintException
from registry.validation.levels import Excused


def test_a_value_is_printed_as_json_with_letters_as_they_are(capsys) -> None:
    write_json({"a": "ä" * 200})
    out = capsys.readouterr().out
    assert json.loads(out) == {"a": "ä" * 200}
    assert "ä" in out


def test_a_line_is_one_line(capsys) -> None:
    write_json_line({"a": [1, 2], "b": "x\ny"})
    assert capsys.readouterr().out.count("\n") == 1


def test_a_finding_has_its_place_in_parts() -> None:
    finding = Diagnostic("VAR001", "error", Place("a.yaml", 7, 3), "No.", "Yes.")
    assert findings_json([finding]) == [
        {
            "code": "VAR001",
            "level": "error",
            "path": "a.yaml",
            "line": 7,
            "column": 3,
            "message": "No.",
            "hint": "Yes.",
        }
    ]


def test_a_finding_with_a_fix_tells_its_edits() -> None:
    fix = Fix("Write models/chat", (Edit("a.yaml", 7, 3, 7, 9, "models/chat"),), (("model",),))
    (told,) = findings_json([Diagnostic("REF001", "error", Place("a.yaml", 7, 3), "No.", "Yes.", fix)])
    edit = {"path": "a.yaml", "line": 7, "column": 3, "endLine": 7, "endColumn": 9, "text": "models/chat"}
    assert told["fix"] == {"title": "Write models/chat", "edits": [edit]}


def test_what_is_excused_tells_why_and_until_when() -> None:
    finding = Diagnostic("SEC001", "error", Place("a.yaml", 7, 3), "No.", "Yes.")
    excused = Excused(finding, LintException("SEC001", "**", "2027-03-01", "The form is replaced."))
    (told,) = excused_json([excused])
    assert told == {**findings_json([finding])[0], "reason": "The form is replaced.", "until": "2027-03-01"}
