from __future__ import annotations

from pathlib import Path

import pytest
from support.content import catalog, write

from registry.cli.inputs import case_of, inputs_of_file, inputs_of_words
from registry.errors import Usage

SCHEMAS = {"text": {"type": "string"}, "names": {"type": "array"}, "count": {"type": "integer"}, "any": {}}


def test_the_schema_says_what_is_text_and_what_is_json() -> None:
    words = ["text=[1]", 'names=["a", "b"]', "count=3", "any=null", "history=[]", "unknown=plain words"]
    assert inputs_of_words(words, SCHEMAS) == {
        "text": "[1]",
        "names": ["a", "b"],
        "count": 3,
        "any": None,
        "history": [],
        "unknown": "plain words",
    }


def test_an_equals_sign_in_a_value_belongs_to_it() -> None:
    assert inputs_of_words(["text=a=b"], SCHEMAS) == {"text": "a=b"}


def test_the_later_word_wins() -> None:
    assert inputs_of_words(["text=a", "text=b"], SCHEMAS) == {"text": "b"}


@pytest.mark.parametrize("word", ["text", "=a", "", "names=a, b", "count=three", "text=@/nowhere"])
def test_a_word_of_another_form_is_refused(word: str) -> None:
    with pytest.raises(Usage, match="INP004"):
        inputs_of_words([word], SCHEMAS)


def test_a_value_is_never_quoted_in_a_refusal() -> None:
    with pytest.raises(Usage) as refused:
        inputs_of_words(["count=my secret"], SCHEMAS)
    assert "secret" not in str(refused.value)


def test_a_file_holds_a_mapping(tmp_path: Path) -> None:
    (tmp_path / "in.json").write_text('{"a": [1, {"b": null}]}')
    assert inputs_of_file(tmp_path / "in.json") == {"a": [1, {"b": None}]}
    (tmp_path / "list.yaml").write_text("- a\n")
    with pytest.raises(Usage, match=r"INP005 .* holds no mapping"):
        inputs_of_file(tmp_path / "list.yaml")


def test_a_case_is_found_among_the_prompt_s_suites(tmp_path: Path) -> None:
    held = catalog(write(tmp_path))
    assert case_of(held, "support/triage", "rate").inputs["ticket"] == "What is my rate?"
    with pytest.raises(Usage, match="INP006"):
        case_of(held, "support/other", "rate")


def test_a_row_of_test_data_is_a_case_by_its_id_and_by_its_number(tmp_path: Path) -> None:
    text = (
        "model: m\nmessages:\n  - {role: user, content: 'For {{who}}'}\n"
        "testData:\n  - {who: Ada}\n  - {other: x}\n  - {who: Bob}\n"
    )
    held = catalog(write(tmp_path, **{"prompts/gh.prompt.yml": text}))
    assert case_of(held, "gh", "1").inputs == {"who": "Ada"}
    bob = case_of(held, "gh", "3")
    assert bob.inputs == {"who": "Bob"}
    assert case_of(held, "gh", bob.id) == bob
    for case in ("0", "2", "4", "Bob"):
        with pytest.raises(Usage, match=r"INP006 .* has a case") as refused:
            case_of(held, "gh", case)
        assert bob.id in refused.value.next_step
