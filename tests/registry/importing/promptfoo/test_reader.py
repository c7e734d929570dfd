"""promptfoo's configs with the files beside them, and all that became of each."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.imported import damaged, file_within, golden, taken

from registry.importing.port import Foreign
from registry.importing.promptfoo import reader as promptfoo

HERE = Path(__file__).parents[1]
CORPUS = HERE / "corpus/promptfoo"
FILES = sorted([*CORPUS.glob("*/promptfooconfig.yaml"), CORPUS / "other-name/evals.json"])
FAULTY = {"nunjucks"}  # macros, && and a variable of promptfoo's own: lint names what the report does


def _file(place: Path) -> Foreign:
    return file_within(place, f"{place.parent.name}/{place.name}")


@pytest.mark.parametrize("place", FILES, ids=lambda place: place.parent.name)
def test_a_config_becomes_what_was_reviewed(place: Path, tmp_path: Path) -> None:
    file = _file(place)
    assert promptfoo.recognises(file)
    result, errors = taken(tmp_path, file)
    expected = HERE / "expected/promptfoo" / f"{place.parent.name}.txt"
    assert golden(result, errors) == expected.read_text(encoding="utf-8")
    assert bool(errors) == (place.parent.name in FAULTY)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("values.yaml", "prompts: [a]\n"),
        ("a.prompt.yaml", "promptyard: 1\nprompts: [a]\nproviders: [b]\ntests: []\n"),
        ("package.json", '{"name": "promptfoo", "scripts": {"test": "promptfoo eval"}}'),
        ("promptfooconfig.txt", "prompts: [a]\nproviders: [b]\ntests: []\n"),
    ],
)
def test_other_files_are_not_taken_for_configs(name: str, text: str) -> None:
    assert not promptfoo.recognises(Foreign(name, text.encode(), lambda _: None))


def test_nothing_outside_the_imported_folder_is_asked_for_twice() -> None:
    asked = []

    def sibling(name: str) -> bytes | None:
        asked.append(name)

    text = b"prompts: [file:///etc/passwd, file://../up.txt]\nproviders: [openai:gpt-4o]\n"
    imported = promptfoo.read(Foreign("promptfooconfig.yaml", text, sibling), entry_id="a")
    assert imported.entries == ()
    assert set(asked) == {
        "../up.txt"
    }  # the port refuses what lies outside; an absolute path is not even asked


def test_a_case_without_an_end_is_cut_and_told() -> None:
    values = ", ".join(f"v{number}" for number in range(60))
    text = (
        "prompts: ['{{a}}{{b}}']\nproviders: [openai:gpt-4o]\ntests:\n"
        f"  - vars: {{a: [{values}], b: [{values}]}}\n    assert: [{{type: contains, value: x}}]\n"
    )
    imported = promptfoo.read(Foreign("promptfooconfig.yaml", text.encode(), lambda _: None), entry_id="a")
    suite = next(entry for entry in imported.entries if entry.kind == "suite")
    assert len(suite.data["cases"]) == 2_000
    assert any("2000" in note.why for note in imported.notes)


def test_references_and_values_that_lead_to_themselves_come_to_an_end() -> None:
    loops = "".join(f"  a{number}: {{x: {{$ref: '#/defs'}}}}\n" for number in range(20))
    names = "{{a}}" * 2_000
    text = (
        f"defs:\n{loops}prompts: ['{{{{a}}}}']\nproviders: [openai:gpt-4o]\ntests:\n"
        f"  - vars: {{a: '{names}', b: {{$ref: '#/defs'}}}}\n    assert: [{{type: contains, value: x}}]\n"
    )
    imported = promptfoo.read(Foreign("promptfooconfig.yaml", text.encode(), lambda _: None), entry_id="a")
    assert [entry.kind for entry in imported.entries] == ["prompt", "model", "suite"]


@given(st.binary(max_size=200))
def test_no_bytes_make_it_raise(data: bytes) -> None:
    promptfoo.read(Foreign("promptfooconfig.yaml", data, lambda _: None), entry_id="a")


PIECES_OF_DAMAGE = [b"", b"{{", b"[", b"]", b": ", b"- ", b'"', b"{", b"}", b"null", b"7", b"file://"]


@given(damaged(FILES, PIECES_OF_DAMAGE, 20))
def test_no_mutation_of_a_real_shape_makes_it_raise(case: tuple[Path, bytes]) -> None:
    place, data = case
    file = Foreign("promptfooconfig.yaml", data, _file(place).sibling)
    assert promptfoo.read(file, entry_id="a").format == "promptfoo"
