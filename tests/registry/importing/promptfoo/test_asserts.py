"""Every assertion of promptfoo comes along or is told; none is weakened."""

from __future__ import annotations

import pytest

from registry.evaluation.expectations.read import read
from registry.evaluation.expectations.table import NAMES
from registry.importing.port import Foreign
from registry.importing.promptfoo.asserts import Asserts, known
from registry.importing.promptfoo.csv import TYPES, assertion
from registry.importing.promptfoo.files import Files

SAMPLES = {
    "contains-all": ["a"], "contains-any": ["a"], "icontains-all": ["a"], "icontains-any": ["a"],
    "is-json": None, "contains-json": {"type": "object"}, "word-count": 3, "equals": {"a": 1},
    "is-sql": {"allowedTables": ["a"]}, "contains-sql": None, "is-xml": "a,b", "contains-xml": None,
    "tool-call-f1": ["a"], "finish-reason": "stop", "bleu": ["a", "b"],
}  # fmt: skip


def _asserts() -> Asserts:
    return Asserts(Files(Foreign("promptfooconfig.yaml", b"", lambda _: None)))


def test_the_names_of_expectations_are_those_of_the_evaluation() -> None:
    assert known() == set(NAMES)


@pytest.mark.parametrize("kind", sorted(TYPES | {f"not-{kind}" for kind in TYPES}))
def test_a_type_becomes_a_valid_expectation_or_is_told(kind: str) -> None:
    asserts = _asserts()
    value = SAMPLES.get(kind.removeprefix("not-"), "a")
    made = asserts.expectations([{"type": kind, "value": value}], {}, "case-1")
    lost = [note for note in asserts.notes() if note.level == "lost"]
    assert bool(made) != bool(lost)
    for expectation in made:
        assert read(expectation)[1] == ()


@pytest.mark.parametrize(
    "source",
    [
        "output.length < 5",
        "output.includes('a') || output.includes('b')",
        "output.includes(name)",
        "output.toLowerCase().includes('ABC')",
        "JSON.parse(output).items.length === 3 ? 1 : 0",
        "output.name === 'x'",
        "!output === 'a'",
        "output.includes('')",
    ],
)
def test_javascript_that_says_more_is_not_taken_for_less(source: str) -> None:
    asserts = _asserts()
    assert asserts.expectations([{"type": "javascript", "value": source}], {}, "case-1") == []
    assert [note.level for note in asserts.notes()] == ["lost"]


def test_a_variable_of_the_case_is_put_in_place_and_a_template_is_not() -> None:
    asserts = _asserts()
    items = [
        {"type": "contains", "value": "{{ a }}!"},
        {"type": "equals", "value": "{{o}}"},
        {"type": "contains", "value": "{{b}}"},
    ]
    assert asserts.expectations(items, {"a": "x", "o": {"k": 1}}, "case-1") == [
        {"contains": "x!"},
        {"equals": {"k": 1}},
    ]
    assert [note.what for note in asserts.notes()] == ["assertion contains"]


@pytest.mark.parametrize(
    ("cell", "wanted"),
    [
        ("plain words", {"type": "equals", "value": "plain words"}),
        ("note: not a type", {"type": "equals", "value": "note: not a type"}),
        ("not-icontains:five", {"type": "not-icontains", "value": "five"}),
        ("similar(0.8): x", {"type": "similar", "value": "x", "threshold": 0.8}),
        ("fn:output", {"type": "javascript", "value": "output"}),
        ("file://a.py", {"type": "python", "value": "file://a.py"}),
        ("grade: good", {"type": "llm-rubric", "value": " good"}),
        ("is-json", {"type": "is-json"}),
    ],
)
def test_a_cell_of_a_table_stands_for_an_assertion(cell: str, wanted: dict[str, object]) -> None:
    assert assertion(cell) == wanted


def test_a_rubric_comes_along_with_the_judge_that_the_config_names() -> None:
    asserts = _asserts()
    items = [
        {"type": "llm-rubric", "value": "is kind to {{who}}", "threshold": 0.8, "metric": "tone"},
        {
            "type": "not-g-eval",
            "value": ["is rude"],
            "provider": {"id": "openai:gpt-4o", "config": {"temperature": 0}},
        },
    ]
    made = asserts.expectations(items, {"who": "Ada"}, "case-1", "openai:gpt-4o")
    assert made == [
        {"llm-rubric": "is kind to Ada", "judge": "models/gpt-4o-judge", "threshold": 0.8, "metric": "tone"},
        {"not-g-eval": ["is rude"], "judge": "models/gpt-4o-judge-2"},
    ]
    assert all(read(expectation)[1] == () for expectation in made)
    judges = asserts.graders.entries(["models/gpt-4o-judge", "models/gpt-4o-judge-2"])
    assert [entry.data.get("parameters") for entry in judges] == [None, {"temperature": 0}]


def test_a_grader_that_is_code_is_no_judge() -> None:
    asserts = _asserts()
    assert asserts.expectations([{"type": "llm-rubric", "value": "x"}], {}, "case-1", "file://grade.py") == []
    assert [note.what for note in asserts.notes()] == ["assertion llm-rubric"]
