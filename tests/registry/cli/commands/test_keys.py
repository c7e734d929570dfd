"""``promptyard keys`` as people type it: a ceremony of three, a rotation, a theft."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from registry.errors import Usage

SETTINGS = "promptyard: 1\nchannels: {production: {}}\n"
PROMPT = """\
promptyard: 1
description: Says hello.
owner: "@team"
model: models/chat
inputs: {name: {type: string, maxLength: 40}}
messages: [{role: user, content: "Hello {{ name }}"}]
"""
MODEL = "promptyard: 1\nengine: openai\nmodel: gpt-test\nparameters: {maxTokens: 50}\n"


@pytest.fixture
def root(plain: Path) -> Path:
    (plain / "promptyard.yaml").write_text(SETTINGS)
    return plain


def told(run: Any, *words: str, code: int = 0) -> Any:
    return json.loads(run("keys", *words, "--json", code=code).stdout)


def holder(run: Any, root: Path, name: str) -> str:
    """A holder's public half, as it lies in the pull request."""
    made = run("keys", "public", f"file:.promptyard/keys/{name}.pem").stdout
    (root / "trust").mkdir(exist_ok=True)
    (root / f"trust/{name}.pub").write_text(made)
    return f"{name}=pub:trust/{name}.pub"


def use(root: Path, **uris: str) -> None:
    keys = ", ".join(f'{role}: "{uri}"' for role, uri in uris.items())
    (root / "promptyard.yaml").write_text(f"promptyard: 1\nchannels: {{production: {{keys: {{{keys}}}}}}}\n")


def test_the_plain_way_is_one_command(run: Any, root: Path) -> None:
    out = run("keys", "init", "production").stdout
    assert "production.root.json is trusted; commit it" in out
    assert run("keys", "init", "production").exit_code == 0
    status = run("keys", "status").stdout
    assert "production  root 1" in status
    assert "1 of 1" in status


def test_three_holders_of_whom_two_sign(run: Any, root: Path) -> None:
    holders = [word for name in ("ada", "bob", "eve") for word in ("--key", holder(run, root, name))]
    begun = run("keys", "init", "production", "--threshold", "2", *holders).stdout
    assert "proposed root 1  trust/production.next.root.json" in begun
    assert "0 of 2 signatures" in begun
    half = run("keys", "sign", "production", "--key", "file:.promptyard/keys/bob.pem").stdout
    assert "1 of 2 signatures  signed by bob (" in half
    assert "can still sign: ada (" in half
    status = told(run, "status")["channels"][0]
    assert [each["owner"] for each in status["proposed"]["quorums"][0]["missing"]] == ["ada", "eve"]
    done = run("keys", "sign", "production", "--key", "file:.promptyard/keys/eve.pem").stdout
    assert "trusted root 1  trust/production.root.json" in done
    assert "then: promptyard keys publish production" in done
    assert told(run, "publish", "production", "--actor", "ci", "--yes") == {
        "channel": "production", "live": None, "placed": [1], "root": 1, "signedAgain": False,
    }  # fmt: skip
    assert told(run, "status")["channels"][0]["inStore"] is True


def test_a_rotation_says_what_to_write_into_the_settings(run: Any, root: Path) -> None:
    run("keys", "init", "production")
    new = "file:.promptyard/keys/production-online-2.pem"
    rotated = run("keys", "rotate", "production", "--role", "online", "--to", new)
    assert f"set channels.production.keys.online to {new}" in rotated.stderr
    run("keys", "sign", "production")
    assert (
        "root 2 is not in the store yet: promptyard keys publish production" in run("keys", "status").stdout
    )
    use(root, online=new)
    assert "root 2 is in the store" in run("keys", "publish", "production", "--actor", "ci", "--yes").stdout
    assert "production: root 2 was in the store" in run("keys", "publish", "--actor", "ci", "--yes").stdout


def test_another_year_needs_no_key(run: Any, root: Path) -> None:
    run("keys", "init", "production")
    assert "proposed root 2" in run("keys", "rotate", "production").stdout
    assert told(run, "sign", "production")["complete"] is True


def test_a_holder_is_added_and_another_revoked(run: Any, root: Path) -> None:
    run("keys", "init", "production", "--key", holder(run, root, "ada"))
    run("keys", "sign", "production", "--key", "file:.promptyard/keys/ada.pem")
    bob = holder(run, root, "bob")
    run("keys", "rotate", "production", "--role", "root", "--to", bob, "--add")
    run("keys", "sign", "production", "--key", "file:.promptyard/keys/ada.pem")
    run("keys", "revoke", "production", "ada", "--reason", "left the company")
    waiting = run("keys", "sign", "production", "--key", "file:.promptyard/keys/bob.pem").stdout
    assert "trusted root 3" in waiting
    status = told(run, "status")["channels"][0]
    assert [each["owner"] for each in status["roles"][0]["keys"]] == ["bob"]
    assert len(status["revoked"]) == 1


def test_what_a_replaced_key_signed_is_told_with_the_next_step_and_the_other_channels_are_signed_again(
    run: Any, root: Path, yard: Any
) -> None:
    (root / "promptyard.yaml").write_text("promptyard: 1\nchannels: {staging: {}, production: {}}\n")
    yard.write("prompts/models/chat.model.yaml", MODEL)
    yard.write("prompts/support/hello.prompt.yaml", PROMPT)
    yard.commit("hello")
    for name in ("staging", "production"):
        run("keys", "init", name)
        run("publish", "--channel", name, "--yes")
    run("keys", "rotate", "staging", "--role", "online", "--to", "file:.promptyard/keys/new.pem")
    run("keys", "sign", "staging")
    shown = run("status", code=3).stdout
    assert "KEY011 what is live on staging was signed by keys that root 2 replaced" in shown
    assert "Run promptyard keys publish staging" in shown
    failed = run("resign", "--json", code=3)
    assert json.loads(failed.stdout) == {"signed": {"production": True}}
    assert "KEY011" in failed.stderr


def test_after_a_theft_the_release_that_stays_is_named(run: Any, root: Path, yard: Any) -> None:
    (root / "promptyard.yaml").write_text(SETTINGS)
    yard.write("prompts/models/chat.model.yaml", MODEL)
    yard.write("prompts/support/hello.prompt.yaml", PROMPT)
    yard.commit("hello")
    run("keys", "init", "production")
    run("publish", "--channel", "production", "--yes")
    online = told(run, "status")["channels"][0]["roles"][2]["keys"][0]["id"]
    new = "file:.promptyard/keys/production-online-2.pem"
    run("keys", "revoke", "production", online[:10], "--to", new, "--reason", "laptop stolen")
    run("keys", "sign", "production")
    use(root, online=new)
    refused = run("keys", "publish", "production", code=None)
    assert isinstance(refused.exception, Usage | SystemExit)
    assert refused.exit_code != 0
    plan = run("keys", "publish", "production", "--keep", "1", "--dry-run").stdout
    assert "root 2 comes into the store; release 1 (commit " in plan
    status = told(run, "status", code=1)["channels"][0]
    assert (status["inStore"], status["trouble"][:6]) == (False, "KEY011")
    assert "root 2 is in the store" in run("keys", "publish", "production", "--keep", "1", "--yes").stdout
    assert "rekey" in run("history", "production").stdout
    assert run("verify", "--channel", "production").exit_code == 0


def test_status_is_quiet_without_channels_and_alarmed_by_expiry(
    run: Any, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "no channel has a root yet" in run("keys", "status").stderr
    run("keys", "init", "production")
    from datetime import UTC, datetime, timedelta

    later = datetime.now(UTC) + timedelta(days=310)
    monkeypatch.setattr("registry.cli.commands.keys.utc_now", lambda: later)
    assert "in 55 days" in run("keys", "status", code=1).stdout
    assert told(run, "status", code=1)["channels"][0]["alarm"] is True


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (["init", "production", "--threshold", "2"], "USE001"),
        (["init", "nowhere"], "CFG002"),
        (["init", "production", "--key", "what:ever"], "KEY001"),
        (["rotate", "production", "--role", "online"], "USE001"),
        (["rotate", "production", "--replaces", "ada"], "USE001"),
        (["rotate", "production"], "PUB002"),
        (["sign", "production"], "KEY010"),
        (["publish", "production"], "PUB002"),
        (["revoke", "production", "ada"], "PUB002"),
    ],
)
def test_mistakes_are_met_with_a_code(run: Any, root: Path, words: list[str], code: str) -> None:
    result = run("keys", *words, code=None)
    assert result.exit_code == 2
    assert code in result.output


@pytest.mark.parametrize("verb", ["init", "public", "sign", "rotate", "revoke", "publish", "status"])
def test_every_verb_helps(run: Any, verb: str) -> None:
    out = run("keys", verb, "--help").stdout
    assert "Examples:" in out
    assert "--json" in out
