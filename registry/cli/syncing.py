"""One look at a remote: fetch, prove, publish. What ``promptyard sync`` does again and again.

Proof and publishing run as commands of their own, so that what goes wrong in one ends that one, and a model's
memory goes back. It must never publish what was not proven here, nor prove twice what was refused.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from registry.authoring.catalog import load
from registry.authoring.remote import export, fetch
from registry.cli.context import Context
from registry.errors import NotClean, Usage
from registry.evaluation.suite import read_suites
from registry.publish.channels import current
from registry.release.evidence import EVIDENCE, read_evidence, require_passed, suites_digest
from registry.rendering.resolve import resolve
from registry.settings import Channel

State = Literal["live", "published", "not proven", "not published"]
Command = Callable[..., tuple[int, str]]  # words of promptyard → exit code and the last line of what it said
_OWN = ".promptyard"
_FAILED = "EVD004"  # the one refusal that another run of the same suites would only repeat


@dataclass(frozen=True, slots=True)
class Look:
    """What one look came to. ``why`` says it in one line; ``again`` is True where another try may end better."""

    state: State
    commit: str
    why: str = ""
    again: bool = False


def look(context: Context, where: Channel, remote: str, branch: str, command: Command) -> Look:
    """Bring a channel up to what a branch of a remote has now, if that is proven.

    Raises:
        Usage: GIT001, GIT011. Unavailable: GIT012. SignatureRefused, StoreUnavailable: as their codes say.
    """
    commit = fetch(context.root, remote, branch)
    live = current(context.target(), where, root=context.root)
    if live is not None and live.commit == commit:
        return Look("live", commit)
    content, suites = _asked(context, commit)
    if live is not None and live.content_sha256 == content:
        return Look("live", commit, "nothing that services read has changed")
    refused, code, said = _refusal(context.root, content, suites), 0, ""
    if refused is not None and refused.code != _FAILED:
        code, said = _prove(context, commit, command)
        refused = _refusal(context.root, content, suites)
    if refused is not None:
        why = refused.what if refused.code == _FAILED else said or refused.what
        return Look("not proven", commit, why, again=code in (3, 4))
    words = (
        "publish",
        "--channel",
        where.name,
        "--ref",
        commit,
        "--yes",
        "--reason",
        f"sync of {remote}/{branch}",
    )
    code, said = command("-C", str(context.root), *words)
    return (
        Look("published", commit, said.removeprefix("published").strip())
        if code == 0
        else Look("not published", commit, said, again=True)
    )


def run_command(*words: str) -> tuple[int, str]:
    """Run promptyard in a process of its own: exit code, and the line that says what came of it."""
    done = subprocess.run(  # noqa: S603  # our own command under our own interpreter
        [sys.executable, "-m", "registry.cli", *words], capture_output=True, text=True, check=False
    )
    lines = [line for line in (done.stderr if done.returncode else done.stdout).splitlines() if line.strip()]
    told = [line for line in lines if line.startswith(("error:", "published", "already live"))]
    return done.returncode, (told or lines or [""])[-1].strip()


def _asked(context: Context, commit: str) -> tuple[str, str]:
    """The digests of a commit's content and suites; empty where it has findings, which the proof will name."""
    tree = context.tree(commit)
    catalog = load(tree, context.settings_of(tree))
    try:
        suites, _ = read_suites(catalog)
        return resolve(catalog, release=1).manifest.content_sha256, suites_digest(suites)
    except NotClean:
        return "", ""


def _refusal(root: Path, content: str, suites: str) -> NotClean | None:
    """What keeps the last evidence from being proof of this; None when it is."""
    path = root / EVIDENCE
    try:
        require_passed(read_evidence(path.read_bytes()) if path.is_file() else None, content, suites)
    except NotClean as refused:
        return refused
    except Usage as unreadable:
        return NotClean("EVD002", unreadable.what, unreadable.next_step)
    return None


def _prove(context: Context, commit: str, command: Command) -> tuple[int, str]:
    """Run the suites of a commit in a folder of its own; the evidence comes to lie where this clone keeps it."""
    own = context.root / _OWN
    own.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="sync-", dir=own) as folder:
        tree = Path(folder)
        export(context.tree(commit), tree)
        if not (tree / _OWN).exists():
            (tree / _OWN).symlink_to(own, target_is_directory=True)
        return command("-C", str(tree), "test")
