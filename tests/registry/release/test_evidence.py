from __future__ import annotations

import json
from dataclasses import replace

import pytest

from registry.errors import NotClean, Usage
from registry.evaluation.measures import Summary
from registry.release.evidence import Evidence, read_evidence, require_passed
from serve.core.digest import canonical, sha256

GOOD = Evidence("a" * 64, "5" * 64, passed=True, verdicts={"support/triage": "PASS"})


def test_evidence_survives_the_round_trip():
    assert read_evidence(GOOD.to_bytes()) == GOOD


def test_what_was_measured_is_kept_but_is_no_part_of_the_proof():
    told = Summary("support/triage", "PASS", 148, 0.93, 444, 160.5, 0.0004, "USD", 0.8)
    measured = replace(GOOD, at="2026-11-21T10:00:00Z", measured={"support/triage": told})
    assert read_evidence(measured.to_bytes()) == measured
    assert measured.sha256 == GOOD.sha256 != replace(GOOD, passed=False).sha256


def test_evidence_from_before_anything_was_measured_is_read_and_has_the_digest_it_had():
    old = canonical({k: v for k, v in json.loads(GOOD.to_bytes()).items() if k not in ("at", "measured")})
    assert read_evidence(old) == GOOD
    assert GOOD.sha256 == sha256(old)


def test_a_passed_run_of_this_content_is_enough():
    require_passed(GOOD, "a" * 64, "5" * 64)


@pytest.mark.parametrize(
    ("evidence", "code"),
    [
        (None, "EVD002"),
        (Evidence("b" * 64, "5" * 64, passed=True), "EVD003"),
        (Evidence("a" * 64, "6" * 64, passed=True), "EVD005"),
        (Evidence("a" * 64, "5" * 64, passed=False, verdicts={"x": "REGRESSION"}), "EVD004"),
    ],
)
def test_anything_less_is_refused(evidence, code):
    with pytest.raises(NotClean) as caught:
        require_passed(evidence, "a" * 64, "5" * 64)
    assert caught.value.code == code


@pytest.mark.parametrize("data", [b"", b"{}", b"[1]", b"\xff"])
def test_a_broken_evidence_file_is_a_usage_error(data):
    with pytest.raises(Usage, match="EVD001"):
        read_evidence(data)
