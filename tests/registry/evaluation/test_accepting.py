from __future__ import annotations

import hashlib
from pathlib import Path

from support.samples import sample
from support.yard_of_cases import catalog, write

from registry.evaluation.accepting import Proposal, proposals
from registry.evaluation.records import ArmName
from registry.evaluation.suite import read_suites

PLACE = "prompts/words/shout.suite.yaml"
DIGEST = "a" * 64
SUITE = f"""\
promptyard: 1
prompt: words/shout
samples: 2
defaults: {{expect: [{{snapshot: shared}}]}}
cases:
  - {{id: plain, inputs: {{word: a}}, expect: [{{snapshot: old}}]}}
  - {{id: inside, inputs: {{word: b}}, expect: [{{assert-set: [{{contains: x}}, {{snapshot: old, transform: trim}}]}}]}}
  - {{id: digest, inputs: {{word: c}}, expect: [{{snapshot: {{sha256: {DIGEST}}}}}]}}
  - {{id: negated, inputs: {{word: d}}, expect: [{{not-snapshot: old}}]}}
datasets:
  - {{file: rows.csv, inputs: {{word: text}}, id: name, expect: [{{snapshot: row}}]}}
"""


def found(root: Path, **answers: list[str]) -> dict[str, Proposal]:
    held = catalog(write(root, {PLACE: SUITE, "prompts/words/rows.csv": "name,text\nrow-1,x\n"}))
    suites, findings = read_suites(held)
    assert not findings, findings
    (suite,) = [suite for suite in suites if suite.id == "words/shout"]
    arms: tuple[ArmName, ...] = ("head", "base")
    samples = [
        sample(suite, case, arm, index, "fail", text if arm == "head" else "of base")
        for case in suite.cases
        for index, text in enumerate(answers.get(case.id.replace("-", "_"), ()))
        for arm in arms
    ]
    return {f"{it.case}:{it.steps[0]}": it for it in proposals(held, suites, samples)}


def test_a_snapshot_that_did_not_match_is_proposed_with_its_place(tmp_path: Path) -> None:
    made = found(tmp_path, plain=["new  \n", "new"], inside=[" new ", "new"], negated=["old", "old"])
    plain, inside = made["plain:cases"], made["inside:cases"]
    assert (plain.steps, plain.before, plain.value) == (("cases", 0, "expect", 0, "snapshot"), "old", "new")
    assert inside.steps == ("cases", 1, "expect", 0, "assert-set", 1, "snapshot")
    assert (inside.value, inside.why) == ("new", None)
    assert "negated:cases" not in made  # an answer to keep away from is nobody's to approve


def test_a_digest_is_proposed_as_a_digest_with_the_answer_beside_it(tmp_path: Path) -> None:
    proposal = found(tmp_path, digest=["new", "new"])["digest:cases"]
    assert (proposal.before, proposal.text, proposal.steps[-1]) == (DIGEST, "new", "sha256")
    assert proposal.value == hashlib.sha256(b"new").hexdigest()


def test_what_cannot_be_accepted_says_why(tmp_path: Path) -> None:
    made = found(tmp_path, plain=["one", "two"], inside=["  ", ""], row_1=["new", "new"])
    assert made["plain:cases"].why == "its 2 samples differ, so no answer can be the approved one"
    assert made["inside:cases"].why == "the answer is empty"
    assert "defaults" in (made["plain:defaults"].why or "")
    assert "dataset" in (made["row-1:datasets"].why or "")


def test_what_matches_in_every_sample_is_no_proposal(tmp_path: Path) -> None:
    assert "plain:cases" not in found(tmp_path, plain=["old", "old \n"])
    assert "plain:cases" in found(tmp_path, plain=["old", "new"])
