"""YAML as 1.2's core says, with places, and never a crash."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from registry.authoring.parse import read_yaml
from registry.diagnostics import Place

# JSON writes what lies beyond U+FFFF as two escapes, which YAML does not know
TEXT = st.text(st.characters(max_codepoint=0xFFFF, exclude_categories=["Cs"])).filter(
    lambda text: text != "<<"
)
KEY = TEXT.filter(lambda key: len(key) < 100)  # a key in YAML has 1,024 characters at most, escapes and all
PLAIN = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | TEXT,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(KEY, inner, max_size=4),
    max_leaves=12,
)


def read(text: str):
    document, findings = read_yaml("a.yaml", text.encode())
    assert findings == ()
    assert document is not None
    return document


def refused(text: str):
    document, findings = read_yaml("a.yaml", text.encode())
    assert document is None
    (finding,) = findings
    assert finding.hint
    return finding


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("no", "no"),
        ("Yes", "Yes"),
        ("on", "on"),
        ("2026-11-01", "2026-11-01"),
        ("12:30:45", "12:30:45"),
        ("1_000", "1_000"),
        ("true", True),
        ("FALSE", False),
        ("null", None),
        ("~", None),
        ("", None),
        ("0o17", 15),
        ("0x1F", 31),
        ("010", 10),
        ("-7", -7),
        (".5", 0.5),
        ("1e3", 1000.0),
        ("'1'", "1"),
        ('"null"', "null"),
        (".inf", ".inf"),
        (".nan", ".nan"),
        ("=", "="),
    ],
)
def test_scalars_are_read_as_yaml_1_2_core_says(written, value):
    found = read(f"key: {written}\n").data["key"]
    assert found == value
    assert type(found) is type(value)


@pytest.mark.parametrize(
    ("text", "code", "line", "column"),
    [
        ("a: &x 1\nb: 2\n", "YML002", 1, 4),
        ("a: 1\nb: *x\n", "YML002", 2, 4),
        ("a: !!python/object:os.system x\n", "YML002", 1, 4),
        ("a: {b: 1}\n<<: {c: 2}\n", "YML002", 2, 1),
        ("a: 1\nb:\n  c: 1\n  c: 2\n", "YML003", 4, 3),
        ("? [a]\n: 1\n", "YML004", 1, 3),
        ("a: 1e999\n", "YML004", 1, 4),
        ("a: 1\n---\nb: 2\n", "YML005", 2, 1),
        ("a: [1\nb: 2\n", "YML001", 2, 2),
        ("[" * 60 + "]" * 60, "YML006", 1, 42),
    ],
)
def test_cleverness_is_refused_with_its_place(text, code, line, column):
    finding = refused(text)
    assert finding.code == code
    assert finding.place == Place("a.yaml", line, column)


def test_prose_that_left_its_text_block_is_told_so():
    finding = refused("a:\n  content: |\n    One.\n  Two.\n")
    assert finding.code == "YML001"
    assert finding.place.line in (4, 5)
    assert "text block" in finding.hint


def test_bytes_that_are_not_text_are_a_finding():
    document, (finding,) = read_yaml("a.yaml", b"a: \xff\xfe")
    assert document is None
    assert finding.code == "YML001"
    assert finding.place == Place("a.yaml", 1, 4)
    assert refused("a: \x07").code == "YML001"
    assert refused("a: é\nb: é\x07").place == Place("a.yaml", 2, 5)


def test_a_tab_that_indents_is_named():
    finding = refused("a:\n\t- b\n")
    assert (finding.code, finding.place) == ("YML001", Place("a.yaml", 2, 1))
    assert "tab" in finding.message
    assert "spaces" in finding.hint
    assert "tab" not in refused("a: [1\nb: 2\n").message


def test_a_file_of_nine_mebibytes_is_a_finding():
    document, (finding,) = read_yaml("a.yaml", b"#" * (9 * 2**20))
    assert document is None
    assert finding.code == "YML006"


def test_every_step_has_its_place():
    document = read("name: x\ncases:\n  - id: one\n    inputs: {a: 1, b: 2}\n  - id: two\n")
    assert document.place() == Place("a.yaml", 1, 1)
    assert document.place("name") == Place("a.yaml", 1, 1)
    assert document.place("cases", 0, "inputs", "b") == Place("a.yaml", 4, 20)
    assert document.place("cases", 1) == Place("a.yaml", 5, 5)


def test_what_is_missing_has_the_place_of_what_is_around_it():
    document = read("cases:\n  - id: one\n")
    assert document.place("cases", 0, "inputs", "a") == Place("a.yaml", 2, 5)
    assert document.place("nothing") == document.place()


def test_a_line_of_a_text_block_has_its_own_place():
    document = read("a:\n  content: |\n    One\n      two\n  quoted: 'x'\n")
    assert document.place_in_text(("a", "content"), 2) == Place("a.yaml", 4, 7)
    assert document.place_in_text(("a", "quoted"), 1) == Place("a.yaml", 5, 3)


def test_an_empty_file_is_an_empty_document():
    assert read("").data is None
    assert read("# nothing\n").place().line == 1


@given(PLAIN)
def test_a_json_document_reads_as_the_same_value(value):
    document, findings = read_yaml("a.yaml", json.dumps(value, allow_nan=False).encode())
    assert document is not None, findings
    assert document.data == value


@given(st.text() | st.text(alphabet="ab:- \n\t#'\"{}[],&*!|>?%@`~01.e"))
def test_any_text_is_a_document_or_a_finding(text):
    document, findings = read_yaml("a.yaml", text.encode("utf-8", "surrogatepass"))
    assert (document is None) == bool(findings)


@given(st.binary(max_size=200))
def test_any_bytes_are_a_document_or_a_finding(data):
    document, findings = read_yaml("a.yaml", data)
    assert (document is None) == bool(findings)


@pytest.mark.parametrize("odd", ["\u2028", "\u2029", "\x85", "\r"])
@pytest.mark.parametrize("lead", ["", "\ufeff"])
def test_lines_are_counted_as_editors_count_them(odd, lead):
    text = f'{lead}a: "x{odd}{odd}y"\nb: |\n  x{odd}  y\n  z\nc: {{d: 1}}\n'
    document, _ = read_yaml("a.yaml", text.encode())
    assert document is not None
    assert document.place("b") == Place("a.yaml", 2, 1)
    assert document.place("c") == Place("a.yaml", 5, 1)
    assert document.place("c", "d") == Place("a.yaml", 5, 5)


@pytest.mark.parametrize(
    ("text", "signs"),
    [
        ("a: one\nb: 'two words'\nc: [1, 2.5, true]\nd: |\n  text\ne: x\n", set()),
        ("a:\n", {"null"}),
        ("a: {b, c: ~}\n", {"null"}),
        ("a: one\n  two\n", {"folded"}),
        ("a: 'one\n  two'\n", set()),
        ("a: 007\n", {"numeral"}),
        ("- 1.50\n- 1e5\n", {"numeral"}),
        ("a: |\n  text\nBe brief: yes\n", {"below block"}),
        ("a: |\n  text\nours: yes\n", set()),
    ],
)
def test_the_signs_say_what_the_values_came_from(text, signs):
    assert read(text).signs == signs


def test_a_document_without_signs_may_hold_anything():
    document = read("a: 1\n")
    assert not document.may_hold("null", "folded")
    assert replace(document, signs=None).may_hold("null")


def test_marks_can_be_gone_through_in_the_order_of_the_file():
    document = read("a:\n  - b: 1\n  - c\nd: |\n  text\n")
    steps = [(), ("a",), ("a", 0), ("a", 0, "b"), ("a", 1), ("d",)]
    assert list(document.marks) == steps
    assert len(document.marks) == len(steps)
    assert [mark.line for mark in document.marks.values()] == [1, 1, 2, 2, 3, 4]
    assert [each for each in steps if document.marks[each].block] == [("d",)]
    assert ("a", 0, "b", "x") not in document.marks
    assert ("a", "b") not in document.marks
    assert document.marks.get(("a", 2)) is None
