from __future__ import annotations

import json
from pathlib import Path

import pytest

from registry.authoring.resources import SCHEMAS, schema_text


def test_all_schemas_are_listed_with_their_files(run, told) -> None:
    listed = run("schema").stdout.splitlines()
    assert [line.split()[:2] for line in listed] == [list(row) for row in SCHEMAS.items()]
    assert {row["kind"]: row["file"] for row in told("schema")} == dict(SCHEMAS)


@pytest.mark.parametrize("kind", SCHEMAS)
def test_a_schema_is_printed_byte_for_byte(run, kind: str) -> None:
    assert run("schema", kind).stdout == schema_text(SCHEMAS[kind])


def test_all_are_written_and_then_up_to_date(run, tmp_path: Path, monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert run("schema", "--check", "s", code=1).stdout.splitlines()[0].split() == [
        "missing",
        "s/prompt.schema.json",
    ]
    assert len(run("schema", "--write", "s").stdout.splitlines()) == len(SCHEMAS)
    assert {place.name: place.read_text() for place in (tmp_path / "s").iterdir()} == {
        name: schema_text(name) for name in SCHEMAS.values()
    }
    assert run("schema", "--check", "s").stderr == f"{len(SCHEMAS)} up to date\n"
    assert run("schema", "--write", "s").stdout == ""


def test_an_older_schema_is_found_and_replaced_and_others_are_left_alone(
    run, told, tmp_path: Path, monkeypatch
) -> None:
    monkeypatch.chdir(tmp_path)
    run("schema", "--write", "s")
    older = json.dumps({"$id": "tool.schema.json", "title": "of old"})
    (tmp_path / "s/tool.schema.json").write_text(older)
    before = (tmp_path / "s/suite.schema.json").stat().st_mtime_ns
    assert run("schema", "--check", "s", code=1).stdout.split() == ["other", "s/tool.schema.json"]
    assert told("schema", "--check", "s", code=1)["files"]["tool.schema.json"] == "other"
    assert (tmp_path / "s/tool.schema.json").read_text() == older
    assert told("schema", "--write", "s")["written"] == ["tool.schema.json"]
    assert (tmp_path / "s/tool.schema.json").read_text() == schema_text("tool.schema.json")
    assert (tmp_path / "s/suite.schema.json").stat().st_mtime_ns == before


def test_one_kind_is_kept_alone(run, tmp_path: Path, monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)
    run("schema", "tool", "--write", "s")
    assert [place.name for place in (tmp_path / "s").iterdir()] == ["tool.schema.json"]
    run("schema", "tool", "--check", "s")


@pytest.mark.parametrize("text", ["{}", "mine", '{"$id": "else"}', "[1]", b"\xff"])
def test_a_file_that_is_none_of_ours_is_never_overwritten(
    error_of, tmp_path: Path, monkeypatch, text
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "s").mkdir()
    data = text if isinstance(text, bytes) else text.encode()
    (tmp_path / "s/tool.schema.json").write_bytes(data)
    assert "SCM002" in error_of(2, ["schema", "--write", "s"])
    assert [place.read_bytes() for place in (tmp_path / "s").iterdir()] == [data]


@pytest.mark.parametrize("words", [["--write", "a", "--check", "a"], ["--write", "file"]])
def test_what_makes_no_sense_is_a_usage_error(
    error_of, tmp_path: Path, monkeypatch, words: list[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "file").write_text("")
    assert "SCM001" in error_of(2, ["schema", *words])


def test_a_new_registry_has_the_schemas_that_are_written(run, tmp_path: Path, monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)
    run("init", "small", "--minimal")
    run("schema", "--check", "small/schemas")
