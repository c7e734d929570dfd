"""Proof that exactly this content was tested: a test run's verdict, bound to the content digest.

The digests cover entries and suites alone, so what was proven on a branch still counts after a squash merge,
and suites that were softened for the run do not.
It must never count a run that gave no verdict as a pass.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from registry.errors import NotClean, Usage
from registry.evaluation.records import Suite
from serve.core.codec import ShapeError, from_json, to_json
from serve.core.digest import canonical, digest, sha256


@dataclass(frozen=True, slots=True)
class Evidence:
    """What a test run leaves behind. ``verdicts`` maps each suite to its verdict's word."""

    content_sha256: str
    suites_sha256: str
    passed: bool
    verdicts: Mapping[str, str] = field(default_factory=dict)
    base: str | None = None

    def to_bytes(self) -> bytes:
        """The evidence as it is stored and hashed."""
        return canonical(to_json(self))

    @property
    def sha256(self) -> str:
        """The digest that a manifest carries."""
        return sha256(self.to_bytes())


def read_evidence(data: bytes) -> Evidence:
    """The evidence in some bytes; raises Usage (EVD001) when it is none."""
    try:
        return from_json(Evidence, json.loads(data))
    except (ShapeError, ValueError) as error:
        raise Usage("EVD001", "the evidence file cannot be read", "Run promptyard test again.") from error


def suites_digest(suites: Iterable[Suite]) -> str:
    """The digest of what was asked: every case, wherever it stands in its file, and every policy."""
    asked = [replace(suite, cases=tuple(replace(case, line=1) for case in suite.cases)) for suite in suites]
    return digest([to_json(suite) for suite in sorted(asked, key=lambda suite: suite.id)])


def require_passed(evidence: Evidence | None, content_sha256: str, suites_sha256: str) -> None:
    """Lets pass only evidence of a passed run of exactly this content by exactly these suites.

    Raises:
        NotClean: EVD002 no evidence, EVD003 of other content, EVD004 of a run that did not pass,
            EVD005 of other suites.
    """
    if evidence is None:
        raise NotClean("EVD002", "there is no evidence of a test run", "Run promptyard test first.")
    if evidence.content_sha256 != content_sha256:
        what = f"the evidence is for content {evidence.content_sha256[:12]}, not for {content_sha256[:12]}"
        raise NotClean("EVD003", what, "Run promptyard test on this commit.")
    if evidence.suites_sha256 != suites_sha256:
        raise NotClean(
            "EVD005", "the suites are not those of the test run", "Run promptyard test on this commit."
        )
    if not evidence.passed:
        bad = ", ".join(f"{name} {word}" for name, word in sorted(evidence.verdicts.items()))
        raise NotClean("EVD004", f"the test run did not pass ({bad})", "Mend the prompts and test again.")
