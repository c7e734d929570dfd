from __future__ import annotations

from pathlib import Path

from support.content import FILES, catalog, write

from registry.evaluation.prompt_facts import PromptFacts

HISTORY = {"role": "user", "content": "Hello."}


def facts(root: Path, **changes: str) -> PromptFacts:
    text = FILES["prompts/support/triage.prompt.yaml"]
    for old, new in changes.items():
        text = text.replace(old, new)
    write(root, FILES, **{"prompts/support/triage.prompt.yaml": text})
    return PromptFacts(catalog(root).prompts["support/triage"])


def test_a_prompt_tells_its_variants_and_whether_it_has_an_output(tmp_path: Path) -> None:
    found = facts(tmp_path)
    assert (found.variants, found.has_output) == (("short",), False)


def test_placeholders_are_inputs_too(tmp_path: Path) -> None:
    found = facts(tmp_path, **{"messages:\n": "messages:\n  - history: earlier\n"})
    good = {"teams": ["cards"], "ticket": "x", "earlier": [HISTORY]}
    assert found.refusal(good) is None
    assert found.refusal({"teams": ["cards"], "ticket": "x"}) == "the variable earlier is missing"
    assert "earlier[0]" in (found.refusal({**good, "earlier": [{"role": "root"}]}) or "")


def test_a_number_that_json_readers_disagree_on_is_refused_and_no_crash(tmp_path: Path) -> None:
    found = facts(tmp_path, maxItems="minItems")
    assert found.refusal({"teams": [10**400], "ticket": "x"}) is not None


def test_an_input_schema_that_is_none_is_left_to_the_prompts_own_lint(tmp_path: Path) -> None:
    found = facts(tmp_path, **{"type: string, maxLength: 8000": "type: sting, maxLength: 8000"})
    assert found.refusal({}) is None
