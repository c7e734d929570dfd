from __future__ import annotations

import json

from registry.cli.writers.json import findings_json, write_json, write_json_line
from registry.diagnostics import Diagnostic, Place


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
