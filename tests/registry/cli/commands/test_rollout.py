from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest
from support.rollouts import name_for

from registry.publish.moves import Canary
from serve import Report
from serve.core.codec import to_json
from serve.report import Refused, report_path


@pytest.fixture
def shop(run, promoted):
    """Release 2 on its way to a tenth; nothing to wait for."""
    run("promote", "staging", "production", "--canary", "10", "--bake", "0s", "--yes")
    return promoted


@pytest.fixture
def report(shop, told):
    """A service that is drawn reports: well, or a refusal."""

    def make(*, refuses: bool = False) -> str:
        move = told("history", "production")["moves"][0]
        to, now = move["canary"], datetime.now(UTC).isoformat()
        name = name_for(Canary(2, to["sha256"], 1, "", "", 10, 0, to["sha256"][:16], 0, (), ""), percent=10)
        runs = move if refuses else to
        refused = Refused("BND007", "renders\x1b[31m differently", now, 2) if refuses else None
        told_ = Report(
            name, "production", "fresh", now, runs["release"], runs["sha256"], not refuses, since=now,
            heartbeat_s=150, refusals=int(refuses), last_refusal=refused,
        )  # fmt: skip
        shop.write(f".promptyard/store/{report_path('production', name)}", json.dumps(to_json(told_)))
        return name

    return make


def watch(run, *words, code=0):
    return run("rollout", "watch", "production", "--yes", "--interval", "0.1", *words, code=code)


def test_a_healthy_rollout_is_watched_to_the_end(shop, run, report, told, monkeypatch) -> None:
    report()
    lines = [json.loads(line) for line in watch(run, "--once", "--json").stdout.splitlines()]
    assert [(line["act"], line["at"], line["percent"]) for line in lines] == [("advance", 10, 50)]
    report()
    assert "finish" in watch(run, "--once").stdout
    move = told("history", "production")["moves"][0]
    assert (move["release"], move["actor"]) == (2, "ada (rollout watch)")


def test_a_refusal_takes_it_back_and_the_exit_code_says_so(run, report, told) -> None:
    report(refuses=True)
    result = watch(run, code=1)
    assert "end      release 2 is taken back  one instance refused release 2: BND007" in result.stdout
    move = told("history", "production")["moves"][0]
    assert (move["action"], move["release"], move["ended"]) == ("rollback", 1, 2)
    assert "PUB024" in watch(run, code=2).stderr


def test_silence_holds_it(shop, run, told) -> None:
    assert "hold     release 2 stays on 10 %  no instance reports" in watch(run, "--once").stdout
    shown = told("rollout", "show", "production")
    assert (shown["act"], shown["canary"]["percent"], shown["why"]) == ("hold", 10, "no instance reports")
    assert "stays on 10 %" in run("rollout", "show", "production").stdout


def test_a_prometheus_that_is_away_holds_it(run, report) -> None:
    report()
    gauge = ["--prometheus", "http://127.0.0.1:9", "--query", "up", "--max", "1"]
    assert "Prometheus does not answer" in watch(run, "--once", *gauge).stdout


def test_odd_words_are_refused_before_anything_is_asked(shop, run, error_of) -> None:
    for words in (["--prometheus", "http://x"], ["--prometheus", "x", "--query", "up", "--max", "1"]):
        assert "USE001" in error_of(2, ["rollout", "watch", "production", "--yes", *words])
    for figure in ("nan", "inf"):
        gauge = ["--prometheus", "http://x", "--query", "up", "--max", figure]
        assert "USE001" in error_of(2, ["rollout", "watch", "production", "--yes", *gauge])
    assert "PUB014" in error_of(2, ["rollout", "watch", "production"])
    assert "PUB014" in error_of(2, ["rollout", "step", "production", "--to", "50"])
    assert "PUB024" in error_of(2, ["rollout", "show", "staging"])


def test_a_step_by_hand_is_asked_for_signed_and_shown(shop, run, told) -> None:
    dry = run("rollout", "step", "production", "--to", "50", "--dry-run")
    assert "production: release 2 goes from 10 to 50 %" in dry.stdout
    assert told("rollout", "step", "production", "--to", "0", "--dry-run")["percent"] == 0
    assert told("rollout", "show", "production")["canary"]["percent"] == 10
    done = told("rollout", "step", "production", "--to", "50", "--reason", "well", "--yes")
    assert done["canary"]["percent"] == 50
    ended = run("rollout", "step", "production", "--to", "0", "--yes").stdout
    assert "production: release 2 leaves, release 1 stays on all\nrolled back  release 1" in ended


def test_a_yes_to_one_step_is_no_yes_to_another(shop, run, told, error_of, monkeypatch) -> None:
    def meanwhile(*_, yes: bool) -> None:
        if not yes:
            run("rollout", "step", "production", "--to", "20", "--yes")

    monkeypatch.setattr("registry.cli.rolling.require_yes", meanwhile)
    assert "PUB025" in error_of(3, ["rollout", "step", "production", "--to", "50"])
    assert told("rollout", "show", "production")["canary"]["percent"] == 20
    run("rollout", "step", "production", "--to", "10", "--yes")
    run("rollout", "step", "production", "--to", "0")
    assert told("history", "production")["moves"][0]["ended"] == 2, "the way back is open all the same"


def test_the_fleet_is_shown_and_one_that_is_gone_forgotten(run, report, told, error_of) -> None:
    name = report(refuses=True)
    shown = run("fleet", "production").stdout
    assert "production: release 1 is live, release 2 on 10 %; 1 instance: 1 on 1" in shown
    assert "1, last BND007" in shown
    assert "\x1b" not in shown
    found = told("fleet", "production")
    assert found["states"] == {"fresh": 1, "stale": 0, "empty": 0, "silent": 0}
    assert found["releases"] == {"1": 1}
    (one,) = found["instances"]
    assert (one["instance"], one["release"], one["silent"]) == (name, 1, False)
    assert one["lastRefusal"]["code"] == "BND007"
    assert "1 instance: 1 on 1" in run("status").stdout
    assert told("status")["channels"][1]["fleet"] == {
        "instances": 1, "states": found["states"], "releases": {"1": 1},
    }  # fmt: skip
    assert "PUB028" in error_of(2, ["fleet", "production", "--forget", "nobody", "--yes"])
    assert "PUB014" in error_of(2, ["fleet", "production", "--forget", name])
    run("fleet", "production", "--forget", name, "--yes")
    assert told("fleet", "production")["instances"] == []
    assert "no instance reports" in run("fleet", "production").stdout
