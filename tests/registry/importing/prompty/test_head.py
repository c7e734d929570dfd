"""The head of a Prompty file, with all that lies above, beside and under it."""

import pytest
from support.imported import foreign

from registry.importing.prompty.head import head_of, rows_of


def head(text: str, **siblings: bytes):
    return head_of(foreign("a.prompty", text, **siblings), text)


@pytest.mark.parametrize("above", ["", "\n\n", "   \n", "# a comment\n", "<!-- licence -->\n\n", "\ufeff"])
@pytest.mark.parametrize("fence", ["---", "--- ", "  ---", "----"])
def test_a_head_begins_below_blanks_and_comments(above, fence):
    found = head(f"{above}{fence}\nname: A\n{fence}\nuser:\nhi")
    assert found.values == {"name": "A"}
    assert found.body.strip() == "user:\nhi"
    assert found.body_line == 4 + above.count("\n")


@pytest.mark.parametrize("text", ["user:\nhi\n---\nmore", "# system:\nhi\n---\nmore\n---\n"])
def test_a_ruler_in_a_text_is_no_head(text):
    found = head(text)
    assert found.values == {}
    assert found.body == text


def test_a_head_that_never_ends_is_a_fault():
    found = head("---\nname: A\nuser:\nhi")
    assert not found.closed
    assert [note.level for note in found.notes] == ["fault"]


def test_references_are_followed_into_the_folder_and_nowhere_else():
    found = head(
        "---\na: ${file:x.json}\nb: [file:t.txt]\nc: ${file:../no.json}\nd: ${env:HOME}\n---\nhi",
        x__json=b"[1]",
        t__txt=b"text",
    )
    assert found.values == {"a": [1], "b": ["text"], "c": None, "d": "${env:HOME}"}
    assert [note.level for note in found.notes] == ["fault"]


def test_a_base_is_laid_under_key_by_key():
    base = b"---\ndescription: D\nmodel: {api: chat, parameters: {temperature: 0, seed: 1}}\nsample: {a: 1}\n---\nbase body"
    found = head(
        "---\nbase: b.prompty\nmodel: {parameters: {seed: 2}}\nsample: {b: 2}\n---\nbody", b__prompty=base
    )
    assert found.values["description"] == "D"
    assert found.values["model"] == {"api": "chat", "parameters": {"temperature": 0, "seed": 2}}
    assert found.values["sample"] == {"a": 1, "b": 2}
    assert found.base.strip() == "base body"


def test_a_base_that_names_itself_ends():
    found = head("---\nbase: b.prompty\n---\nbody", b__prompty=b"---\nbase: b.prompty\nname: B\n---\nx")
    assert found.values["name"] == "B"


@pytest.mark.parametrize(
    ("sample", "rows"),
    [
        ({"a": 1}, [{"a": 1}]),
        ([{"a": 1}, {"a": 2}], [{"a": 1}, {"a": 2}]),
        ("s.jsonl", [{"a": 3}]),
        (None, []),
        (7, []),
        ("words", []),
    ],
)
def test_a_sample_is_rows_of_values(sample, rows):
    notes = []
    file = foreign("a.prompty", "", s__jsonl=b'{"a": 3}\nnot json\n')
    assert rows_of(sample, file, notes) == rows
    assert bool(notes) == (sample in (7, "words"))
