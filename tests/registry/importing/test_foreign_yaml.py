"""YAML of other tools: what PyYAML or a JavaScript tool reads, bounded, with every surprise told."""

from __future__ import annotations

import json

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from registry.importing import foreign_yaml
from registry.importing.foreign_yaml import load_foreign
from serve.core.model import Json

TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=30)
PLAIN = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | TEXT,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXT, inner, max_size=4),
    max_leaves=15,
)


def read(text: str | bytes, **options) -> tuple[Json, list[tuple[str, str, int | None]]]:
    value, notes = load_foreign("a.yaml", text.encode() if isinstance(text, str) else text, **options)
    return value, [(note.level, note.what, note.line) for note in notes]


@pytest.mark.parametrize(
    ("written", "as_python", "as_javascript"),
    [
        ("no", False, "no"), ("On", True, "On"), ("yes", True, "yes"), ("true", True, True), ("NULL", None, None),
        ("010", 8, 10), ("0o10", "0o10", 8), ("1_000", 1000, "1_000"), ("12:30:45", 45045, "12:30:45"),
        ("1e3", "1e3", 1000.0), ("1.5e+3", 1500.0, 1500.0), (".5", 0.5, 0.5), ("0x1f", 31, 31), ("-7", -7, -7),
        ("2024-01-31", "2024-01-31", "2024-01-31"), ("2024-01-31 10:00:00", "2024-01-31 10:00:00", "2024-01-31 10:00:00"),
        ("=", "=", "="), ("<<", "<<", "<<"), ('"no"', "no", "no"),
    ],
)  # fmt: skip
def test_a_scalar_is_what_the_formats_own_tool_reads(
    written: str, as_python: Json, as_javascript: Json
) -> None:
    assert read(f"- {written}", flavour="1.1") == ([as_python], [])
    assert read(f"- {written}", flavour="1.2") == ([as_javascript], [])


def test_aliases_and_merge_keys_are_written_out_and_told() -> None:
    text = "base: &b {a: 1, b: 2}\nmade:\n  b: 3\n  <<: *b\nmore: [*b, *b]\n"
    value, notes = read(text)
    assert value == {"base": {"a": 1, "b": 2}, "made": {"a": 1, "b": 3}, "more": [{"a": 1, "b": 2}] * 2}
    assert notes == [("changed", "anchors", None)]


def test_what_an_alias_gives_is_a_value_of_its_own() -> None:
    value, _ = load_foreign("a", b"a: &x [1]\nb: *x\n")
    value["b"].append(2)
    assert value["a"] == [1]


@pytest.mark.parametrize("text", ["<<: [{a: 1}, {a: 2, b: 3}]\nc: 4", "c: 4\n<<: [{a: 1}, {a: 2, b: 3}]"])
def test_of_merged_mappings_the_first_one_wins_and_the_own_keys_over_all(text: str) -> None:
    value, _ = read(text)
    assert value == {"a": 1, "b": 3, "c": 4}
    assert value == yaml.safe_load(text)


@pytest.mark.parametrize(
    ("text", "what", "line"),
    [
        ("a: 1\na: 2\n", "a", 2),
        ("a: {b: !env X}\n", "a.b", 1),
        ("a:\n  - !!python/object:os.system {}\n", "a[0]", 2),
        ("a: 1\n---\nb: 2\n", "second document", 2),
        ("? [1, 2]\n: x\n", "the file", 1),
        ("<<: 5\n", "<<", 1),
    ],
)
def test_a_fault_is_told_with_its_line_and_the_rest_is_read(text: str, what: str, line: int) -> None:
    value, notes = read(text)
    assert value is not None
    assert ("fault", what, line) in notes


def test_a_tag_leaves_null_behind_and_core_tags_are_followed() -> None:
    text = "a: !env X\nb: !!str 5\nc: !!int '7'\nd: !!float 3\ne: !!seq [1]\nf: ! 5\n"
    assert read(text)[0] == {"a": None, "b": "5", "c": 7, "d": 3.0, "e": [1], "f": "5"}


@pytest.mark.parametrize(
    "text",
    ["a: [1", "a: *nowhere", "a: &a [*a]", "a: b: c", "\t- a", "a: \x07", b"\xff\xfe",
     "[" * 200 + "]" * 200, "{" + '"a":[' * 99 + "]" * 99 + "}"],
)  # fmt: skip
def test_what_cannot_be_read_is_one_fault(text: str | bytes) -> None:
    value, notes = read(text)
    assert value is None
    assert [(level, what) for level, what, _ in notes] == [("fault", "a.yaml")]


def test_aliases_of_aliases_are_stopped_at_the_bound() -> None:
    rows = ["a: &a [x, x, x, x, x, x, x, x, x, x]"]
    rows += [
        f"{new}: &{new} [{', '.join([f'*{old}'] * 10)}]"
        for old, new in zip("abcdefgh", "bcdefghi", strict=True)
    ]
    value, notes = load_foreign("bomb", "\n".join(rows).encode())
    assert value is None
    assert "grows too large" in notes[0].why


def test_a_file_over_the_limit_is_not_read() -> None:
    value, notes = load_foreign("big", b"a: " + b"x" * foreign_yaml.LIMIT)
    assert value is None
    assert "8 MiB" in notes[0].why


def test_comments_are_told_and_words_to_an_editor_are_not() -> None:
    text = "# yaml-language-server: $schema=x\n# why\na: '# no'  # yes\nb: |\n  # text\nc: a#b\n"
    value, notes = load_foreign("a", text.encode())
    assert value == {"a": "# no", "b": "# text\n", "c": "a#b"}
    assert [(note.what, note.line) for note in notes] == [("comments", 2)]
    assert "2 comments" in notes[0].why


def test_lines_count_from_where_the_text_stands_in_its_file() -> None:
    assert read("a: 1\na: 2\n", first_line=5)[1] == [("fault", "a", 6)]


@pytest.mark.parametrize(
    ("text", "value"), [('{"a": "\\ud83d\\ude00"}', {"a": "😀"}), ("[1, 2]", [1, 2]), ("{a: b}", {"a": "b"})]
)
def test_json_is_read_by_json_s_own_rules(text: str, value: Json) -> None:
    assert read(text) == (value, [])


def test_a_doubled_key_in_json_is_told() -> None:
    assert read('{"a": 1, "a": 2}') == ({"a": 2}, [("fault", "a", None)])


def test_endless_numbers_stay_text() -> None:
    value, notes = read("a: .inf\nb: -.INF\nc: .nan\n", flavour="1.1")
    assert value == {"a": ".inf", "b": "-.INF", "c": ".nan"}
    assert [level for level, _, _ in notes] == ["changed"] * 3


@given(PLAIN)
def test_what_json_writes_is_read_back(value: Json) -> None:
    assert load_foreign("a", json.dumps([value]).encode())[0] == [value]


@given(
    st.recursive(
        st.text("abc é", min_size=1, max_size=9),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(st.text("abc", min_size=1, max_size=3), inner, max_size=3)
        ),
    )
)
def test_what_pyyaml_writes_is_read_back_as_pyyaml_reads_it(value: Json) -> None:
    text = yaml.safe_dump({"value": [value, value]}, allow_unicode=True)
    assert load_foreign("a", text.encode(), flavour="1.1")[0] == yaml.safe_load(text)


@given(
    st.binary(max_size=200) | st.text("ab:-&*!<>[]{}#|'\" \n?", max_size=120).map(str.encode),
    st.sampled_from(["1.1", "1.2"]),
)
def test_any_bytes_give_a_plain_value_or_a_fault(data: bytes, flavour: foreign_yaml.Flavour) -> None:
    value, notes = load_foreign("a", data, flavour=flavour)
    json.dumps(value, allow_nan=False)
    assert value is None or all(isinstance(note.why, str) for note in notes)
