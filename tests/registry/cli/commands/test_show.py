from __future__ import annotations

import pytest
from support.checkouts import Yard

from registry.publish.channels import initialise, open_target
from registry.settings import Settings

PROMPT = "prompts/support/triage.prompt.yaml"
TONE = "prompts/partials/tone.md"


@pytest.fixture
def shipped(run, yard) -> Yard:
    """Release 1 on staging and production, release 2 with a kinder tone on staging, a third commit unreleased."""
    yard.with_stores()
    run("publish", "--yes")
    run("promote", "staging", "production", "--yes")
    yard.edit(TONE, "calm", "kind")
    yard.commit("Kinder")
    run("publish", "--yes")
    yard.edit(TONE, "kind", "quick")
    yard.commit("Quicker")
    return yard


def test_the_working_copy_is_shown_with_partials_in_place(run, yard) -> None:
    yard.edit(TONE, "calm", "kind")
    text = run("show", "support/triage").stdout
    assert text.startswith("support/triage · ")
    assert "Be kind." in text
    assert "last change" in text
    assert "and changes that are not committed" in text


def test_a_revision_is_shown_as_it_was(run, yard) -> None:
    first = yard.git("rev-parse", "HEAD")
    yard.edit(TONE, "calm", "kind")
    yard.commit()
    text = run("show", f"support/triage@{first[:10]}").stdout
    assert f"{first[:10]} ({first[:12]})" in text.splitlines()[0]
    assert "Be calm." in text
    assert "not committed" not in text
    assert "Be kind." in run("show", "support/triage@main").stdout


def test_a_revision_may_hold_an_at_sign(run, yard) -> None:
    yard.edit(TONE, "calm", "kind")
    yard.commit()
    assert "Be calm." in run("show", "support/triage@main@{1}").stdout


def test_facts_are_told_before_the_messages(run, yard) -> None:
    lines = run("show", "support/triage").stdout.splitlines()
    told = {line.split()[0]: line for line in lines[1:10]}
    assert told["owner"].split() == ["owner", "support"]
    assert "openai gpt-test  maxTokens 50" in told["model"]
    assert "input        ticket  string, maxLength 8000, written by user" in lines
    assert told["variants"].split() == ["variants", "short"]


def test_a_release_is_read_from_the_store(run, told, shipped) -> None:
    assert "Be calm." in run("show", "support/triage@1").stdout
    assert "Be kind." in run("show", "support/triage@2").stdout
    said = told("show", "support/triage@release:2")
    assert said["at"]["release"] == 2
    assert said["lastChange"]["subject"] == "Kinder"
    assert said["lastChange"]["release"] == 2
    assert said["digest"] == said["prompt"]["model"]["sha256"] or len(said["digest"]) == 64


def test_a_channel_shows_what_it_serves(run, shipped) -> None:
    assert "Be calm." in run("show", "support/triage@production").stdout
    head = run("show", "support/triage@channel:staging").stdout
    assert "release 2, live on staging" in head.splitlines()[0]
    assert "Be kind." in head


def test_a_release_does_not_come_from_git(run, shipped) -> None:
    """The commit is gone from this clone, the release is in the store."""
    shipped.git("update-ref", "-d", "refs/heads/main")
    shipped.git("reflog", "expire", "--expire=now", "--all")
    shipped.git("gc", "-q", "--prune=now")
    assert "Be kind." in run("show", "support/triage@2").stdout


def test_the_file_itself_comes_byte_for_byte(run, shipped) -> None:
    assert run("show", "support/triage", "--source").stdout == (shipped.root / PROMPT).read_text()
    assert (
        run("show", "support/triage@1", "--source").stdout == shipped.git("show", f"main~2:{PROMPT}") + "\n"
    )


@pytest.mark.parametrize("name", ["production", "2"])
def test_a_name_that_is_two_things_is_refused(run, error_of, shipped, name) -> None:
    shipped.git("branch", name)
    error = error_of(2, ["show", f"support/triage@{name}"])
    assert "GIT008" in error
    assert f"refs/heads/{name}" in error
    assert "Be quick." in run("show", f"support/triage@refs/heads/{name}").stdout


@pytest.mark.parametrize(
    ("word", "code"),
    [("support/triage@", "PRM003"), ("support/triage@77", "REL002"), ("support/triage@release:x", "REL002"),
     ("support/triage@channel:nowhere", "CFG002"), ("support/triage@nowhere", "GIT002"), ("support/triag", "PRM001"),
     ("support/triag@1", "PRM001")],
)  # fmt: skip
def test_what_is_not_there_says_what_to_do(error_of, shipped, word, code) -> None:
    assert code in error_of(2, ["show", word])


def test_a_channel_without_a_release_says_so(error_of, yard) -> None:
    initialise(open_target("file:.promptyard/store", yard.root), Settings().channel("staging"), yard.root)
    assert "PUB007" in error_of(2, ["show", "support/triage@staging"])


def test_log_names_the_release_that_carried_each_commit(told, run, shipped) -> None:
    rows = told("log", "support/triage")["commits"]
    assert [(row["subject"], row["release"]) for row in rows] == [
        ("Quicker", None),
        ("Kinder", 2),
        ("begin", 1),
    ]
    assert "  unreleased  Quicker" in run("log", "support/triage").stdout


def test_list_shows_a_release_and_a_channel(told, shipped) -> None:
    (row,) = told("list", "--release", "2")
    assert (row["id"], row["engine"], row["suites"]) == ("support/triage", "openai", None)
    assert told("list", "--channel", "production")[0]["variables"] == row["variables"]


def test_outside_git_the_working_copy_can_still_be_shown(run, plain) -> None:
    text = run("show", "support/triage").stdout
    assert "Be calm." in text
    assert "last change" not in text
