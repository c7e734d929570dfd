from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from registry.evaluation.dataset import Row, RowError, read_rows


def test_json_lines_keep_their_types_and_their_line_numbers() -> None:
    rows = list(read_rows("a.jsonl", b'\xef\xbb\xbf{"n": 1}\r\n\n{"n": [2]}\n'))
    assert [(row.line, row.values) for row in rows] == [(1, {"n": 1}), (3, {"n": [2]})]


def test_csv_cells_are_text_and_may_span_lines() -> None:
    rows = list(read_rows("a.csv", b'text,team\r\n"one, or\ntwo",billing\r\n\r\nthree,cards\r\n'))
    assert [row.values for row in rows] == [
        {"text": "one, or\ntwo", "team": "billing"},
        {"text": "three", "team": "cards"},
    ]
    assert [row.line for row in rows] == [3, 5]


@pytest.mark.parametrize(
    ("path", "data", "line", "words"),
    [
        ("a.jsonl", b'{"a": 1}\n{"a": }\n', 2, "not JSON"),
        ("a.jsonl", b"[1]\n", 1, "not a JSON object"),
        ("a.jsonl", b'{"a": 1}\n\xff\n', 2, "not UTF-8"),
        ("a.jsonl", b'{"a": 1, "a": 2}\n', 1, "stands twice"),
        ("a.jsonl", b'{"a": ["x\\ud800"]}\n', 1, "half a character"),
        ("a.csv", b"a,b\n1\n", 2, "1 cells, the header 2"),
        ("a.csv", b"a,a\n1,2\n", 1, "different name"),
        ("a.csv", b'a\n"b', 2, "not CSV"),
        ("a.csv", b"a\n" + b"x" * 200_000, 2, "not CSV"),
    ],
)
def test_a_row_that_cannot_be_read_is_named_by_its_line(
    path: str, data: bytes, line: int, words: str
) -> None:
    with pytest.raises(RowError) as caught:
        list(read_rows(path, data))
    assert caught.value.line == line
    assert words in caught.value.problem


def test_slots_are_filled_and_a_slot_alone_keeps_its_type() -> None:
    row = Row(1, {"team": "billing", "n": 3, "list": [1]})
    template = {
        "json": {"path": "$.team", "equals": "{{ team }}"},
        "max": "{{n}}",
        "text": "{{ team }}: {{ n }} {{ list }}",
    }
    assert row.fill(template) == {
        "json": {"path": "$.team", "equals": "billing"},
        "max": 3,
        "text": "billing: 3 [1]",
    }


def test_what_a_row_holds_is_never_filled_again() -> None:
    assert Row(1, {"a": "{{ b }}", "b": "secret"}).fill(["x {{ a }}"]) == ["x {{ b }}"]


def test_a_slot_without_a_column_names_those_that_are_there() -> None:
    with pytest.raises(RowError, match="the row has no temas; it has team"):
        Row(1, {"team": 1}).fill("{{ temas }}")


@given(st.binary(max_size=200), st.sampled_from(["a.csv", "a.jsonl"]))
def test_no_bytes_can_crash_the_reader(data: bytes, path: str) -> None:
    lines: list[int] = []
    try:
        lines += [row.line for row in read_rows(path, data)]
    except RowError as error:
        lines.append(error.line)
    assert all(line >= 1 for line in lines)
