from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from support.samples import case, sample, suite

from registry.errors import Usage
from registry.evaluation.annotation import (
    TAKEN_BACK,
    LabelFile,
    Question,
    agreements,
    inputs_digest,
    questions,
    still_open,
)
from registry.evaluation.calibration import Label, Said
from registry.evaluation.records import Case, Expectation, Sample, Suite

PLACE = {"support/triage": "prompts/support/triage.calibration.jsonl"}
WHEN = "2026-11-21T15:00:00Z"


def answered(of: Suite, asked: Case, text: str, arm: str = "head") -> Sample:
    made = sample(of, asked, "base" if arm == "base" else "head", 0, "pass", text)
    return replace(made, inputs_sha256=inputs_digest(asked))


def asked_of(of: Suite, *samples: Sample) -> tuple[Question, ...]:
    return questions([of], samples, PLACE)[0]


def said(question: Question, word: Said, who: str = "Ada", comment: str = "") -> Label:
    return question.label(word, who=who, when=WHEN, comment=comment)


def test_each_judged_expectation_is_a_question_and_a_case_without_one_gets_a_general_one() -> None:
    rubric = Expectation("llm-rubric", "Says what happens next.", threshold=0.5)
    strict = Expectation("llm-rubric", "Is polite.", threshold=0.9, negated=True)
    inside = Expectation("assert-set", (strict, Expectation("contains", "x")))
    of = suite(replace(case("a"), expect=(rubric, inside, Expectation("contains", "x"))), case("b"))
    found = asked_of(of, answered(of, of.cases[0], "one"), answered(of, of.cases[1], "two"))
    assert {(it.case, str(dict(it.expect))) for it in found} == {
        ("a", "{'llm-rubric': 'Says what happens next.'}"),
        ("a", "{'not-llm-rubric': 'Is polite.', 'threshold': 0.9}"),
        ("b", "{'llm-rubric': 'Is this answer good?'}"),
    }
    general, _ = questions([of], [answered(of, of.cases[0], "one")], PLACE, "Would you send it?")
    assert [(it.wording, it.place) for it in general] == [("Would you send it?", PLACE[of.id])]


def test_arms_are_told_apart_by_nothing_and_equal_answers_are_asked_once() -> None:
    of = suite(*(case(f"c{n}") for n in range(30)))
    samples = [
        answered(of, it, f"{it.id} of {arm}" if it.id != "c3" else "same", arm)
        for it in of.cases
        for arm in ("base", "head")
    ]
    found = asked_of(of, *samples)
    assert len(found) == 59
    assert found == asked_of(of, *reversed(samples))
    assert not any("arm" in field for field in Question.__dataclass_fields__)
    arms = [it.answer.rpartition(" ")[2] for it in found]
    assert arms[:29].count("base") not in (0, 29)  # neither side comes first


def test_errors_renderings_and_answers_to_other_inputs_are_not_asked_about() -> None:
    of = suite(case("a"), case("b"), case("c"))
    broken = sample(of, of.cases[0], "head", 0, "error")
    before = replace(answered(of, of.cases[1], "one"), inputs_sha256="0" * 64)
    old = replace(answered(of, of.cases[2], "two"), inputs_sha256=None)
    gone = replace(answered(of, of.cases[1], "three"), case="gone")
    assert questions([of], [broken, before, old, gone], PLACE) == ((), 2)
    shown = replace(of, mode="render")
    assert questions([shown], [answered(of, of.cases[0], "x")], PLACE) == ((), 0)


def test_a_person_is_asked_what_that_person_has_not_said_or_has_taken_back() -> None:
    of = suite(*(case(name) for name in "abcd"))
    found = {it.case: it for it in asked_of(of, *(answered(of, it, it.id) for it in of.cases))}
    labels = [
        said(found["a"], "pass"),
        said(found["b"], "skip"),
        said(found["c"], "fail"),
        said(found["c"], "skip", comment=TAKEN_BACK),
        said(found["d"], "pass", who="Bo"),
    ]
    assert {it.case for it in still_open(found.values(), labels, "Ada")} == {"c", "d"}
    assert {it.case for it in still_open(found.values(), labels, "Bo")} == {"a", "b", "c"}


def test_people_are_held_against_each_other_on_what_both_labelled() -> None:
    of = suite(*(case(f"c{n}") for n in range(4)))
    found = asked_of(of, *(answered(of, it, it.id) for it in of.cases))
    words: list[tuple[Said, Said]] = [("pass", "pass"), ("fail", "fail"), ("pass", "fail"), ("pass", "skip")]
    labels = [
        said(it, word, who)
        for it, pair in zip(found, words, strict=True)
        for who, word in zip(("Ada", "Bo"), pair, strict=True)
    ]
    ((one, other, agreed),) = agreements(labels)
    assert (one, other, agreed.n, round(agreed.share, 3)) == ("Ada", "Bo", 3, 0.667)
    assert agreed.kappa == pytest.approx(0.4)
    assert agreements(labels[:1]) == ()


def test_labels_are_added_line_by_line_and_survive_a_line_that_was_cut_short(tmp_path: Path) -> None:
    of = suite(case("a"))
    (question,) = asked_of(of, answered(of, of.cases[0], "grün"))
    place = tmp_path / PLACE[of.id]
    file = LabelFile(tmp_path, PLACE[of.id])
    file.add(said(question, "pass", comment="gut"))
    whole = place.read_bytes()
    place.write_bytes(whole.rstrip(b"\n"))  # as some editors leave it
    LabelFile(tmp_path, PLACE[of.id]).add(said(question, "fail"))
    again = LabelFile(tmp_path, PLACE[of.id])
    assert [(it.label, it.comment, it.answer) for it in again.labels] == [
        ("pass", "gut", "grün"),
        ("fail", None, "grün"),
    ]
    assert place.read_bytes().startswith(whole)


def test_a_file_with_a_broken_line_is_refused_with_its_place(tmp_path: Path) -> None:
    place = tmp_path / "x.calibration.jsonl"
    place.write_text('{"expect": {"llm-rubric": "x"}}\n')
    with pytest.raises(Usage, match=r"ANN002 x\.calibration\.jsonl, line 1, is no label \(.*lacks inputs\)"):
        LabelFile(tmp_path, "x.calibration.jsonl")


def test_a_file_that_cannot_be_written_loses_nothing(tmp_path: Path) -> None:
    of = suite(case("a"))
    (question,) = asked_of(of, answered(of, of.cases[0], "one"))
    (tmp_path / "prompts").write_text("a file where a folder should be")
    file = LabelFile(tmp_path, PLACE[of.id])
    with pytest.raises(Usage, match="ANN003"):
        file.add(said(question, "pass"))
    assert file.labels == []
