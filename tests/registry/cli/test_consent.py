"""A yes is said by somebody: at a terminal, or with --yes; silence and a program's output are none."""

from __future__ import annotations

import itertools
import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest

from registry.cli import consent

WORDS = (
    ("publish", "--reason", "first"),
    ("promote", "staging", "production"),
    ("rollback", "staging", "--to", "1", "--reason", "wrong tone"),
)


@pytest.fixture
def shop(run, yard, monkeypatch: pytest.MonkeyPatch):
    """Two releases on staging; a third can be published, the second promoted, the first gone back to."""
    monkeypatch.setenv("GITHUB_ACTOR", "ada")
    run("init", "--minimal")
    for tone in ("calm", "kind"):
        yard.write("prompts/partials/tone.md", f"Be {tone}.\n")
        yard.commit(tone)
        run("publish", "--yes")
    yard.write("prompts/partials/tone.md", "Be brief.\n")
    yard.commit("brief")
    return yard


def moves(told) -> list[tuple[str, int]]:
    both = [told("history", name)["moves"] for name in ("staging", "production")]
    return [(move["action"], move["release"]) for held in both for move in held]


def test_where_nobody_can_be_asked_nothing_is_done_without_a_yes(
    shop, told, error_of, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = moves(told)
    for words, ci in itertools.product(WORDS, ("", "true")):
        monkeypatch.setenv("CI", ci)
        said = error_of(2, words)
        assert "PUB014 nobody can be asked without a terminal" in said
        assert "add --yes" in said
    assert moves(told) == before


def test_a_program_that_reads_the_output_is_not_asked(
    shop, run, told, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(consent, "_somebody", lambda: True)
    before = moves(told)
    assert "PUB014" in run(*WORDS[0], "--json", code=2).stderr
    assert moves(told) == before


def test_the_plan_is_shown_before_the_question_and_a_no_does_nothing(
    shop, run, told, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(consent, "_somebody", lambda: True)
    for words in WORDS:
        before = moves(told)
        monkeypatch.setattr("click.confirm", lambda *_, **__: False)
        result = run(*words, code=130)
        assert "prompt support/triage" in result.stdout
        assert "nothing was done" in result.stderr
        assert moves(told) == before
        monkeypatch.setattr("click.confirm", lambda *_, **__: True)
        run(*words)
        assert len(moves(told)) == len(before) + 1


def test_what_is_live_already_is_not_asked_about(shop, run) -> None:
    run("promote", "staging", "production", "--yes")
    assert "already live" in run("promote", "staging", "production").stdout
    assert "already live" in run("rollback", "staging", "--to", "2", "--reason", "x").stdout
    run("publish", "--yes")
    assert "already live" in run("publish").stdout


def test_a_dry_run_is_never_asked_about(shop, run, told) -> None:
    before = moves(told)
    for words in WORDS:
        assert "prompt support/triage" in run(*words, "--dry-run").stdout
        assert told(*words, "--dry-run")["changes"]
    assert moves(told) == before


def test_a_person_at_a_terminal_is_asked(shop, told, plain: Path) -> None:
    ours, theirs = pty.openpty()
    with subprocess.Popen(
        [sys.executable, "-m", "registry.cli", "promote", "staging", "production"],
        stdin=theirs, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=plain,
    ) as process:  # fmt: skip
        os.write(ours, b"y\n")
        out, err = process.communicate(timeout=60)
    os.close(ours)
    os.close(theirs)
    assert process.returncode == 0, err
    assert "Promote release 2 to production? [y/N]" in err
    assert "promoted  release 2 on production" in out
    assert moves(told)[-1] == ("promote", 2)
