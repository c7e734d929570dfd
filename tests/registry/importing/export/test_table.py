"""What is exported renders the same: in the formats' own libraries, and read back by our own importers.

``reference.json`` holds the files and what prompty 2.1.0, dotpromptz 0.2.0 and GitHub's substitution made of
them; it was written once by running those libraries, which are not among our dependencies.
"""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

from registry.authoring.catalog import Catalog, load
from registry.authoring.settings_file import load_settings
from registry.authoring.tree import FolderTree
from registry.importing.collect import collect
from registry.importing.export.table import WRITERS
from registry.importing.export.whole import Whole, wholes_of
from registry.importing.formats import READERS
from registry.importing.gather import Gathered
from registry.importing.overlay import OverlaidTree
from registry.importing.port import Foreign
from registry.rendering.preview import FORMS, live_of
from registry.settings import Settings
from serve.core.live import Live
from serve.core.model import Json

ROOT = Path(__file__).parents[4]
REFERENCE = json.loads((Path(__file__).parent / "reference.json").read_text(encoding="utf-8"))
REFUSED = {
    "prompty": set(),
    "dotprompt": {"fraud/explain-block", "support/answer-from-passages", "support/reply"},
    "github": {
        "complaints/acknowledge", "fraud/explain-block", "onboarding/extract-details", "support/answer-from-passages",
        "support/reply", "support/reply short", "support/route", "support/summarise-thread", "support/translate-reply",
        "support/triage",
    },
}  # fmt: skip


@cache
def catalog() -> Catalog:
    tree = FolderTree(ROOT)
    return load(tree, load_settings(tree))


@cache
def live() -> Live:
    return live_of(catalog())


def arms() -> list[Whole]:
    return [whole for prompt in sorted(catalog().prompts) for whole in wholes_of(catalog(), prompt)]


def name_of(form: str, whole: Whole) -> str:
    return f"{form}/{whole.id.replace('/', '__')}{f'.{whole.variant}' if whole.variant else ''}"


def said(text: str | None) -> tuple[Json, str] | None:
    """What a file says: its YAML as a value, however it is set, and its body to the letter."""
    if text is None:
        return None
    head, fence, body = text.removeprefix("---\n").partition("---\n")
    return yaml.safe_load(head), fence + body


def trimmed(messages: list[dict[str, Json]]) -> list[Json]:
    return [{**message, "content": message["content"].strip("\n")} for message in messages]


@pytest.mark.parametrize("form", WRITERS)
@pytest.mark.parametrize("whole", arms(), ids=lambda whole: f"{whole.id} {whole.variant or ''}".strip())
def test_each_prompt_is_written_as_the_libraries_were_given_it_or_refused(form: str, whole: Whole) -> None:
    exported = WRITERS[form].write(whole)
    assert said(exported.text) == said(REFERENCE["files"].get(name_of(form, whole)))
    refused = f"{whole.id} {whole.variant or ''}".strip() in REFUSED[form]
    assert (exported.text is None) == refused
    assert any(note.level == "fault" for note in exported.notes) == refused


@pytest.mark.parametrize("row", REFERENCE["renders"], ids=lambda row: row["file"])
def test_the_library_of_the_format_renders_what_we_render(row: dict[str, Any]) -> None:
    ours = FORMS["messages"](live().render(row["prompt"], row["inputs"], variant=row["variant"]))
    if ours != row["messages"]:
        exported = WRITERS["prompty"].write(whole_of(row))
        assert row["file"].startswith("prompty/")
        assert any("newlines at its beginning and end" in note.why for note in exported.notes)
    assert trimmed(ours) == trimmed(row["messages"])


def whole_of(row: dict[str, Any]) -> Whole:
    return next(whole for whole in wholes_of(catalog(), row["prompt"]) if whole.variant == row["variant"])


@pytest.mark.parametrize("row", REFERENCE["renders"], ids=lambda row: row["file"])
def test_our_own_reader_reads_it_back_to_the_same_messages(row: dict[str, Any], tmp_path: Path) -> None:
    form = row["file"].split("/")[0]
    exported = WRITERS[form].write(whole_of(row))
    assert exported.text is not None
    file = Foreign(exported.name, exported.text.encode(), lambda _: None)
    tree = FolderTree(tmp_path)
    collected = collect(
        [("", Gathered(tmp_path, files=[file]))], load(tree, Settings()), reader=READERS[form]
    )
    back = load(OverlaidTree(tree, collected.files), Settings())
    (name,) = back.prompts
    inputs = completed(row["inputs"], catalog().prompts[row["prompt"]].inputs)
    if form == "dotprompt" and "conversation" in inputs:
        inputs["history"] = inputs.pop("conversation")  # the format's one history has no name
    again = FORMS["messages"](live_of(back).render(name, inputs))
    assert trimmed(again) == trimmed(row["messages"])


def completed(value: Json, schemas: Any) -> Json:
    """Inputs with nothing in place of each optional property that is missing, which our templates print as nothing."""

    def fill(item: Json, schema: Any) -> Json:
        if schema.get("type") == "array":
            return [fill(each, schema["items"]) for each in item]
        if schema.get("type") != "object":
            return item
        empty = {name: [] if it.get("type") == "array" else "" for name, it in schema["properties"].items()}
        return {name: fill(each, schema["properties"][name]) for name, each in {**empty, **item}.items()}

    return {name: fill(each, schemas[name]) if name in schemas else each for name, each in value.items()}
