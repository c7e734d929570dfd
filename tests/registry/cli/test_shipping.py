"""The commands that ship, as a person or a job runs them: publish, promote, roll back, look, sign again."""

from __future__ import annotations

import json
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from support import content

from registry.cli.main import main
from registry.publish.channels import initialise, open_target
from registry.settings import Settings

TONE = "prompts/partials/tone.md"


@dataclass
class Desk:
    """A registry in a Git repository with two channels, and the command line at it."""

    root: Path
    capture: pytest.CaptureFixture[str]

    def git(self, *words: str) -> str:
        who = ["-c", "user.name=Ada", "-c", "user.email=ada@example.org", "-c", "commit.gpgsign=false"]
        done = subprocess.run(
            ["git", *who, *words], cwd=self.root, check=True, capture_output=True, text=True, timeout=30
        )
        return done.stdout.strip()

    def commit(self, tone: str) -> str:
        (self.root / TONE).write_text(tone, encoding="utf-8")
        self.git("add", "-A")
        self.git("commit", "-qm", tone)
        return self.git("rev-parse", "HEAD")

    def run(self, *words: str, code: int = 0) -> str:
        """What a command prints; on failure what it says of it."""
        with pytest.raises(SystemExit) as left:
            main.main(["-C", str(self.root), *words])
        told = self.capture.readouterr()
        assert left.value.code == code, told
        return told.out if code == 0 else told.err

    def json(self, *words: str) -> Any:
        return json.loads(self.run(*words, "--json"))


@pytest.fixture
def desk(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Desk:
    monkeypatch.setenv("GITHUB_ACTOR", "ada")
    content.write(tmp_path, **{"promptyard.yaml": "promptyard: 1\n", ".gitignore": ".promptyard/\n"})
    for name in Settings().channels:
        initialise(open_target("file:.promptyard/store", tmp_path), Settings().channel(name), tmp_path)
    made = Desk(tmp_path, capsys)
    made.git("init", "-q", "-b", "main")
    made.commit("Be calm.\n")
    return made


def test_a_publish_tells_the_plan_then_what_is_live_then_what_a_service_sees(desk: Desk) -> None:
    lines = desk.run("publish", "--reason", "first", "--yes").splitlines()
    assert lines[0] == "staging: nothing is live, release 1 comes"
    assert "  + prompt support/triage" in lines
    assert lines[-2].startswith("published  release 1 on staging  ")
    assert lines[-1] == "verified as a service would: 1 prompt"


def test_the_plan_names_what_changes_and_why(desk: Desk) -> None:
    desk.run("publish", "--yes")
    desk.commit("Be very calm.\n")
    told = desk.run("publish", "--dry-run")
    assert "staging: release 1 is live, release 2 comes" in told
    assert "  ~ prompt support/triage  (partial partials/tone.md, message rules)" in told
    assert desk.json("status")["channels"][0]["live"]["release"] == 1, "a dry run writes nothing"


def test_publishing_what_is_live_does_nothing(desk: Desk) -> None:
    first = desk.json("publish", "--yes")
    again = desk.json("publish", "--yes")
    assert (first["changed"], again["changed"]) == (True, False)
    assert (again["version"], again["sha256"]) == (1, first["sha256"])
    assert again["seen"] == {"release": 1, "sha256": first["sha256"]}


def test_a_branch_cannot_overtake_what_is_live(desk: Desk) -> None:
    desk.commit("Be very calm.\n")
    desk.run("publish", "--yes")
    desk.git("checkout", "-q", "-b", "side", "HEAD~1")
    desk.commit("Be loud.\n")
    for words in (["publish", "--yes"], ["publish", "--dry-run"]):
        assert "PUB006 commit" in desk.run(*words, code=3)
    assert len(desk.json("history")["moves"]) == 1


def test_a_release_goes_on_and_comes_back_and_history_tells_it(desk: Desk) -> None:
    first = desk.json("publish", "--yes")
    desk.commit("Be very calm.\n")
    desk.run("publish", "--yes")
    assert "promoted  release 2 on production" in desk.run("promote", "staging", "production", "--yes")
    back = desk.json("rollback", "staging", "--reason", "Wrong tone", "--yes")
    assert (back["release"], back["sha256"], back["version"]) == (1, first["sha256"], 3)
    told = [
        (m["action"], m["release"], m["from"], m["actor"], m["reason"]) for m in desk.json("history")["moves"]
    ]
    assert told == [
        ("rollback", 1, 2, "ada", "Wrong tone"),
        ("publish", 2, 1, "ada", ""),
        ("publish", 1, None, "ada", ""),
    ]
    assert "--to" in desk.run("rollback", "staging", "--reason", "again", "--yes", code=2)
    assert desk.json("rollback", "staging", "--to", "2", "--reason", "was right", "--yes")["release"] == 2
    assert "promote  release 2 of staging" in desk.run("history", "production")
    assert len(desk.run("history", "--limit", "1").splitlines()) == 1


def test_status_holds_every_channel_against_head(desk: Desk) -> None:
    assert [row["stands"] for row in desk.json("status")["channels"]] == ["nothing published"] * 2
    desk.run("publish", "--yes")
    desk.run("promote", "staging", "production", "--yes")
    head = desk.commit("Be very calm.\n")
    desk.run("publish", "--yes")
    told = desk.json("status")
    assert told["head"] == head
    assert [row["stands"] for row in told["channels"]] == ["at head", "behind head"]
    assert all(6.9 < row["expiresInDays"] <= 7 for row in told["channels"])
    desk.git("commit", "-q", "--allow-empty", "-m", "nothing")
    shown = desk.run("status")
    assert "same content as head" in shown
    assert "behind head" in shown


def test_status_tells_an_empty_channel_from_a_store_that_is_away(desk: Desk) -> None:
    desk.run("publish", "--yes")
    store = desk.root / ".promptyard/store"
    store.rename(desk.root / "away")
    with pytest.raises(SystemExit) as left:
        main.main(["-C", str(desk.root), "status"])
    assert left.value.code == 4
    told = desk.capture.readouterr().out
    assert told.count("not in this store") == 2
    assert "nothing published" not in told
    with pytest.raises(SystemExit):
        main.main(["-C", str(desk.root), "plan"])
    assert "the store holds nothing of channel staging yet" in desk.capture.readouterr().err


def test_status_shows_the_other_channels_when_one_must_not_be_believed(desk: Desk) -> None:
    desk.run("publish", "--yes")
    desk.run("promote", "staging", "production", "--yes")
    path = desk.root / ".promptyard/store/channels/staging/metadata/timestamp.json"
    path.write_bytes(path.read_bytes().replace(b'"version":1', b'"version":9'))
    with pytest.raises(SystemExit) as left:
        main.main(["-C", str(desk.root), "status"])
    told = desk.capture.readouterr().out
    assert left.value.code == 3
    assert "staging     SIG001 timestamp metadata lacks a valid signature" in told
    assert "production  release 1" in told


def test_a_refusal_is_said_once(desk: Desk) -> None:
    assert len(desk.run("verify", code=4).splitlines()) == 1


def test_verify_sees_a_store_a_file_and_what_was_tampered_with(desk: Desk) -> None:
    done = desk.json("publish", "--yes")
    assert desk.json("verify")["sha256"] == done["sha256"]
    root = desk.root / "trust/staging.root.json"
    store = f"file:{desk.root}/.promptyard/store"
    assert desk.json("verify", store, "--channel", "staging", "--trust", str(root))["release"] == 1
    path = desk.root / f".promptyard/store/objects/sha256/{done['sha256']}"
    assert "a file carries no signature" in desk.run("verify", str(path))
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.chmod(0o644)
    path.write_bytes(data)
    assert "BND" in desk.run("verify", str(path), code=3)
    assert "SIG" in (told := desk.run("verify", code=3)) or "BND" in told
    assert "VER001" in desk.run("verify", "nothing.tar.gz", code=2)


def test_a_store_is_checked_on_demand(desk: Desk) -> None:
    assert desk.json("store", "check")["conditionalWrites"] is True
    assert "creates once" in desk.run("store", "check", "file:elsewhere")
    (desk.root / "blocked").write_text("")
    assert "STO001" in desk.run("store", "check", "file:blocked", code=4)


def test_resign_signs_what_has_a_release_and_only_when_due(desk: Desk) -> None:
    assert desk.json("resign") == {"signed": {}}
    desk.run("publish", "--yes")
    assert desk.json("resign", "--if-older-than", "24h") == {"signed": {"staging": False}}
    assert desk.json("resign", "staging") == {"signed": {"staging": True}}
    told = desk.json("resign", "staging", "--actor", "ada", "--reason", "before the holidays")
    assert told == {"signed": {"staging": True}}
    signed = desk.json("history", "staging")["signedAgain"]
    assert (signed["release"], signed["actor"], signed["reason"]) == (1, "ada", "before the holidays")
    assert signed["to"] == signed["from"] + 1
    assert "ada  before the holidays" in desk.run("history", "staging").splitlines()[0]
    assert "not a length of time" in desk.run("resign", "--if-older-than", "soon", code=2)


@pytest.mark.parametrize(
    ("words", "code", "says"),
    [
        (("publish", "--channel", "nowhere"), 2, "CFG002"),
        (("publish", "--ref", "nothing"), 2, "GIT002"),
        (("promote", "staging", "production"), 2, "PUB007"),
        (("rollback", "--reason", "x"), 2, "PUB008"),
        (("rollback", "--to", "41", "--reason", "x"), 2, "PUB008"),
        (("rollback", "--to", "1"), 2, "Missing option '--reason'"),
    ],
)
def test_what_cannot_be_done_is_one_line_and_a_code(
    desk: Desk, words: tuple[str, ...], code: int, says: str
) -> None:
    told = desk.run(*words, code=code)
    assert says in told
    assert len(told.splitlines()) == 1
    assert "Traceback" not in told


def test_a_missing_key_stops_a_publish_before_anything_is_written(desk: Desk) -> None:
    (desk.root / ".promptyard/keys/staging-targets.pem").unlink()
    assert "KEY001" in desk.run("publish", "--yes", code=2)
    assert not (desk.root / ".promptyard/store/objects").exists()
