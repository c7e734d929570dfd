"""A clone, its remote, and what sync makes of what is pushed to it; every part is real."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from support.checkouts import Yard

from registry.cli.context import Context
from registry.cli.syncing import look

PROMPT = "prompts/support/answer.prompt.yaml"


@pytest.fixture
def clone(bank: Yard, tmp_path: Path) -> Yard:
    """A small registry whose remote has its first commit; the working folder of the test."""
    subprocess.run(["git", "init", "-q", "--bare", "-b", "main", str(tmp_path / "remote.git")], check=True)
    bank.git("remote", "add", "origin", str(tmp_path / "remote.git"))
    bank.git("push", "-q", "origin", "main")
    return bank


@pytest.fixture
def live(run, clone: Yard) -> Yard:
    """The same, with its first commit published."""
    run("publish", "--yes")
    return clone


def merged(clone: Yard, old: str, new: str, path: str = PROMPT) -> str:
    """A change that others pushed: the clone's own branch stays behind."""
    before = clone.git("rev-parse", "HEAD")
    clone.edit(path, old, new)
    commit = clone.commit()
    clone.git("push", "-q", "origin", "HEAD:main")
    clone.git("reset", "-q", "--hard", before)
    clone.git("update-ref", "refs/remotes/origin/main", before)
    return commit


def test_what_is_merged_and_proven_goes_live_once(run, told, clone: Yard) -> None:
    assert told("sync", "--once")["state"] == "published"
    commit = merged(clone, "two sentences", "three sentences")
    seen = told("sync", "--once")
    assert (seen["state"], seen["commit"]) == ("published", commit)
    assert seen["why"].startswith("release 2 on staging")
    move = told("history", "staging")["moves"][0]
    assert (move["commit"], move["reason"]) == (commit, "sync of origin/main")
    assert told("sync", "--once")["state"] == "live"
    assert len(told("history", "staging")["moves"]) == 2
    assert clone.git("status", "--porcelain") == ""
    assert "two sentences" in (clone.root / PROMPT).read_text()


def test_what_its_suites_refuse_stays_out_and_is_not_tested_again(told, clone: Yard, live: Yard) -> None:
    clone.edit(PROMPT, "two sentences", "three sentences")
    merged(
        clone, 'not-contains: "{{"', "contains: never said", path=PROMPT.replace("prompt.yaml", "suite.yaml")
    )
    seen = told("sync", "--once", code=1)
    assert seen["state"] == "not proven"
    asked: list[tuple[str, ...]] = []
    context = Context(clone.root, clone.root)

    def command(*words: str) -> tuple[int, str]:
        asked.append(words)
        return 0, ""

    again = look(context, context.channel(), "origin", "main", command)
    assert (again.state, asked) == ("not proven", [])
    assert "did not pass" in again.why
    assert len(told("history", "staging")["moves"]) == 1


def test_a_commit_with_findings_is_not_proven_and_the_finding_is_named(told, clone: Yard) -> None:
    merged(clone, "{{ question }}", "{{ questoin }}")
    seen = told("sync", "--once", code=1)
    assert seen["state"] == "not proven"
    assert seen["why"]


def test_a_merge_that_services_do_not_read_is_no_release(told, clone: Yard, live: Yard) -> None:
    clone.write("README.md", "words\n")
    clone.commit()
    clone.git("push", "-q", "origin", "HEAD:main")
    seen = told("sync", "--once")
    assert (seen["state"], seen["why"]) == ("live", "nothing that services read has changed")


def test_a_merge_cannot_point_the_clone_at_another_store(told, clone: Yard) -> None:
    clone.edit("promptyard.yaml", "store: file:.promptyard/store", "store: file:.promptyard/elsewhere")
    clone.edit(PROMPT, "two sentences", "four sentences")
    before = clone.git("rev-parse", "HEAD")
    clone.commit()
    clone.git("push", "-q", "origin", "HEAD:main")
    clone.git("reset", "-q", "--hard", before)
    assert told("sync", "--once")["state"] == "published"
    assert not (clone.root / ".promptyard/elsewhere").exists()
    assert len(told("history", "staging")["moves"]) == 1


def test_a_branch_that_was_rewritten_is_not_published(told, clone: Yard, live: Yard) -> None:
    clone.git("checkout", "-q", "--orphan", "other")
    clone.edit(PROMPT, "two sentences", "no sentences")
    clone.commit("another history")
    clone.git("push", "-q", "-f", "origin", "HEAD:main")
    seen = told("sync", "--once", code=3)
    assert seen["state"] == "not published"
    assert "PUB006" in seen["why"]


@pytest.mark.parametrize(
    ("words", "code", "says"),
    [
        (["--remote", "nowhere"], 2, "GIT011"),
        (["--branch", "nothing"], 2, "GIT011"),
        (["--branch", "--upload-pack=x"], 2, "GIT011"),
        (["--channel", "nobody"], 2, "CFG002"),
    ],
)
def test_what_does_not_exist_is_said(error_of, clone: Yard, words: list[str], code: int, says: str) -> None:
    assert says in error_of(code, ["sync", "--once", *words])


def test_a_remote_that_is_away_is_tried_again(error_of, clone: Yard, tmp_path: Path) -> None:
    (tmp_path / "remote.git").rename(tmp_path / "away.git")
    assert "GIT012" in error_of(4, ["sync", "--once"])


def test_it_goes_on_until_it_is_told_to_stop(clone: Yard, tmp_path: Path) -> None:
    words = [
        sys.executable,
        "-m",
        "registry.cli",
        "-C",
        str(clone.root),
        "sync",
        "--interval",
        "3600",
        "--json",
    ]
    env = {**os.environ, "PYTHONUNBUFFERED": "1"}
    running = subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=env)
    assert running.stdout is not None
    first = running.stdout.readline()
    running.send_signal(signal.SIGTERM)
    _, said = running.communicate(timeout=30)
    assert '"state": "published"' in first, said
    assert running.returncode == 0, said
