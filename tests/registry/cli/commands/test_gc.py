from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest


@pytest.fixture
def later(monkeypatch: pytest.MonkeyPatch):
    """Lets the command's clock be so many days ahead."""

    def ahead(days: float) -> None:
        monkeypatch.setattr(
            "registry.cli.commands.gc.utc_now", lambda: datetime.now(UTC) + timedelta(days=days)
        )

    return ahead


@pytest.fixture
def shop(run, yard, monkeypatch: pytest.MonkeyPatch):
    """Four releases on staging."""
    monkeypatch.setenv("GITHUB_ACTOR", "ada")
    run("init", "--minimal")
    for tone in ("calm", "kind", "brief", "plain"):
        yard.write("prompts/partials/tone.md", f"Be {tone}.\n")
        yard.commit(tone)
        run("publish", "--yes")
    return yard


def held(shop) -> int:
    return len(list((shop.root / ".promptyard/store/objects/sha256").iterdir()))


def test_young_releases_all_stay(shop, run, told) -> None:
    assert "4 objects are needed and stay" in run("gc", "--dry-run").stdout
    plan = told("gc", "--yes")
    assert plan["remove"] == []
    assert not [key for key in plan["mark"] if key.startswith("objects/")]
    again = told("gc")
    assert (again["done"], again["mark"]) == (False, []), "a second run has nothing to ask"
    assert held(shop) == 4


def test_two_runs_with_the_grace_between_them_remove_what_is_unneeded(shop, run, told, later) -> None:
    later(1)
    words = ("gc", "--keep", "2", "--days", "0")
    shown = run(*words, "--dry-run").stdout
    assert shown.count("mark    objects/sha256/") == 2
    assert "the next removal is possible from" in shown
    assert told(*words, "--yes")["remove"] == []
    assert held(shop) == 4
    later(3.1)
    dry = told(*words, "--dry-run")
    assert (len(dry["remove"]), dry["done"], held(shop)) == (2, False, 4)
    assert set(dry["needed"].values()) == {
        "release 4, live on staging",
        "release 3, a rollback target on staging",
    }
    assert "removed 2, marked 0" in run(*words, "--yes").stdout
    assert held(shop) == 2
    assert run("verify").exit_code == 0
    assert len(told("history")["moves"]) == 4
    assert "PUB009" in run("rollback", "--to", "1", "--reason", "x", "--yes", code=3).stderr
    assert told("rollback", "--to", "3", "--reason", "x", "--yes")["release"] == 3


def test_who_collected_when_and_why_is_told_by_the_next_run(shop, run, told, later) -> None:
    later(1)
    run("gc", "--keep", "2", "--days", "0", "--reason", "weekly", "--yes")
    (last,) = told("gc", "--dry-run")["runs"]
    assert (last["actor"], last["reason"], last["removed"]) == ("ada", "weekly", 0)
    assert last["marked"] >= 2
    shown = run("gc", "--dry-run").stdout
    assert f"last run {last['at']} by ada: removed 0, marked {last['marked']}  weekly" in shown


def test_nothing_is_removed_without_a_yes(shop, error_of, later) -> None:
    later(1)
    assert "PUB014" in error_of(2, ["gc", "--keep", "2", "--days", "0"])
    assert "USE001" in error_of(2, ["gc", "--keep", "1"])
    assert not (shop.root / ".promptyard/store/gc.json").exists()


def test_a_channel_that_is_not_known_here_stops_it(shop, run, error_of, plain) -> None:
    run("promote", "staging", "production", "--yes")
    (plain / "trust/production.root.json").unlink()
    assert "PUB016 channel production" in error_of(3, ["gc", "--dry-run"])
