from __future__ import annotations

import json

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from registry.cli.writers.json import (
    Each,
    excused_json,
    findings_json,
    write_json,
    write_json_line,
    write_json_stream,
)
from registry.diagnostics import Diagnostic, Edit, Fix, Place
from registry.settings import LintException
from registry.validation.levels import Excused


def test_a_value_is_printed_as_json_with_letters_as_they_are(capsys) -> None:
    write_json({"a": "ä" * 200})
    out = capsys.readouterr().out
    assert json.loads(out) == {"a": "ä" * 200}
    assert "ä" in out


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(st.characters(exclude_categories=["Cs"]), max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=8,
)


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(value=st.dictionaries(st.text(max_size=4), VALUES, max_size=4))
def test_a_value_that_is_made_while_it_is_written_reads_the_same_to_the_letter(capsys, value) -> None:
    def lazy(part):
        if isinstance(part, list):
            return Each(map(lazy, part))
        return {key: lazy(it) for key, it in part.items()} if isinstance(part, dict) else part

    if not any(isinstance(it, list) for it in value.values()):
        value = {**value, "last": []}
    write_json(value)
    plain = capsys.readouterr().out
    write_json_stream({key: lazy(it) if isinstance(it, list) else it for key, it in value.items()})
    assert capsys.readouterr().out == plain


def test_a_list_is_walked_once_and_item_by_item(capsys) -> None:
    held: list[int] = []

    def numbers():
        for number in range(5):
            held.append(number)
            yield {"n": number}

    write_json_stream({"a": 1, "all": Each(numbers()), "none": Each(())})
    told = json.loads(capsys.readouterr().out)
    assert told == {"a": 1, "all": [{"n": n} for n in held], "none": []}


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
