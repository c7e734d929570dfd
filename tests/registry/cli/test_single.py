from __future__ import annotations

import pytest

from registry.cli.context import Context
from registry.cli.single import single_prompt, tree_of
from registry.errors import NotClean, Usage

PROMPT = "prompts/support/triage.prompt.yaml"


def at(root) -> Context:
    return Context(root, root)


def test_a_prompt_comes_with_its_model_and_nothing_else(yard) -> None:
    yard.write("prompts/support/other.prompt.yaml", "messages: [\n")
    catalog = single_prompt(at(yard.root), "support/triage")
    assert (list(catalog.prompts), list(catalog.models), catalog.problems) == (
        ["support/triage"],
        ["models/chat"],
        (),
    )
    assert catalog.text("partials/tone.md") == "Be calm.\n"


def test_a_revision_has_its_own(yard) -> None:
    yard.edit(PROMPT, "You route", "You sort")
    was = single_prompt(at(yard.root), "support/triage", "HEAD").prompts["support/triage"]
    assert "You route" in was.messages[0].content


def test_a_file_that_cannot_be_read_says_where(yard) -> None:
    yard.write(PROMPT, "messages: [\n")
    with pytest.raises(NotClean, match=f"YML001 {PROMPT}:"):
        single_prompt(at(yard.root), "support/triage")


def test_a_wrong_name_is_met_with_the_nearest(yard) -> None:
    with pytest.raises(Usage, match="PRM001 there is no prompt support/triag at HEAD") as told:
        single_prompt(at(yard.root), "support/triag", "HEAD")
    assert told.value.next_step == "Did you mean support/triage?"


def test_without_git_the_folder_will_do_and_a_bare_repository_will_not(plain, yard, tmp_path) -> None:
    assert tree_of(at(plain), None).commit is None
    yard.git("clone", "-q", "--bare", ".", str(tmp_path / "bare.git"))
    with pytest.raises(Usage, match="GIT005"):
        tree_of(at(tmp_path / "bare.git"), None)
