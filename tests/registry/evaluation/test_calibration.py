from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft7Validator

from registry.evaluation.calibration import Label, Said, agreed, as_line, latest, path_beside, read_labels
from registry.evaluation.dataset import RowError

SCHEMA = json.loads((Path(__file__).parents[3] / "schemas" / "calibration.schema.json").read_text())
RUBRIC = {"llm-rubric": "Says what happens next."}


def label(said: Said, who: str = "Ada", answer: str = "Tomorrow.") -> Label:
    return Label(RUBRIC, {"ticket": "When?"}, answer, said, who, "2026-11-21T15:00:00Z")


def lines(*labels: Label) -> bytes:
    return "".join(as_line(each) + "\n" for each in labels).encode()


LABELS = st.builds(
    Label,
    st.just(RUBRIC),
    st.dictionaries(st.text(min_size=1, max_size=3), st.integers() | st.text(max_size=3), max_size=2),
    st.text(max_size=20),
    st.sampled_from(("pass", "fail", "skip")),
    st.sampled_from(("Ada", "Bo")),
    st.just("2026-11-21T15:00:00Z"),
    st.none() | st.just("c1"),
    st.none() | st.text(max_size=5),
)


@given(st.lists(LABELS, max_size=5))
def test_labels_come_back_as_they_were_written_and_fit_the_schema(labels: list[Label]) -> None:
    assert list(read_labels("a.calibration.jsonl", lines(*labels))) == list(enumerate(labels, 1))
    for each in labels:
        Draft7Validator(SCHEMA).validate(json.loads(as_line(each)))


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("{", "not JSON"),
        ("[]", "not a JSON object"),
        ('{"expect": {"llm-rubric": "a"}}', "inputs"),
        (as_line(label("pass")).replace('"pass"', '"good"'), "label"),
        (as_line(label("pass")).replace('"who"', '"whom"'), "whom"),
        (as_line(label("pass", who=" ")), "who and when must not be empty"),
    ],
)
def test_a_line_that_is_no_label_is_named(line: str, told: str) -> None:
    with pytest.raises(RowError) as refused:
        list(read_labels("a.calibration.jsonl", lines(label("pass")) + line.encode()))
    assert refused.value.line == 2
    assert told in refused.value.problem


def test_the_last_word_of_a_person_counts() -> None:
    held = [label("pass"), label("fail"), label("pass", "Bo")]
    assert [each.label for each in latest(held).values()] == ["fail", "pass"]
    assert agreed([label("pass"), label("skip")]) == ((), 0)


def test_an_answer_counts_once_with_the_label_of_most_people() -> None:
    found, split = agreed(
        [label("pass"), label("fail", "Bo"), label("fail", "Cy"), label("pass", answer="?")]
    )
    assert [(each.answer, each.passes) for each in found] == [("Tomorrow.", False), ("?", True)]
    assert split == 0


def test_answers_that_people_are_split_on_are_left_out_and_counted() -> None:
    assert agreed([label("pass"), label("fail", "Bo")]) == ((), 1)


def test_labels_lie_beside_the_suite() -> None:
    assert path_beside("prompts/support/triage.suite.yaml") == "prompts/support/triage.calibration.jsonl"
