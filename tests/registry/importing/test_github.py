"""GitHub's files, read by the registry's own compatibility layer, with all that became of them."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.imported import corpus, damaged, foreign, golden, is_told, path_of, taken

from registry.importing import github
from serve.core.render import compile_template

HERE = Path(__file__).parent
CORPUS = corpus("github")
FAULTY = {"late-system.prompt.yml", "wrong-role.prompt.yml"}  # lint names the same fault as the report


@pytest.mark.parametrize("place", CORPUS, ids=lambda place: place.name)
def test_a_file_becomes_what_was_reviewed(place: Path, tmp_path: Path) -> None:
    file = foreign(path_of(place.name), place.read_bytes())
    assert github.recognises(file)
    result, errors = taken(tmp_path, file)
    assert golden(result, errors) == (HERE / "expected/github" / f"{place.name}.txt").read_text(
        encoding="utf-8"
    )
    assert bool(errors) == (place.name in FAULTY)


def test_a_file_of_ours_is_left_alone(tmp_path: Path) -> None:
    file = foreign("a.prompt.yaml", "promptyard: 1\nmodel: m\nmessages: []\n")
    assert not github.recognises(file)
    imported = github.read(file, entry_id="a")
    assert imported.entries == ()
    assert "ours already" in imported.notes[-1].why


@pytest.mark.parametrize("name", ["values.yaml", "docker-compose.yml", "notes.md"])
def test_other_yaml_is_not_taken_for_github_s(name: str) -> None:
    assert not github.recognises(foreign(name, "messages: [a]\nservices: {}\n"))


@given(
    st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=60), st.text("ab{}% #\n", max_size=40)
)
def test_text_renders_as_github_sends_it(words: str, braces: str) -> None:
    import json

    text = words + braces + "{{x}}" + braces
    file = foreign(
        "a.prompt.yml", json.dumps({"model": "m", "messages": [{"role": "user", "content": text}]})
    )
    imported = github.read(file, entry_id="a")
    content = imported.entries[0].data["messages"][0]["content"]
    names = imported.entries[0].data["inputs"]
    want = text.replace("{{x}}", "VALUE")
    if names.keys() == {"x"} and "{{ x }}" not in text:
        assert compile_template(content)({"x": "VALUE"}) == want


@given(st.binary(max_size=300))
def test_any_bytes_are_a_report_and_never_an_error(data: bytes) -> None:
    imported = github.read(foreign("a.prompt.yml", data), entry_id="a")
    assert is_told(imported)


@given(damaged(CORPUS))
def test_a_damaged_file_is_a_report_and_never_an_error(case: tuple[Path, bytes]) -> None:
    github.read(foreign("a.prompt.yml", case[1]), entry_id="a")
