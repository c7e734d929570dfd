"""Where a release comes from, and whether it may: on the release branch, signed where the policy asks for it.

What is found is kept with the evidence, which the signed move of a channel names by its digest.
It must never take a commit's own word for who may sign: the commit that is live says it.
"""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from registry.errors import Refused, Usage
from registry.settings import PolicySettings

if TYPE_CHECKING:
    from registry.authoring.git_tree import Repository

SIGNERS = "trust/allowed_signers"


@dataclass(frozen=True, slots=True)
class Approval:
    """One person's yes to a pull request. ``request`` is its address, ``at`` an ISO 8601 time."""

    by: str
    request: str = ""
    at: str = ""


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a release comes from.

    Attributes:
        branch: the release branch that holds the commit; None where the policy names none.
        signed_by: who signed the commit; None where nobody asked.
        approvals: who approved the pull request; None where no host told.
        lint: how many findings of each level stood when it was cut.
        run: the address of the job that published.
    """

    branch: str | None = None
    signed_by: str | None = None
    approvals: tuple[Approval, ...] | None = None
    lint: Mapping[str, int] = field(default_factory=dict)
    run: str | None = None


def require_origin(
    repository: Repository, commit: str, policies: tuple[PolicySettings, ...], live: str | None
) -> Origin:
    """Lets pass a commit that every policy lets pass; where it comes from, as far as Git knows.

    Args:
        repository: the clone that publishes.
        commit: what is to be published.
        policies: those of the clone and of the commit; what one asks for is asked for.
        live: the commit that the channel serves now, whose file of signers counts; None before the first.

    Raises:
        Refused: PRV001 the commit is not on the release branch, PRV002 its signature is missing or not one that counts.
        Usage: PRV003 the release branch is not known here. GIT002 the history is cut, or lacks the live commit.
    """
    branches = {policy.release_branch for policy in policies if policy.release_branch}
    for branch in sorted(branches):
        _require_on(repository, commit, branch)
    signed = any(policy.require_signed_commits for policy in policies)
    signer = _require_signed(repository, commit, live or commit) if signed else None
    return Origin(branch=", ".join(sorted(branches)) or None, signed_by=signer)


def _require_on(repository: Repository, commit: str, branch: str) -> None:
    """The remote's branch counts where there is one: what was pushed was seen by others."""
    for name in (f"refs/remotes/origin/{branch}", f"refs/heads/{branch}"):
        try:
            tip = repository.commit_id(name)
        except Usage:
            continue
        if repository.descends(commit, tip):
            return
        shown = name.removeprefix("refs/remotes/").removeprefix("refs/heads/")
        advice = f"Merge it first, then git fetch; policy.releaseBranch in promptyard.yaml names {branch}."
        raise Refused("PRV001", f"commit {commit[:12]} is not on {shown}", advice)
    what = f"the release branch {branch} is not known here"
    raise Usage("PRV003", what, f"Fetch it: git fetch origin {branch} (in CI: fetch-depth: 0).")


def _require_signed(repository: Repository, commit: str, trusted: str) -> str:
    tree = repository.tree(trusted)
    listed = SIGNERS in tree.paths(SIGNERS.partition("/")[0])
    with tempfile.TemporaryDirectory(prefix="promptyard-") as folder:
        allowed = Path(folder) / "allowed_signers"
        allowed.write_bytes(tree.read(SIGNERS) if listed else b"")
        signer = repository.signer(commit, allowed if listed else None)
    if signer is None:
        where = f"{SIGNERS} of commit {trusted[:12]}" if listed else "Git's keyring and allowed signers"
        what = f"commit {commit[:12]} has no good signature by a key in {where}"
        raise Refused("PRV002", what, "Sign it (git commit -S), or merge by somebody who does.")
    return signer
