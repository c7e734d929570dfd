"""Each step of the workflows for GitHub, run in bash against a remote, a host and a store that are real."""

from __future__ import annotations

from typing import Any

import pytest
from workflows.conftest import Sandbox

REQUEST = 12


def pull(sha: str, *, fork: bool = False) -> dict[str, object]:
    head = {"sha": sha, "repo": {"full_name": "eve/prompts" if fork else "acme/prompts"}}
    return {"pull_request": {"number": REQUEST, "head": head, "base": {"ref": "main"}}}


@pytest.fixture(scope="module")
def branch(sandbox: Sandbox) -> str:
    sandbox.edit("two sentences", "three sentences")
    return sandbox.push("longer", "a longer answer")


def test_a_pull_request_is_told_of_once_and_kept_up_to_date(sandbox: Sandbox, branch: str) -> None:
    sandbox.host.comments[:] = [
        {"id": n, "user": {"type": "User"}, "body": "<!-- promptyard:check --> said a person"}
        for n in range(130)
    ]
    first = sandbox.runner().run("check.yml", "pull_request", pull(branch), sha=branch)
    assert first.results == {"prompts": "success", "regress": "success", "comment": "success"}, first.failures
    (made,) = sandbox.host.comments[130:]
    assert made["body"].startswith(
        "<!-- promptyard:check -->\nLint and changes: **success** · tests: **success**"
    )
    assert "three sentences" in made["body"]
    assert "Promptyard" in first.summary
    sandbox.host.asked.clear()
    sandbox.runner().run("check.yml", "pull_request", pull(branch), sha=branch)
    assert len(sandbox.host.comments) == 131
    assert sandbox.host.asked[-1] == f"PATCH /repos/acme/prompts/issues/comments/{made['id']}"


def test_a_fork_is_tested_and_summed_up_but_writes_nothing(sandbox: Sandbox, branch: str) -> None:
    before = len(sandbox.host.comments)
    done = sandbox.runner().run("check.yml", "pull_request", pull(branch, fork=True), sha=branch)
    assert done.results == {"prompts": "success", "regress": "success", "comment": "skipped"}
    assert "three sentences" in done.summary
    assert len(sandbox.host.comments) == before


def test_a_finding_stops_the_check_and_the_comment_says_so(sandbox: Sandbox, branch: str) -> None:
    sandbox.edit("{{ question }}", "{{ questoin }}")
    broken = sandbox.push("broken", "a slip")
    done = sandbox.runner().run("check.yml", "pull_request", pull(broken), sha=broken)
    assert (done.results["prompts"], done.results["comment"]) == ("failure", "success")
    assert "::error" in done.out("Lint")
    assert "Lint and changes: **failure**" in sandbox.host.comments[-1]["body"]
    sandbox.sh("git", "reset", "-q", "--hard", branch)


def test_a_merge_is_published_promoted_and_signed_again_with_credentials_of_each_job_alone(
    sandbox: Sandbox, branch: str
) -> None:
    sandbox.sh("git", "push", "-q", "origin", f"{branch}:main")
    sandbox.host.pulls[branch] = [
        {"number": REQUEST, "html_url": "https://github.invalid/acme/prompts/pull/12"}
    ]
    sandbox.host.reviews[REQUEST] = [
        {"user": {"login": "bob"}, "state": "APPROVED", "submitted_at": "2026-11-20T10:00:00Z"}
    ]
    done = sandbox.runner().run("release.yml", "push", {}, sha=branch)
    assert done.results == {"prove": "success", "publish": "success"}, done.failures
    assert "published" in done.out("Publish")
    assert "verified as a service would" in done.out("Publish")
    (move,) = sandbox.live("staging")
    assert (move["commit"], move["actor"], move["reason"]) == (branch, "ada", f"Merge of {branch}")
    (proof,) = sandbox.evidence()
    assert proof["passed"] is True
    assert proof["origin"] == {
        "branch": "main",
        "approvals": [{"by": "bob", "request": "https://github.invalid/acme/prompts/pull/12", "at": "2026-11-20T10:00:00Z"}],
        "run": "https://github.invalid/acme/prompts/actions/runs/77",
    }  # fmt: skip
    again = sandbox.runner().run("release.yml", "workflow_dispatch", {}, sha=branch)
    assert "already live" in again.out("Publish")
    assert len(sandbox.live("staging")) == 1
    _promoted(sandbox, branch)
    _signed_again(sandbox, branch)


def test_what_is_not_merged_is_not_published(sandbox: Sandbox, branch: str) -> None:
    beside = sandbox.push("beside", "not merged")
    done = sandbox.runner().run("release.yml", "workflow_dispatch", {}, sha=beside, ref="beside")
    assert done.results == {"prove": "success", "publish": "failure"}
    assert "PRV001" in done.out("Publish")
    sandbox.sh("git", "reset", "-q", "--hard", branch)


def test_without_the_role_nothing_reaches_the_store(sandbox: Sandbox, branch: str) -> None:
    runner = sandbox.runner()
    runner.vars = {"PROMPTYARD_RELEASE": "on"}
    done = runner.run("release.yml", "push", {}, sha=branch)
    assert done.results == {"prove": "success", "publish": "failure"}
    assert "NoCredentialsError" in done.out("Root")
    runner.vars = {}
    assert runner.run("release.yml", "push", {}, sha=branch).results == {
        "prove": "skipped",
        "publish": "skipped",
    }


def test_a_key_that_was_replaced_in_a_merge_is_the_store_s_after_the_release(
    sandbox: Sandbox, branch: str
) -> None:
    new = f"file:{sandbox.folder}/keys/staging-online-2.pem"
    sandbox.sh("promptyard", "keys", "rotate", "staging", "--role", "online", "--to", new)
    sandbox.sh("promptyard", "keys", "sign", "staging")
    sandbox.edit("staging-online.pem", "staging-online-2.pem", "promptyard.yaml")
    merged = sandbox.push("main", "another key signs every day")
    done = sandbox.runner().run("release.yml", "push", {}, sha=merged)
    assert done.results == {"prove": "success", "publish": "success"}, done.failures
    assert "staging: root 2 is in the store" in done.out("Root")
    assert "verified as a service would" in done.out("Publish")
    assert "staging  root 2" in sandbox.runner().run("resign.yml", "schedule", {}, sha=merged).out("Keys")


def test_a_promotion_to_a_part_of_the_instances_is_a_rollout_that_can_be_ended(
    sandbox: Sandbox, branch: str
) -> None:
    if not sandbox.live("staging"):
        sandbox.runner().run("release.yml", "push", {}, sha=branch)
    if not sandbox.live("production"):
        _promoted(sandbox, branch)
    if sandbox.live("production")[0]["sha256"] == sandbox.live("staging")[0]["sha256"]:
        sandbox.edit("You", "You now")
        branch = sandbox.push("main", "another release")
        sandbox.runner().run("release.yml", "push", {}, sha=branch)
    for percent, action, place in (("25", "canary", 25), ("0", "rollback", None)):
        given = {"inputs": {"source": "staging", "dest": "production", "canary": percent, "reason": "try"}}
        done = sandbox.runner().run("promote.yml", "workflow_dispatch", given, sha=branch)
        assert done.results == {"plan": "success", "promote": "success"}, done.failures
        assert "production: release" in done.summary
        move: Any = sandbox.live("production")[0]
        assert (move["action"], move["canary"] and move["canary"]["percent"]) == (action, place)


def _promoted(sandbox: Sandbox, branch: str) -> None:
    given = {
        "inputs": {
            "source": "staging",
            "dest": "production",
            "canary": "100",
            "reason": '$(touch owned) `x` "q"',
        }
    }
    done = sandbox.runner().run("promote.yml", "workflow_dispatch", given, sha=branch)
    assert done.results == {"plan": "success", "promote": "success"}, done.failures
    assert "production: nothing is live, release 1 comes" in done.summary
    (there,), (here,) = sandbox.live("production"), sandbox.live("staging")
    assert there["sha256"] == here["sha256"]
    assert there["reason"] == given["inputs"]["reason"]
    assert list(sandbox.folder.rglob("owned")) == []


def _signed_again(sandbox: Sandbox, branch: str) -> None:
    done = sandbox.runner().run("resign.yml", "schedule", {}, sha=branch)
    assert done.results == {"resign": "success"}
    assert done.out("Sign again").split("\n")[:2] == ["staging: young enough", "production: young enough"]
    assert "staging  root 1" in done.out("Keys")
