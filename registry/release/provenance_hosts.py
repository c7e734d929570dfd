"""Who approved a commit, asked of the Git host whose job this is: GitHub or GitLab.

It must never stand in a release's way: a host that does not answer has told nothing.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from typing import Any
from urllib.parse import quote

import urllib3

from registry.release.provenance import Approval

Ask = Callable[[str], Any]  # a path below the host's address → the JSON that it answers


class Untold(Exception):
    """The host did not tell; the text says why."""


def approvals_of(commit: str, environ: Mapping[str, str]) -> tuple[Approval, ...] | None:
    """The approvals of the pull requests that brought a commit; None where no host is known here.

    Asks GitHub where GITHUB_TOKEN, GITHUB_API_URL and GITHUB_REPOSITORY are set, GitLab where
    PROMPTYARD_GITLAB_TOKEN, CI_API_V4_URL and CI_PROJECT_ID are.

    Raises:
        Untold: when the host cannot be asked, or does not answer as it should.
    """
    given = environ.get
    if (
        (token := given("GITHUB_TOKEN"))
        and (api := given("GITHUB_API_URL"))
        and (name := given("GITHUB_REPOSITORY"))
    ):
        headers = {"Authorization": f"Bearer {token}", "Accept": "application/vnd.github+json"}
        return _told(lambda: _github(_asking(f"{api}/repos/{name}", headers), commit))
    if (
        (token := given("PROMPTYARD_GITLAB_TOKEN"))
        and (api := given("CI_API_V4_URL"))
        and (name := given("CI_PROJECT_ID"))
    ):
        base = f"{api}/projects/{quote(name, safe='')}"
        return _told(lambda: _gitlab(_asking(base, {"PRIVATE-TOKEN": token}), commit))
    return None


def run_of(environ: Mapping[str, str]) -> str | None:
    """The address of the job that this is; None outside of one."""
    parts = [environ.get(name) for name in ("GITHUB_SERVER_URL", "GITHUB_REPOSITORY", "GITHUB_RUN_ID")]
    if all(parts):
        return f"{parts[0]}/{parts[1]}/actions/runs/{parts[2]}"
    return environ.get("CI_JOB_URL") or None


def _told(ask: Callable[[], Iterable[Approval]]) -> tuple[Approval, ...]:
    try:
        return tuple(ask())
    except (urllib3.exceptions.HTTPError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise Untold(str(error) or type(error).__name__) from error


def _github(ask: Ask, commit: str) -> Iterable[Approval]:
    """The last word of each reviewer counts: an approval that was dismissed or taken back is none."""
    for pull in ask(f"/commits/{commit}/pulls"):
        last: dict[str, Mapping[str, Any]] = {}
        for review in ask(f"/pulls/{pull['number']}/reviews?per_page=100"):
            if review["state"] in ("APPROVED", "CHANGES_REQUESTED", "DISMISSED"):
                last[review["user"]["login"]] = review
        for name, review in sorted(last.items()):
            if review["state"] == "APPROVED":
                yield Approval(name, pull["html_url"], review.get("submitted_at") or "")


def _gitlab(ask: Ask, commit: str) -> Iterable[Approval]:
    for request in ask(f"/repository/commits/{commit}/merge_requests"):
        told = ask(f"/merge_requests/{request['iid']}/approvals")
        for name in sorted(each["user"]["username"] for each in told["approved_by"]):
            yield Approval(name, request["web_url"])


def _asking(base: str, headers: Mapping[str, str]) -> Ask:
    http = urllib3.PoolManager(
        timeout=urllib3.Timeout(connect=5, read=10), retries=urllib3.Retry(2, redirect=0)
    )

    def ask(path: str) -> Any:
        answer = http.request("GET", base + path, headers=dict(headers))
        if answer.status != 200:
            raise ValueError(f"{path.partition('?')[0]} was answered with {answer.status}")
        return json.loads(answer.data)

    return ask
