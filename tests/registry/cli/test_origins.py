"""What publish asks of a commit before it signs, and what it writes down about it."""

from __future__ import annotations

import json

import pytest
from support.checkouts import Yard
from support.hosting import hosting

POLICY = "\npolicy: {releaseBranch: main, requireEvidence: true}\n"
PROMPT = "prompts/support/answer.prompt.yaml"


@pytest.fixture
def bank(bank: Yard, monkeypatch: pytest.MonkeyPatch) -> Yard:
    """A small registry that asks for a branch and for evidence; the working folder of the test."""
    bank.write("promptyard.yaml", (bank.root / "promptyard.yaml").read_text() + POLICY)
    bank.commit("policy")
    for name in ("GITHUB_TOKEN", "GITHUB_API_URL", "GITHUB_REPOSITORY", "GITHUB_RUN_ID", "CI_JOB_URL"):
        monkeypatch.delenv(name, raising=False)
    return bank


def evidence(bank: Yard) -> list[dict[str, object]]:
    held = [path.read_bytes() for path in (bank.root / ".promptyard/store/objects/sha256").iterdir()]
    return [json.loads(data) for data in held if data.startswith(b"{")]


def test_a_commit_beside_the_branch_is_refused_by_the_plan_and_by_publish(run, error_of, bank: Yard) -> None:
    bank.git("switch", "-q", "-c", "beside")
    bank.edit(PROMPT, "two sentences", "three sentences")
    bank.commit()
    run("test")
    for words in (["plan"], ["publish", "--dry-run"], ["publish", "--yes"]):
        assert "PRV001" in error_of(3, words)
    bank.git("branch", "-f", "main")
    run("publish", "--yes")


def test_what_was_tested_otherwise_is_refused(run, error_of, bank: Yard) -> None:
    assert "EVD002" in error_of(1, ["publish", "--yes"])
    run("test")
    bank.edit(PROMPT, "two sentences", "three sentences")
    bank.commit()
    assert "EVD003" in error_of(1, ["publish", "--yes"])


def test_the_evidence_says_where_the_release_comes_from(
    run, bank: Yard, monkeypatch: pytest.MonkeyPatch
) -> None:
    run("test")
    with hosting() as host:
        host.pulls[bank.git("rev-parse", "HEAD")] = [{"number": 1, "html_url": "https://github.invalid/1"}]
        host.reviews[1] = [
            {"user": {"login": "bob"}, "state": "APPROVED", "submitted_at": "2026-11-20T10:00:00Z"}
        ]
        monkeypatch.setenv("GITHUB_TOKEN", "tkn")
        monkeypatch.setenv("GITHUB_API_URL", host.url)
        monkeypatch.setenv("GITHUB_REPOSITORY", "acme/prompts")
        run("publish", "--yes")
    (proof,) = evidence(bank)
    assert proof["origin"]["branch"] == "main"  # type: ignore[index]
    assert proof["origin"]["approvals"][0]["by"] == "bob"  # type: ignore[index]
    assert len(str(proof["reportSha256"])) == 64


def test_a_silent_host_is_told_and_stops_nothing(run, bank: Yard, monkeypatch: pytest.MonkeyPatch) -> None:
    run("test")
    with hosting() as host:
        host.answer = lambda *_: (500, {})  # type: ignore[method-assign]
        monkeypatch.setenv("GITHUB_TOKEN", "tkn")
        monkeypatch.setenv("GITHUB_API_URL", host.url)
        monkeypatch.setenv("GITHUB_REPOSITORY", "acme/prompts")
        done = run("publish", "--yes")
    assert "who approved is not recorded" in done.stderr
    (proof,) = evidence(bank)
    assert "approvals" not in proof["origin"]  # type: ignore[operator]


def test_a_release_file_is_the_same_wherever_it_comes_from(run, bank: Yard) -> None:
    """Where a commit comes from is beside the bundle: its bytes stay those of the commit and the number."""
    run("test")
    run("release", "--number", "7", "--out", "one.tar.gz")
    bank.git("switch", "-q", "-c", "beside")
    run("test")
    run("release", "--number", "7", "--out", "two.tar.gz")
    assert (bank.root / "one.tar.gz").read_bytes() == (bank.root / "two.tar.gz").read_bytes()


def test_an_unsigned_commit_is_refused_once_the_live_one_asks_for_signatures(
    run, error_of, bank: Yard
) -> None:
    run("test")
    run("publish", "--yes")
    bank.edit("promptyard.yaml", "requireEvidence: true", "requireSignedCommits: true")
    bank.edit(PROMPT, "two sentences", "three sentences")
    bank.write("trust/allowed_signers", "")
    bank.commit()
    assert "PRV002" in error_of(3, ["publish", "--yes"])
