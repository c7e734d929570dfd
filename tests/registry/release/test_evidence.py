from __future__ import annotations

import pytest

from registry.errors import NotClean, Usage
from registry.release.evidence import Evidence, read_evidence, require_passed

GOOD = Evidence("a" * 64, "5" * 64, passed=True, verdicts={"support/triage": "PASS"})


def test_evidence_survives_the_round_trip():
    assert read_evidence(GOOD.to_bytes()) == GOOD


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
