"""Which variants a prompt here can hold, in folders as they are."""

from __future__ import annotations

from pathlib import Path

import pytest

from registry.importing.dotprompt import reader
from registry.importing.dotprompt.variants import base_of, variants_of
from registry.importing.gather import gather
from registry.importing.port import Imported

BASE = "---\nmodel: openai/gpt-4o\ninput: {schema: {name: string}}\n---\nHello {{name}}."


def read(folder: Path, name: str, **files: str) -> Imported:
    for path, text in {
        "greet.prompt": BASE,
        **{key.replace("__", "."): text for key, text in files.items()},
    }.items():
        (folder / path).write_text(text)
    file = next(each for each in gather(folder).files if each.path == name)
    return reader.read(file, entry_id="greet")


def prompt(imported: Imported) -> dict:
    return next(entry.data for entry in imported.entries if entry.kind == "prompt")


def test_a_variant_is_held_by_message_id_with_its_model_and_parameters(tmp_path):
    short = BASE.replace("gpt-4o", "gpt-4o-mini\nconfig: {temperature: 0}").replace("Hello", "Hi")
    imported = read(tmp_path, "greet.prompt", greet__short__prompt=short)
    assert prompt(imported)["variants"] == {
        "short": {
            "model": "models/gpt-4o-mini",
            "modelParameters": {"temperature": 0},
            "messages": {"user": "Hi {{ name }}."},
        }
    }
    assert prompt(imported)["messages"] == [{"id": "user", "role": "user", "content": "Hello {{ name }}."}]
    assert {entry.id for entry in imported.entries if entry.kind == "model"} == {
        "models/gpt-4o",
        "models/gpt-4o-mini",
    }
    alone = read(tmp_path, "greet.short.prompt")
    assert alone.entries == ()
    assert alone.notes[0].why == "is the variant short in greet.prompt"


@pytest.mark.parametrize(
    ("text", "why"),
    [
        (BASE + "\n{{role 'model'}}\nBye", "its messages are not those of the base"),
        (BASE.replace("name: string", "name: string, city: string") + " {{city}}", "it asks for city"),
        (BASE.replace("name: string", "name: integer"), "it declares name in another way"),
        (BASE.replace("input:", "output: {schema: {a: string}}\ninput:"), "it has output of its own"),
        ("---\nmodel: [\n---\nx", ""),
    ],
)
def test_what_a_variant_cannot_hold_is_a_prompt_of_its_own_with_the_reason(tmp_path, text, why):
    base = read(tmp_path, "greet.prompt", greet__v__prompt=text)
    assert "variants" not in prompt(base)
    alone = read(tmp_path, "greet.v.prompt")
    if why:
        assert prompt(alone)
        assert why in alone.notes[-1].why
    else:
        assert any(note.level == "fault" for note in alone.notes)


def test_a_dot_in_a_name_without_a_base_makes_no_variant(tmp_path):
    (tmp_path / "a.b.prompt").write_text(BASE)
    (file,) = gather(tmp_path).files
    assert base_of(file) is None
    assert variants_of(file) == {}
    assert "here it is a prompt of its own" in reader.read(file, entry_id="a-b").notes[-1].why
