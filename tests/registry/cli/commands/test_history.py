from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result
from support.checkouts import Yard
from support.reports import recorded

from registry.publish.channels import initialise, open_target
from registry.publish.target import object_key
from registry.settings import Settings

Run = Callable[..., Result]
SUITE = """\
promptyard: 1
prompt: support/triage
mode: render
policy: {minPassRate: 0.4}
defaults: {inputs: {teams: [cards]}}
cases:
  - {id: one, inputs: {ticket: apple}, expect: [{contains: apple}]}
  - {id: two, inputs: {ticket: pear}, expect: [{contains: PEAR}]}
"""


@pytest.fixture
def shop(yard: Yard, plain: Path, run: Run, monkeypatch: pytest.MonkeyPatch) -> Yard:
    """Three releases on staging, the second without a test run; the third is on production too."""
    monkeypatch.setenv("GITHUB_ACTOR", "ada")
    for name in Settings().channels:
        initialise(open_target("file:.promptyard/store", plain), Settings().channel(name), plain)
    for number, fits in ((1, "PEAR"), (2, "PEAR"), (3, "pear")):
        yard.write("prompts/support/triage.suite.yaml", SUITE.replace("PEAR", fits))
        yard.write("prompts/partials/tone.md", f"Be calm {number}.\n")
        yard.commit(f"release {number}")
        if number != 2:
            run("test", code=None)
        run("publish", "--yes")
    run("promote", "staging", "production", "--yes")
    return yard


def test_releases_are_told_by_the_evidence_they_were_published_with(shop: Yard, run: Run, told: Any) -> None:
    lines = run("history", "support/triage").stdout.splitlines()
    assert lines[0] == "support/triage  2 releases"
    assert lines[1].split() == ["pass", "rate", "▁█", "50.0%", "→", "100.0%"]
    assert lines[-1].split()[0] == "3"
    assert lines[-1].rstrip().endswith("staging, production")
    (trend,) = told("history", "support/triage")["trends"]
    assert [(it["name"], it["summary"]["passRate"]) for it in trend["points"]] == [("1", 0.5), ("3", 1.0)]
    (newest,) = told("history", "support/triage", "--limit", "1")["trends"][0]["points"]
    assert newest["name"] == "3"


def test_a_page_of_plots_is_written(shop: Yard, run: Run, plain: Path) -> None:
    run("history", "support/triage", "--html", "out/history.html")
    page = (plain / "out/history.html").read_text("utf-8")
    assert "Pass rate over 2 points: first 50.0%, last 100.0%" in page
    assert "Promptyard history, by releases" in page


def test_evidence_that_was_tampered_with_is_refused(
    shop: Yard, plain: Path, run: Run, told: Any, error_of: Callable[..., str]
) -> None:
    store = plain / ".promptyard/store"
    moves = told("history", "staging")["moves"]
    bundles = {store / object_key(move["sha256"]) for move in moves}
    (first, *_) = sorted(set((store / "objects/sha256").iterdir()) - bundles)
    evidence = json.loads(first.read_bytes())
    evidence["measured"]["support/triage"]["passRate"] = 0.99
    first.chmod(0o644)
    first.write_text(json.dumps(evidence))
    assert "PUB013 the evidence of release" in error_of(3, ["history", "support/triage"])
    assert len(told("history", "staging")["moves"]) == 3


def test_runs_of_this_working_copy_are_told_apart_from_releases(yard: Yard, plain: Path, run: Run) -> None:
    (plain / ".promptyard/runs").mkdir(parents=True)
    for day in (1, 2):
        recorded(plain / f".promptyard/runs/{day}.jsonl", lost=range(day), at=f"2026-11-0{day}T10:00:00Z")
    lines = run("history", "support/triage", "--runs").stdout.splitlines()
    assert lines[0] == "support/triage  2 runs"
    assert "95.0% → 90.0%" in lines[1]


def test_a_prompt_without_history_and_a_name_that_is_nothing(
    yard: Yard, run: Run, error_of: Callable[..., str]
) -> None:
    assert "no release carries a test's numbers of support/triage" in run("history", "support/triage").stderr
    assert "no whole test run of support/triage" in run("history", "support/triage", "--runs").stderr
    assert "Did you mean support/triage?" in error_of(2, ["history", "support/triag"])
    assert "Did you mean staging?" in error_of(2, ["history", "stagin"])
    assert "HIS001 there is no channel and no prompt zzz. Channels are: staging" in error_of(
        2, ["history", "zzz"]
    )
    assert "USE001 --runs and --html are about a prompt" in error_of(2, ["history", "--runs"])
