"""Proof that exactly this content was tested: a test run's verdict, bound to the content digest.

The digests cover entries and suites alone, so what was proven on a branch still counts after a squash merge,
and suites that were softened for the run do not.
It must never count a run that gave no verdict as a pass.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from registry.errors import NotClean, Usage
from registry.evaluation.measures import Summary
from registry.evaluation.records import Suite
from registry.release.provenance import Origin
from serve.core.codec import ShapeError, from_json, to_json
from serve.core.digest import canonical, digest, sha256

EVIDENCE = ".promptyard/evidence.json"  # where a test run leaves it, below the root
_TOLD = ("at", "measured", "reportSha256", "origin")  # beside the proof, not part of it


@dataclass(frozen=True, slots=True)
class Evidence:
    """What a test run leaves behind. ``verdicts`` maps each suite to its verdict's word.

    ``at`` and ``measured``, which tell of each suite in a few numbers, are for the history: two runs of the same
    answers take different times, so they are no part of the proof and of its digest. Neither are
    ``report_sha256``, of the report's lines in the record, and ``origin``, which is filled in when it is published.
    """

    content_sha256: str
    suites_sha256: str
    passed: bool
    verdicts: Mapping[str, str] = field(default_factory=dict)
    base: str | None = None
    at: str = ""
    measured: Mapping[str, Summary] = field(default_factory=dict)
    report_sha256: str | None = None
    origin: Origin | None = None

    def to_bytes(self) -> bytes:
        """The evidence as it is stored, with what was measured."""
        return canonical(to_json(self))

    @property
    def sha256(self) -> str:
        """The digest of the proof, which a manifest carries: the same for every run that proves the same."""
        return sha256(canonical({k: v for k, v in to_json(self).items() if k not in _TOLD}))


def read_evidence(data: bytes) -> Evidence:
    """The evidence in some bytes; raises Usage (EVD001) when it is none."""
    try:
        return from_json(Evidence, json.loads(data))
    except (ShapeError, ValueError) as error:
        raise Usage("EVD001", "the evidence file cannot be read", "Run promptyard test again.") from error


def suites_digest(suites: Iterable[Suite]) -> str:
    """The digest of what was asked: every case, wherever it stands in its file, and every policy."""
    return digest([_suite_digest(suite) for suite in sorted(suites, key=lambda suite: suite.id)])


def _suite_digest(suite: Suite) -> str:
    """Over the digest of each case, so that no suite is too long for memory."""
    cases = hashlib.sha256()
    for case in suite.cases:
        cases.update(bytes.fromhex(digest(to_json(replace(case, line=1)))))
    return digest([to_json(replace(suite, cases=())), cases.hexdigest()])


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
