"""Histories made in real repositories, and what they mean for one prompt."""

from __future__ import annotations

import pytest
from support.checkouts import Yard
from support.content import MODEL, TRIAGE, write

from registry.authoring.git_tree import Repository
from registry.rendering import lineage as module
from registry.rendering.lineage import lineage

PROMPT = "prompts/support/triage.prompt.yaml"
TONE = "prompts/partials/tone.md"
CHAT = "prompts/models/chat.model.yaml"


@pytest.fixture
def yard(tmp_path, monkeypatch) -> Yard:
    for role in ("AUTHOR", "COMMITTER"):
        monkeypatch.setenv(f"GIT_{role}_NAME", "Ada")
        monkeypatch.setenv(f"GIT_{role}_EMAIL", "a@b")
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", "/dev/null")
    made = Yard(write(tmp_path / "yard"))
    made.git("init", "-q", "-b", "main")
    made.commit("begin")
    return made


def told(yard, prompt="support/triage", revision="HEAD"):
    repository = Repository(yard.root)
    steps = list(lineage(repository, prompt, revision))
    subjects = repository.commits([step.commit for step in steps])
    return [(subjects[step.commit].subject, step.what, step.reasons) for step in steps]


def test_only_commits_that_changed_what_it_resolves_to_are_told(yard) -> None:
    yard.edit(PROMPT, "owner: support", "owner: support  # a comment")
    yard.commit("a comment")
    yard.edit(TONE, "calm", "kind")
    yard.commit("a tone")
    yard.write("README.md", "unrelated")
    yard.commit("a readme")
    yard.edit(CHAT, "50", "60")
    yard.commit("a model")
    yard.edit(CHAT, "engine: openai", "engine: openai  # as before")
    yard.commit("a comment in the model")
    assert told(yard) == [
        ("a model", "changed", ("model models/chat",)),
        ("a tone", "changed", ("partial partials/tone.md",)),
        ("begin", "added", ()),
    ]


def test_a_guardrail_set_counts_also_where_it_is_extended(yard) -> None:
    rules = (
        "promptyard: 1\nrules:\n  - {id: a, kind: literals, severity: low, action: flag, detect: {any: [a]},\n"
        "     tests: [{text: a, expect: hit}, {text: b, expect: pass}]}\n"
    )
    yard.write("prompts/guardrails/base.guardrail.yaml", rules)
    yard.write("prompts/guardrails/ours.guardrail.yaml", "promptyard: 1\nextends: [guardrails/base]\n")
    yard.edit(PROMPT, "variants:", "guardrails: [guardrails/ours]\nvariants:")
    yard.commit("guarded")
    yard.edit("prompts/guardrails/base.guardrail.yaml", "severity: low", "severity: high")
    yard.commit("a base")
    assert told(yard)[0] == ("a base", "changed", ("guardrail guardrails/ours",))


def test_a_partial_counts_only_while_the_prompt_includes_it(yard) -> None:
    yard.edit(TONE, "calm", "kind")
    yard.commit("while included")
    yard.edit(PROMPT, '{% include "partials/tone.md" %}', "Be brief.")
    yard.commit("no longer included")
    yard.edit(TONE, "kind", "loud")
    yard.commit("after")
    assert [row[0] for row in told(yard)] == ["no longer included", "while included", "begin"]


def test_a_rename_is_followed_to_before_it(yard) -> None:
    yard.edit(TONE, "calm", "kind")
    yard.commit("a tone")
    yard.git("mv", PROMPT, "prompts/support/sort.prompt.yaml")
    yard.edit("prompts/support/sort.prompt.yaml", "You route", "You sort")
    yard.commit("triage becomes sort")
    yard.edit("prompts/support/sort.prompt.yaml", "You sort", "You order")
    yard.commit("after the rename")
    assert told(yard, "support/sort") == [
        ("after the rename", "changed", ("message rules",)),
        ("triage becomes sort", "renamed", ("message rules",)),
        ("a tone", "changed", ("partial partials/tone.md",)),
        ("begin", "added", ()),
    ]
    assert [row[:2] for row in told(yard)] == [
        ("triage becomes sort", "removed"),
        ("a tone", "changed"),
        ("begin", "added"),
    ]


def test_a_prompt_that_went_and_came_back_has_both(yard) -> None:
    text = (yard.root / PROMPT).read_text()
    (yard.root / PROMPT).unlink()
    yard.commit("gone")
    yard.write(PROMPT, text)
    yard.commit("back")
    assert [row[:2] for row in told(yard)] == [("back", "added"), ("gone", "removed"), ("begin", "added")]


def test_a_merge_counts_only_where_it_made_something_new(yard) -> None:
    yard.git("switch", "-qc", "side")
    yard.edit(TONE, "calm", "kind")
    yard.commit("on the side")
    yard.git("switch", "-q", "main")
    yard.edit(PROMPT, "You route", "You sort")
    yard.commit("on main")
    yard.git("merge", "-q", "--no-edit", "-m", "both", "side")
    rows = told(yard)
    assert rows[0][:2] == ("both", "changed")
    assert {row[0] for row in rows[1:]} == {"on the side", "on main", "begin"}
    yard.git("switch", "-qc", "other", "HEAD")
    yard.write("README.md", "x")
    yard.commit("nothing of the prompt")
    yard.git("switch", "-q", "main")
    yard.edit(TONE, "kind", "quick")
    yard.commit("a tone")
    yard.git("merge", "-q", "--no-edit", "-m", "nothing new", "other")
    assert [row[0] for row in told(yard)][:2] == ["a tone", "both"]


def test_a_merge_of_three_is_no_harder(yard) -> None:
    for name in ("one", "two"):
        yard.git("switch", "-qc", name, "main")
        yard.write(f"{name}.md", name)
        yard.commit(name)
    yard.git("switch", "-q", "main")
    yard.edit(TONE, "calm", "kind")
    yard.commit("a tone")
    yard.git("merge", "-q", "-m", "octopus", "one", "two")
    assert [row[0] for row in told(yard)] == ["a tone", "begin"]


def test_a_version_that_cannot_be_read_is_a_change_like_another(yard) -> None:
    good = (yard.root / PROMPT).read_text()
    yard.write(PROMPT, "messages: [\n")
    yard.commit("broken")
    yard.write(PROMPT, good.replace("models/chat", "models/nowhere"))
    yard.commit("no such model")
    yard.write(PROMPT, good)
    yard.commit("mended")
    rows = told(yard)
    assert [row[0] for row in rows] == ["mended", "no such model", "broken", "begin"]
    assert [row[2] for row in rows[:3]] == [
        ("can be read again",),
        ("does not resolve: REF001",),
        ("cannot be read: YML001",),
    ]


def test_a_content_folder_that_moved_does_not_begin_a_new_history(yard) -> None:
    yard.write("promptyard.yaml", "promptyard: 1\ncontent: library\n")
    yard.git("mv", "prompts", "library")
    yard.commit("the library")
    assert [row[0] for row in told(yard)] == ["begin"]


def test_a_shallow_clone_says_where_it_begins(yard, tmp_path) -> None:
    yard.edit(TONE, "calm", "kind")
    yard.commit("a tone")
    yard.edit(TONE, "kind", "quick")
    yard.commit("another")
    yard.git("clone", "-q", "--depth=2", f"file://{yard.root}", str(tmp_path / "shallow"))
    assert [row[:2] for row in told(Yard(tmp_path / "shallow"))] == [
        ("another", "changed"),
        ("a tone", "cut"),
    ]


def test_nothing_is_known_of_a_prompt_that_never_was(yard) -> None:
    assert told(yard, "support/nowhere") == []


def test_an_older_revision_has_the_history_up_to_it(yard) -> None:
    yard.edit(TONE, "calm", "kind")
    yard.commit("a tone")
    assert [row[0] for row in told(yard, revision="HEAD~1")] == ["begin"]


def test_the_newest_is_found_without_resolving_the_whole_history(yard, monkeypatch) -> None:
    for number in range(30):
        yard.write(TONE, f"Be calm {number}.\n")
        yard.commit(f"tone {number}")
    resolved = []
    real = module.resolve
    monkeypatch.setattr(module, "resolve", lambda catalog: resolved.append(1) or real(catalog))
    next(lineage(Repository(yard.root), "support/triage"))
    assert len(resolved) <= 3


def test_a_state_that_comes_again_is_resolved_once(yard, monkeypatch) -> None:
    for number in range(12):
        yard.write(CHAT, MODEL.replace("50", "50" if number % 2 else "60"))
        yard.commit(f"model {number}")
    resolved = []
    real = module.resolve
    monkeypatch.setattr(module, "resolve", lambda catalog: resolved.append(1) or real(catalog))
    assert len(told(yard)) == 13
    assert len(resolved) == 2


def test_variables_and_owners_are_changes_of_the_prompt_itself(yard) -> None:
    yard.write(PROMPT, TRIAGE.replace("maxLength: 8000", "maxLength: 90"))
    yard.commit("shorter")
    assert told(yard)[0] == ("shorter", "changed", ("inputs.ticket.maxLength 8000 → 90",))
