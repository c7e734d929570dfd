from __future__ import annotations

from collections.abc import Iterator

import pytest
from support.hosting import Host, hosting

from registry.release.provenance import Approval
from registry.release.provenance_hosts import Untold, approvals_of, run_of

COMMIT = "c" * 40


@pytest.fixture
def host() -> Iterator[Host]:
    with hosting() as made:
        yield made


def github(host: Host) -> dict[str, str]:
    return {"GITHUB_TOKEN": "tkn", "GITHUB_API_URL": host.url, "GITHUB_REPOSITORY": "acme/prompts"}


def gitlab(host: Host) -> dict[str, str]:
    return {"PROMPTYARD_GITLAB_TOKEN": "tkn", "CI_API_V4_URL": host.url, "CI_PROJECT_ID": "7"}


def review(name: str, state: str, at: str = "2026-11-20T10:00:00Z") -> dict[str, object]:
    return {"user": {"login": name}, "state": state, "submitted_at": at}


def test_outside_of_a_host_nobody_is_asked() -> None:
    assert approvals_of(COMMIT, {"HOME": "/"}) is None


def test_the_last_word_of_each_reviewer_counts(host: Host) -> None:
    host.pulls[COMMIT] = [{"number": 12, "html_url": "https://github.invalid/12"}]
    host.reviews[12] = [
        review("bob", "APPROVED"),
        review("eve", "APPROVED"),
        review("eve", "CHANGES_REQUESTED"),
        review("bob", "COMMENTED"),
        review("cyd", "DISMISSED"),
        review("ann", "CHANGES_REQUESTED"),
        review("ann", "APPROVED", "2026-11-21T10:00:00Z"),
    ]
    assert approvals_of(COMMIT, github(host)) == (
        Approval("ann", "https://github.invalid/12", "2026-11-21T10:00:00Z"),
        Approval("bob", "https://github.invalid/12", "2026-11-20T10:00:00Z"),
    )


def test_a_commit_that_no_pull_request_brought_has_no_approvals(host: Host) -> None:
    assert approvals_of(COMMIT, github(host)) == ()


def test_gitlab_tells_who_approved_a_merge_request(host: Host) -> None:
    host.pulls[COMMIT] = [{"iid": 3, "web_url": "https://gitlab.invalid/3"}]
    host.approvals[3] = ["bob", "ann"]
    assert approvals_of(COMMIT, gitlab(host)) == (
        Approval("ann", "https://gitlab.invalid/3"),
        Approval("bob", "https://gitlab.invalid/3"),
    )


@pytest.mark.parametrize("broken", ["nowhere", "odd", "down"])
def test_a_host_that_does_not_tell_is_no_host_without_approvals(host: Host, broken: str) -> None:
    environ = github(host)
    if broken == "nowhere":
        environ["GITHUB_API_URL"] = f"{host.url}/elsewhere/x"
        host.answer = lambda *_: (404, {})  # type: ignore[method-assign]
    elif broken == "odd":
        host.answer = lambda *_: (200, ["no pull request"])  # type: ignore[method-assign]
    else:
        host.answer = lambda *_: (500, {})  # type: ignore[method-assign]
    with pytest.raises(Untold):
        approvals_of(COMMIT, environ)


def test_the_job_has_an_address_on_both_hosts() -> None:
    place = {
        "GITHUB_SERVER_URL": "https://github.invalid",
        "GITHUB_REPOSITORY": "acme/prompts",
        "GITHUB_RUN_ID": "7",
    }
    assert run_of(place) == "https://github.invalid/acme/prompts/actions/runs/7"
    assert run_of({"CI_JOB_URL": "https://gitlab.invalid/jobs/7"}) == "https://gitlab.invalid/jobs/7"
    assert run_of({}) is None
