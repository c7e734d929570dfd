from __future__ import annotations

import pytest


@pytest.fixture
def shop(promoted):
    return promoted


def canary(told):
    return told("history", "production")["moves"][0]["canary"]


def test_a_rollout_goes_up_step_by_step_and_ends_on_all(shop, run, told) -> None:
    planned = run("plan", "production", "--from", "staging", "--canary", "10").stdout
    assert "production: release 1 is live, release 2 comes to 10 % of the instances" in planned
    done = told("promote", "staging", "production", "--canary", "10", "--yes", "--reason", "try")
    assert (done["release"], done["canary"]["release"], done["canary"]["percent"]) == (1, 2, 10)
    assert (done["seen"]["release"], done["seen"]["canary"]["release"]) == (1, 2)
    again = run("promote", "staging", "production", "--canary", "10", "--yes").stdout
    assert "already live  release 2 on 10 % of production, release 1 on the others" in again
    assert told("plan", "production", "--from", "staging", "--canary", "10")["idle"] is True
    assert told("plan", "production", "--from", "staging", "--canary", "50")["idle"] is False
    told("promote", "staging", "production", "--canary", "50", "--yes", "--bake", "30m", "--steps", "50,100")
    found = canary(told)
    assert (found["percent"], found["was"], found["bakeSeconds"], found["steps"]) == (50, 10, 1800, [50, 100])
    assert told("promote", "staging", "production", "--canary", "100", "--yes")["release"] == 2
    lines = run("history", "production").stdout.splitlines()
    assert "promote  release 2 of staging from 1" in lines[0]
    assert "canary   release 2 of staging from 10 to 50 %, release 1 stays" in lines[1]
    assert "canary   release 2 of staging from 0 to 10 %, release 1 stays" in lines[2]
    assert lines[2].endswith("ada  try")


def test_zero_ends_it_and_so_does_a_rollback_without_a_number(shop, run, told, error_of) -> None:
    run("promote", "staging", "production", "--canary", "10", "--yes")
    run("promote", "staging", "production", "--canary", "0", "--yes", "--reason", "slow")
    move = told("history", "production")["moves"][0]
    assert (move["action"], move["release"], move["ended"], move["reason"]) == ("rollback", 1, 2, "slow")
    assert "PUB024" in error_of(2, ["promote", "staging", "production", "--canary", "0", "--yes"])
    run("promote", "staging", "production", "--canary", "10", "--yes")
    assert "release 1 comes to all" in run("rollback", "production", "--reason", "bad", "--dry-run").stdout
    run("rollback", "production", "--reason", "bad", "--yes")
    assert canary(told) is None
    assert "rollback release 1, ends the rollout of release 2" in run("history", "production").stdout
    assert "PUB008" in error_of(2, ["rollback", "production", "--reason", "more", "--yes"])


def test_status_verify_and_the_next_publish_know_of_it(shop, run, told, error_of) -> None:
    run("promote", "staging", "production", "--canary", "10", "--yes")
    assert "release 2 on 10 % since" in run("status").stdout
    production = told("status")["channels"][1]
    assert (production["live"]["release"], production["live"]["canary"]["release"]) == (1, 2)
    assert "production, canary: release 2" in run("verify", "--channel", "production").stdout
    assert told("verify", "--channel", "production")["canary"]["release"] == 2
    shop.write("prompts/partials/tone.md", "Be brief.\n")
    shop.commit("brief")
    run("publish", "--yes")
    for words in (
        ["promote", "staging", "production", "--yes"],
        ["publish", "--channel", "production", "--yes"],
    ):
        assert "PUB021 release 2 is on its way on production, at 10 %" in error_of(3, words)
    assert told("rollout", "step", "production", "--to", "100", "--yes")["release"] == 2


def test_nothing_is_done_without_a_yes_and_odd_words_are_refused(shop, run, error_of, told) -> None:
    for words in (
        ["promote", "staging", "production", "--canary", "10"],
        ["promote", "staging", "production", "--canary", "10", "--json"],
    ):
        result = run(*words, code=2)
        assert "PUB014" in result.stderr
    assert "USE001" in error_of(2, ["promote", "staging", "production", "--bake", "1m", "--yes"])
    assert "USE001" in error_of(2, ["plan", "production", "--canary", "10"])
    for bad in ("101", "-1", "x"):
        run("promote", "staging", "production", "--canary", bad, "--yes", code=2)
    for bad in ("10,5", "0,10", "10,101", "ten", "10,,20"):
        run("promote", "staging", "production", "--canary", "10", "--steps", bad, "--yes", code=2)
    run("promote", "staging", "production", "--canary", "10", "--bake", "10", "--yes", code=2)
    run("promote", "staging", "production", "--canary", "10", "--dry-run")
    assert len(told("history", "production")["moves"]) == 1


@pytest.mark.parametrize("more", [(), ("--canary", "10")])
def test_a_yes_to_one_release_is_no_yes_to_another(shop, run, told, error_of, monkeypatch, more) -> None:
    def meanwhile(*_, **__) -> None:
        shop.write("prompts/partials/tone.md", "Be brisk.\n")
        shop.commit("brisk")
        run("publish", "--yes")

    monkeypatch.setattr("registry.cli.commands.promote.require_yes", meanwhile)
    assert "PUB029" in error_of(3, ["promote", "staging", "production", *more])
    assert (told("history", "production")["moves"][0]["release"], canary(told)) == (1, None)
