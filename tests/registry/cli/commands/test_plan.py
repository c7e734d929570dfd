from __future__ import annotations

import pytest


@pytest.fixture
def shop(run, yard, monkeypatch: pytest.MonkeyPatch):
    """Two releases on staging, the first on production; a third one is committed."""
    monkeypatch.setenv("GITHUB_ACTOR", "ada")
    run("init", "--minimal")
    for tone in ("calm", "kind", "brief"):
        yard.write("prompts/partials/tone.md", f"Be {tone}.\n")
        yard.commit(tone)
        if tone != "brief":
            run("publish", "--yes")
        if tone == "calm":
            run("promote", "staging", "production", "--yes")
    return yard


def keys(shop):
    return shop.root / ".promptyard/keys"


def test_a_plan_needs_no_key_and_writes_nothing(shop, run, told) -> None:
    for key in keys(shop).iterdir():
        key.unlink()
    before = sorted(path for path in (shop.root / ".promptyard/store").rglob("*"))
    assert "staging: release 2 is live, release 3 comes" in run("plan").stdout
    found = told("plan")
    assert (found["channel"], found["live"], found["release"], found["idle"]) == ("staging", 2, 3, False)
    assert found["changes"][0] == {
        "what": "changed", "kind": "prompt", "id": "support/triage",
        "reasons": ["partial partials/tone.md", "message rules"],
    }  # fmt: skip
    assert found["commit"] == shop.git("rev-parse", "HEAD").strip()
    assert sorted(path for path in (shop.root / ".promptyard/store").rglob("*")) == before


def test_a_promotion_and_a_rollback_are_planned_too(shop, run, told) -> None:
    assert (
        "production: release 1 is live, release 2 comes"
        in run("plan", "production", "--from", "staging").stdout
    )
    assert "staging: release 2 is live, release 1 comes" in run("plan", "--to", "1").stdout
    assert told("plan", "production", "--from", "staging")["release"] == 2
    assert told("plan", "staging", "--to", "1")["live"] == 2


def test_a_plan_of_what_is_live_says_so(shop, run, told) -> None:
    assert "release 2 is live on staging already" in run("plan", "--ref", "HEAD~1").stdout
    assert told("plan", "--ref", "HEAD~1")["idle"] is True


def test_what_would_be_refused_is_refused_in_the_plan(shop, error_of) -> None:
    for words, code, says in (
        (("plan", "--ref", "HEAD~2"), 3, "PUB006"),
        (("plan", "--to", "7"), 2, "PUB008"),
        (("plan", "staging", "--from", "staging"), 2, "PUB015"),
        (("promote", "staging", "staging", "--yes"), 2, "PUB015"),
        (("plan", "--to", "1", "--ref", "HEAD"), 2, "USE001"),
        (("plan", "nowhere"), 2, "CFG002"),
    ):
        assert says in error_of(code, words)
