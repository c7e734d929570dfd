"""A batch of files: names unlike, shared models once, references that follow, secrets left behind."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest
import yaml
from support.content import write
from support.imported import told

from registry.authoring.catalog import Catalog, load
from registry.authoring.tree import FolderTree
from registry.importing.collect import Collected, collect
from registry.importing.gather import gather
from registry.importing.port import Entry, Foreign, Imported, Note
from registry.settings import Settings
from serve.core.model import Json

PROMPT = {"promptyard": 1, "model": "models/a", "messages": [{"role": "user", "content": "Hello"}]}
MODEL = {"promptyard": 1, "engine": "openai", "model": "gpt-4o"}


@dataclass
class Fixed:
    """A reader that gives what it was made with, below each file's own id."""

    entries: Sequence[Entry]
    notes: tuple[Note, ...] = ()
    NAME: str = "fixed"

    def recognises(self, file: Foreign) -> bool:
        return file.path.endswith(".json")

    def read(self, file: Foreign, *, entry_id: str) -> Imported:
        entries = [
            Entry(it.kind, it.id.replace("ID", entry_id), fill(it.data, entry_id)) for it in self.entries
        ]
        return Imported(file.path, self.NAME, tuple(entries), self.notes)


def fill(value: Json, entry_id: str) -> Json:
    if isinstance(value, dict):
        return {key: fill(item, entry_id) for key, item in value.items()}
    if isinstance(value, list):
        return [fill(item, entry_id) for item in value]
    return value.replace("ID", entry_id) if isinstance(value, str) else value


@pytest.fixture
def yard(tmp_path: Path) -> Path:
    return write(tmp_path / "yard", {"promptyard.yaml": "promptyard: 1\n"})


def catalog(yard: Path) -> Catalog:
    return load(FolderTree(yard), Settings())


def collected(
    yard: Path, tmp_path: Path, names: Sequence[str], *entries: Entry, notes: tuple[Note, ...] = ()
) -> Collected:
    library = write(tmp_path / "library", dict.fromkeys(names, "{}"))
    return collect([("old", gather(library))], catalog(yard), reader=Fixed(entries, notes))


def data(result: Collected, path: str) -> Json:
    return yaml.safe_load(result.files[path])


def test_a_model_that_several_files_ask_is_one_file(yard: Path, tmp_path: Path) -> None:
    result = collected(
        yard, tmp_path, ["a.json", "b.json"], Entry("prompt", "ID", PROMPT), Entry("model", "models/a", MODEL)
    )
    assert sorted(result.files) == [
        "prompts/a.prompt.yaml",
        "prompts/b.prompt.yaml",
        "prompts/models/a.model.yaml",
    ]
    assert [taken.path for taken in result.taken] == ["old/a.json", "old/b.json"]


def test_models_of_one_name_and_other_content_get_numbers_and_prompts_follow(
    yard: Path, tmp_path: Path
) -> None:
    model = Entry("model", "models/a", {**MODEL, "model": "of ID"})
    prompt = {**PROMPT, "variants": {"v": {"model": "models/a"}}}
    result = collected(yard, tmp_path, ["a.json", "b.json"], Entry("prompt", "ID", prompt), model)
    assert data(result, "prompts/models/a-2.model.yaml")["model"] == "of b"
    second = data(result, "prompts/b.prompt.yaml")
    assert second["model"] == second["variants"]["v"]["model"] == "models/a-2"
    assert "model models/a: is models/a-2 here" in told(result.taken[1].notes)


def test_a_model_that_the_registry_has_is_used_under_its_name_there(yard: Path, tmp_path: Path) -> None:
    write(yard, {"prompts/models/ours.model.yaml": "promptyard: 1\nengine: openai\nmodel: gpt-4o\n"})
    result = collected(
        yard, tmp_path, ["a.json"], Entry("prompt", "ID", PROMPT), Entry("model", "models/a", MODEL)
    )
    assert list(result.files) == ["prompts/a.prompt.yaml"]
    assert data(result, "prompts/a.prompt.yaml")["model"] == "models/ours"
    assert "the registry has it as models/ours" in told(result.taken[0].notes)


def test_a_partial_of_the_same_name_and_other_text_is_renamed_where_it_is_included(
    yard: Path, tmp_path: Path
) -> None:
    prompt = {**PROMPT, "messages": [
        {"role": "system", "content": {"file": "partials/x.md"}},
        {"role": "user", "content": 'a {% include "partials/x.md" %} b'},
    ]}  # fmt: skip
    text = Entry("text", "partials/x.md", "text of ID")
    result = collected(yard, tmp_path, ["a.json", "b.json"], Entry("prompt", "ID", prompt), text)
    assert result.files["prompts/partials/x-2.md"] == b"text of b"
    first, second = data(result, "prompts/b.prompt.yaml")["messages"]
    assert first["content"] == {"file": "partials/x-2.md"}
    assert second["content"] == 'a {% include "partials/x-2.md" %} b'


def test_a_suite_follows_its_prompt_when_its_id_was_too_long(yard: Path, tmp_path: Path) -> None:
    long = f"ID/{'x' * 100}"
    suite = {"promptyard": 1, "prompt": long, "cases": []}
    result = collected(yard, tmp_path, ["a.json"], Entry("prompt", long, PROMPT), Entry("suite", long, suite))
    prompt, suites = sorted(result.files)
    assert data(result, suites)["prompt"] == prompt.removeprefix("prompts/").removesuffix(".prompt.yaml")
    assert len(data(result, suites)["prompt"]) == 80


def test_files_of_one_name_get_ids_of_their_own(yard: Path, tmp_path: Path) -> None:
    result = collected(yard, tmp_path, ["a.json", "A.json", "a.yaml"], Entry("prompt", "ID", PROMPT))
    assert sorted(result.files) == [
        "prompts/a-2.prompt.yaml",
        "prompts/a-3.prompt.yaml",
        "prompts/a.prompt.yaml",
    ]


def test_a_secret_that_a_reader_let_through_stays_behind_and_is_not_in_the_notes(
    yard: Path, tmp_path: Path
) -> None:
    key = "ghp_0123456789abcdefghijklmnopqrstuvwxyzAB"
    prompt = {
        **PROMPT,
        "description": f"call {key}",
        "knowledge": {"source": "s", "version": "1", "api_key": "hunter2-hunter2"},
    }
    result = collected(
        yard, tmp_path, ["a.json"], Entry("prompt", "ID", prompt), notes=(Note("lost", "x", f"it was {key}"),)
    )
    text = result.files["prompts/a.prompt.yaml"].decode() + told(result.taken[0].notes)
    assert key not in text
    assert "hunter2" not in text
    assert "a GitHub token" in text


@pytest.mark.parametrize("entry_id", ["../x", "/x", "a//b", "a b", "x\x00"])
def test_a_path_that_is_none_is_a_fault_and_writes_nothing(yard: Path, tmp_path: Path, entry_id: str) -> None:
    result = collected(yard, tmp_path, ["a.json"], Entry("text", entry_id, "text"))
    assert result.files == {}
    assert "cannot be a path here" in told(result.taken[0].notes)


def test_what_yaml_cannot_hold_is_a_fault(yard: Path, tmp_path: Path) -> None:
    result = collected(
        yard, tmp_path, ["a.json"], Entry("prompt", "ID", {**PROMPT, "description": "half \ud83d"})
    )
    assert result.files == {}
    assert "cannot be written as YAML" in told(result.taken[0].notes)


def test_keys_stand_in_the_order_of_the_schema(yard: Path, tmp_path: Path) -> None:
    shuffled = dict(reversed({**PROMPT, "description": "d", "inputs": {}}.items()))
    result = collected(yard, tmp_path, ["a.json"], Entry("prompt", "ID", shuffled))
    assert list(data(result, "prompts/a.prompt.yaml")) == [
        "promptyard",
        "description",
        "model",
        "inputs",
        "messages",
    ]


def test_text_beside_prompts_of_another_format_is_passed_over_and_told(yard: Path, tmp_path: Path) -> None:
    github = "model: m\nmessages: [{role: user, content: hi}]\n"
    files = {
        "a.prompt.yml": github,
        "notes.txt": "notes",
        "b.prompt.md": "Hello",
        "README.md": "x",
        "data.csv": "1",
    }
    library = write(tmp_path / "library", files)
    result = collect([("", gather(library))], catalog(yard))
    assert [taken.path for taken in result.taken] == ["a.prompt.yml", "b.prompt.md"]
    why = {item.path: item.why for item in result.skipped}
    assert why["notes.txt"] == "is text beside prompts of another format; --from plain takes it"
    assert why["README.md"] == "is documentation"
    assert why["data.csv"] == "is of no known format"


def test_text_alone_is_taken(yard: Path, tmp_path: Path) -> None:
    library = write(tmp_path / "library", {"a.txt": "Hello", "b/c.md": "Hello"})
    result = collect([("", gather(library))], catalog(yard), into="old")
    assert [path for path in result.files if path.endswith("prompt.yaml")] == [
        "prompts/old/a.prompt.yaml",
        "prompts/old/b/c.prompt.yaml",
    ]
