from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from registry.errors import Refused
from registry.evaluation.measures import Summary
from registry.publish import proofs
from registry.publish.moves import Move, from_custom, to_custom
from registry.publish.stores import open_target
from registry.publish.target import object_key
from registry.release.evidence import Evidence

EVIDENCE = Evidence(
    "a" * 64, "5" * 64, passed=True, verdicts={"s": "PASS"}, at="2026-11-21T10:00:00Z",
    measured={"s": Summary("support/triage", "PASS", 148, 0.93, 444, 160.5, 0.0004, "USD", 0.8)},
)  # fmt: skip
MOVE = Move(1, "b" * 64, 10, "c" * 40, "a" * 64, "publish", "ada", "", "2026-11-21T10:00:00Z")


def test_evidence_is_read_as_it_was_kept_and_kept_once(tmp_path: Path) -> None:
    target = open_target("file:store", tmp_path)
    digest = proofs.keep(target, EVIDENCE.to_bytes())
    assert proofs.keep(target, EVIDENCE.to_bytes()) == digest
    assert proofs.read(target, replace(MOVE, evidence_sha256=digest)) == EVIDENCE


def test_a_move_without_evidence_has_none(tmp_path: Path) -> None:
    assert proofs.read(open_target("file:store", tmp_path), MOVE) is None


def test_other_bytes_and_missing_ones_are_refused(tmp_path: Path) -> None:
    target = open_target("file:store", tmp_path)
    move = replace(MOVE, evidence_sha256="d" * 64)
    with pytest.raises(Refused, match="PUB013 the evidence of release 1 is missing from the store"):
        proofs.read(target, move)
    target.put_once(object_key("d" * 64), b"{}")
    with pytest.raises(Refused, match="PUB013 the evidence of release 1 is not what was signed for"):
        proofs.read(target, move)


def test_what_a_later_version_wrote_is_passed_over(tmp_path: Path) -> None:
    target = open_target("file:store", tmp_path)
    digest = proofs.keep(target, b'{"of":"tomorrow"}')
    assert proofs.read(target, replace(MOVE, evidence_sha256=digest)) is None


def test_the_signed_move_names_its_evidence_and_older_moves_name_none() -> None:
    named = replace(MOVE, evidence_sha256="d" * 64)
    for move in (MOVE, named):
        assert from_custom(to_custom(move), sha256=move.sha256, size_bytes=10, version=0) == replace(
            move, highest=1
        )
    assert "evidenceSha256" not in to_custom(MOVE)
