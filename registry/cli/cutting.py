"""A revision as a release, the same for every command that needs one.

It must never publish, nor take evidence from anywhere but the last test run.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from registry.cli.context import Context
from registry.errors import Usage
from registry.evaluation.asking import WEIGHTS
from registry.release.cut import Release, cut
from registry.release.evidence import EVIDENCE, Evidence, read_evidence
from registry.release.provenance import Origin


def cut_revision(context: Context, revision: str, number: int) -> Release:
    """A revision as a release, with evidence where the policy asks for it; never one whose last test run failed."""
    tree = context.tree(revision)
    settings = context.settings_of(tree)
    evidence = _evidence(context.root) if settings.policy.require_evidence else None
    return cut(
        tree,
        settings,
        number=number,
        evidence=evidence,
        last=_last(context.root),
        today=datetime.now(UTC).date(),
        weights=context.root / WEIGHTS,
    )


def tell_uncommitted(context: Context, revision: str) -> None:
    """Warn that a release of HEAD leaves out what is not committed: that is rarely meant."""
    changed = context.repository().changed_paths() if revision == "HEAD" else ()
    if changed:
        files = "one uncommitted file is" if len(changed) == 1 else f"{len(changed)} uncommitted files are"
        context.errors.print(f"{files} not in this release", style="warning")


def evidence_for(root: Path, release: Release, origin: Origin = Origin()) -> bytes | None:
    """The evidence of the last test run where that was of this very content, to be published beside it."""
    found = _last(root)
    if found is None or found.content_sha256 != release.bundle.manifest.content_sha256:
        return None
    return replace(found, origin=replace(origin, lint=release.lint)).to_bytes()


def _last(root: Path) -> Evidence | None:
    """The evidence of the last run; None also where it is unreadable: where proof is asked for, that is refused."""
    try:
        return _evidence(root)
    except Usage:
        return None


def _evidence(root: Path) -> Evidence | None:
    path = root / EVIDENCE
    return read_evidence(path.read_bytes()) if path.is_file() else None
