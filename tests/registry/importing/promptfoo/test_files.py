"""A config's files are read below the imported folder, and nothing else is run, fetched or followed."""

from __future__ import annotations

import pytest

from registry.importing.port import Foreign
from registry.importing.promptfoo.files import Files, References, path_of


def _files(**held: bytes) -> Files:
    named = {name.replace("__", "/").replace("_dot_", "."): data for name, data in held.items()}
    return Files(Foreign("promptfooconfig.yaml", b"", named.get))


@pytest.mark.parametrize(
    ("reference", "path"),
    [
        ("file://a/b.txt", "a/b.txt"),
        ("a/b.txt", "a/b.txt"),
        ("file://make.py:function", "make.py"),
        ("file://make.mjs:name.inner", "make.mjs"),
    ],
)
def test_a_reference_names_a_path(reference: str, path: str) -> None:
    assert path_of(reference) == path


@pytest.mark.parametrize(
    ("reference", "why"),
    [
        ("file://run.py:main", "is code"),
        ("file://x.ts", "is code"),
        ("file:///etc/passwd", "outside"),
        ("file://tests/*.yaml", "pattern"),
        ("https://docs.example/sheet", "elsewhere"),
        ("huggingface://datasets/x", "elsewhere"),
        ("file://a.xlsx", "spreadsheet"),
    ],
)
def test_what_is_not_read_is_lost_with_its_reason(reference: str, why: str) -> None:
    files = _files()
    assert files.text(reference, "tests") is None
    assert [(note.level, why in note.why) for note in files.notes] == [("lost", True)]


def test_a_file_that_is_not_there_is_a_fault() -> None:
    files = _files()
    assert files.value("file://a.yaml", "tests") is None
    assert [note.level for note in files.notes] == ["fault"]


def test_values_are_read_by_their_kind() -> None:
    files = _files(
        a_dot_yaml=b"x: [1, on]\n",
        b_dot_json=b'{"y": 2}',
        c_dot_jsonl=b'{"z": 3}\n\n',
        d_dot_csv=b"p,q\n1,2\n",
    )
    assert files.value("file://a.yaml", "") == {"x": [1, "on"]}
    assert files.value("b.json", "") == {"y": 2}
    assert files.value("c.jsonl", "") == [{"z": 3}]
    assert files.value("./d.csv", "") == [{"p": "1", "q": "2"}]
    assert files.notes == []


def test_a_reference_into_the_config_is_put_in_place_with_what_stands_beside_it() -> None:
    config = {"templates": {"a": {"type": "contains", "value": "x"}}}
    references = References(config)
    assert references.resolved([{"$ref": "#/templates/a", "weight": 2}]) == [
        {"type": "contains", "value": "x", "weight": 2}
    ]
    assert references.resolved({"$ref": "#/templates/none"}) == {"$ref": "#/templates/none"}
