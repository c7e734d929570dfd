from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from registry.evaluation.expectations import check, judge
from registry.evaluation.expectations.read import OPTIONS, read
from registry.evaluation.records import Case, Completion, Expectation

SCHEMA = {"type": "object", "required": ["team"], "properties": {"team": {"type": "string"}}}


def expectation(entry: Mapping[str, Any]) -> Expectation:
    made, problems = read(entry)
    assert made is not None, problems
    return made


def status(
    entry: Mapping[str, Any], text: str, *, schema: Mapping[str, Any] | None = SCHEMA, tokens: int = 3
) -> str:
    return check(expectation(entry), Completion(text, 10, tokens), output_schema=schema).status


PASSING: list[tuple[dict[str, Any], str, str]] = [
    ({"equals": "billing"}, "billing", "billing "),
    ({"equals": {"a": 1, "b": [True]}}, '{"b": [true], "a": 1.0}', '{"b": [1], "a": 1}'),
    ({"equals": 5}, " 5 ", "five"),
    ({"equals": None}, "null", "None"),
    ({"one-of": ["low", "high"]}, "low", "lower"),
    ({"contains": "refund"}, "a refund is due", "a Refund is due"),
    ({"icontains": "STRASSE"}, "Hauptstraße 1", "Hauptweg 1"),
    ({"contains-all": ["a", "b"]}, "b and a", "only b"),
    ({"contains-any": ["x", "b"]}, "only b", "none"),
    ({"icontains-all": ["A", "b"]}, "B and a", "only B"),
    ({"icontains-any": ["X", "B"]}, "only b", "none"),
    ({"starts-with": "Dear"}, "Dear Ann", " Dear Ann"),
    ({"ends-with": "Bank"}, "Harbour Bank", "Harbour Bank."),
    ({"regex": "(?i)case [0-9]{3}"}, "your Case 123 is open", "your Case 12 is open"),
    ({"is-json": "output"}, '{"team": "billing"}', '{"tram": "billing"}'),
    ({"is-json": None}, "[1, 2]", "```json\n[1, 2]\n```"),
    ({"is-json": {"type": "integer"}}, "7", "7.5"),
    ({"contains-json": "output"}, 'Here: {"team": "billing"}. Done.', 'Here: {"tram": 1}.'),
    ({"contains-json": None}, 'so {a:1} or {"a": 1}', "so {a:1}"),
    ({"json": {"path": "$.team", "equals": "billing"}}, '{"team": "billing"}', '{"team": "cards"}'),
    (
        {"json": {"path": "$.lines[-1]['odd key']", "in": [1, 2]}},
        '{"lines": [{"odd key": 2}]}',
        '{"lines": []}',
    ),
    ({"json": {"path": "$.id", "matches": "^INC-[0-9]+$"}}, '{"id": "INC-7"}', '{"id": 7}'),
    ({"word-count": {"min": 2, "max": 3}}, "two words", "one"),
    ({"word-count": 2}, "two words", "now three words"),
    ({"levenshtein": "billing", "threshold": 2}, "biling", "payments"),
    ({"is-xml": None}, "<a><b/></a>", "<a><b></a>"),
    ({"contains-xml": ["a.b"]}, "so <a><b/></a>.", "so <a><c/></a>."),
    ({"is-html": None}, "<p>Hello</p>", "Hello"),
    ({"contains-html": None}, "so <b>bold</b>", "so **bold**"),
    ({"is-sql": None}, "SELECT a FROM t", "SELECT a FORM t"),
    ({"contains-sql": None}, "Here:\n```sql\nSELECT a FROM t\n```", "Here: nothing"),
    ({"rouge-n": "the cat sat"}, "The cat sat", "a dog ran"),
    ({"rouge-l": "the cat sat"}, "The cat sat", "sat cat the"),
    ({"bleu": ["the cat sat", "a dog ran"]}, "A dog ran", "nobody moved"),
    ({"gleu": "the cat sat"}, "the cat sat.", "a dog ran"),
    ({"meteor": "the cats sat"}, "The cat sat", "nobody moved"),
    ({"is-refusal": None}, "I'm sorry, but I cannot help with that.", "Here you are."),
    ({"tool-call-f1": ["search"]}, '[{"name": "search"}]', '[{"name": "book"}]'),
    ({"language": "de"}, "Ihre Karte wurde zweimal belastet.", "Your card was charged twice."),
    ({"glossary": {"avoid": ["Faktura"]}}, "Die Rechnung", "Die faktura"),
    ({"snapshot": "Dear Ann,\nyes.\n"}, "Dear Ann,\r\nyes.", "Dear Ann,\nno."),
    ({"contains": "a", "transform": ["fenced", "$.x"]}, '```json\n{"x": "abc"}\n```', '```\n{"x": "b"}\n```'),
    ({"assert-set": [{"contains": "a"}, {"contains": "b"}], "threshold": 0.5}, "a", "c"),
    ({"assert-set": [{"contains": "a"}, {"contains": "b", "required": True}], "threshold": 0.5}, "b", "a"),
]


@pytest.mark.parametrize(("entry", "good", "bad"), PASSING, ids=[str(entry) for entry, _, _ in PASSING])
def test_each_type_passes_what_it_should_and_fails_what_it_should_not(
    entry: dict[str, Any], good: str, bad: str
) -> None:
    assert status(entry, good) == "pass"
    assert status(entry, bad) == "fail"


NEGATABLE = [row for row in PASSING if "assert-set" not in row[0] and "json" not in row[0]]


@pytest.mark.parametrize(("entry", "good", "bad"), NEGATABLE, ids=[str(entry) for entry, _, _ in NEGATABLE])
def test_each_type_has_an_opposite(entry: dict[str, Any], good: str, bad: str) -> None:
    opposite = {name if name in OPTIONS else f"not-{name}": value for name, value in entry.items()}
    assert status(opposite, good) == "fail"
    assert status(opposite, bad) == "pass"


def test_tokens_are_those_of_the_answer() -> None:
    assert status({"tokens": {"max": 64}}, "…", tokens=64) == "pass"
    assert status({"tokens": {"max": 64}}, "…", tokens=65) == "fail"


@pytest.mark.parametrize("text", ["not JSON", '{"tram": "billing"}'])
def test_a_negated_field_is_never_true_of_garbage(text: str) -> None:
    assert status({"not-json": {"path": "$.team", "equals": "cards"}}, text) == "fail"
    assert status({"not-json": {"path": "$.team", "equals": "cards"}}, '{"team": "billing"}') == "pass"


@pytest.mark.parametrize(
    "text", ["NaN", '{"a": 1, "a": 2}', "[1,]", "{'a': 1}", "", "1 2", "[" * 100_000, "9" * 5000]
)
def test_what_no_strict_parser_reads_is_not_json(text: str) -> None:
    assert status({"is-json": None}, text) == "fail"
    assert status({"not-is-json": None}, text) == "pass"


def test_a_prompt_without_output_schema_is_an_error_and_no_failure() -> None:
    found = check(expectation({"is-json": "output"}), Completion("{}", 1, 1), output_schema=None)
    assert (found.status, found.reason) == ("error", "the prompt has no output schema")


def test_reasons_say_what_was_seen() -> None:
    answer = Completion("please billing now", 1, 1)
    assert (
        check(expectation({"equals": "billing"}), answer).reason == "is 'please billing now', not 'billing'"
    )
    assert check(expectation({"not-contains": "now"}), answer).reason == "contains 'now'"
    assert check(expectation({"equals": "x"}), Completion("x\n", 1, 1)).reason.endswith(
        "white space around it differs)"
    )


def case(*entries: Mapping[str, Any], threshold: float | None = None) -> Case:
    return Case("one", "one", {}, tuple(map(expectation, entries)), threshold=threshold)


def test_every_check_must_pass_unless_a_threshold_says_otherwise() -> None:
    entries = ({"contains": "a", "weight": 3}, {"contains": "b"})
    assert judge(case(*entries), Completion("a", 1, 1))[:2] == ("fail", 0.75)
    assert judge(case(*entries, threshold=0.75), Completion("a", 1, 1))[0] == "pass"
    assert judge(case(*entries, threshold=0.75), Completion("b", 1, 1))[0] == "fail"


def test_thirds_reach_the_threshold_that_they_add_up_to() -> None:
    entries = ({"contains": "a"}, {"contains": "b"}, {"contains": "c"})
    assert judge(case(*entries, threshold=0.67), Completion("ab", 1, 1))[0] == "fail"
    assert judge(case(*entries, threshold=2 / 3), Completion("ab", 1, 1))[0] == "pass"


def test_a_required_check_is_never_averaged_away() -> None:
    entries = ({"contains": "a", "weight": 99}, {"contains": "b", "required": True})
    status_, score, checks = judge(case(*entries, threshold=0.5), Completion("a", 1, 1))
    assert (status_, score) == ("fail", 0.99)
    assert [item.required for item in checks] == [False, True]


def test_an_answer_that_never_came_is_an_error_without_checks() -> None:
    broken = Completion("", 0, 0, error="out of memory")
    assert judge(case({"contains": "a"}), broken) == ("error", 0.0, ())


def test_what_says_nothing_counts_for_nothing() -> None:
    cached = Completion("a", 1, 1, cached=True)
    found = judge(case({"contains": "a"}, {"latency": 5, "weight": 9}), cached)
    assert found[:2] == ("pass", 1.0)
    assert [item.status for item in found[2]] == ["pass", "skip"]
    assert (
        judge(case({"assert-set": [{"latency": 5}, {"contains": "b"}]}, threshold=0.1), cached)[0] == "fail"
    )


def test_a_case_in_which_everything_says_nothing_is_an_error() -> None:
    cached = Completion("a", 1, 1, cached=True)
    assert judge(case({"latency": 5}), cached)[0] == "error"
    assert judge(case({"assert-set": [{"latency": 5}]}), cached)[0] == "error"


def test_what_is_missing_on_our_side_is_an_error_in_both_forms() -> None:
    for entry in ({"similar": "a"}, {"classifier": "a", "threshold": 0.5}, {"cost": 1}, {"perplexity": 2},
                  {"is-valid-tool-call": None}, {"guardrails": None}, {"python": "nobody"}, {"snapshot": None}):  # fmt: skip
        for form in (entry, {f"not-{name}" if name != "threshold" else name: v for name, v in entry.items()}):
            assert judge(case(form, threshold=0.01), Completion("a", 0, 0))[0] == "error", form


def test_measured_scores_are_shares_and_turn_round_with_the_negation() -> None:
    plain = check(
        expectation({"bleu": "the cat sat on the mat", "threshold": 0.9}), Completion("the cat sat", 1, 1)
    )
    turned = check(
        expectation({"not-bleu": "the cat sat on the mat", "threshold": 0.9}), Completion("the cat sat", 1, 1)
    )
    assert (plain.status, turned.status) == ("fail", "pass")
    assert 0 < plain.score < 0.9
    assert plain.score + turned.score == pytest.approx(1)


def test_a_transform_that_does_not_apply_is_a_failure_with_its_reason() -> None:
    for name in ("contains", "not-contains"):
        found = check(expectation({name: "a", "transform": "$.x"}), Completion("no JSON", 1, 1))
        assert found.status == "fail"
        assert found.reason.startswith("is not JSON")


def test_a_set_is_looked_at_after_its_transform() -> None:
    entry = {"assert-set": [{"equals": "a"}, {"starts-with": "a"}], "transform": "trim"}
    assert status(entry, "  a\n") == "pass"


def test_a_case_that_asks_nothing_never_passes() -> None:
    assert judge(Case("one", "one", {}, ()), Completion("a", 1, 1))[0] == "error"


@settings(max_examples=40)  # each is held against every type of expectation
@given(st.text(max_size=80) | st.from_regex(r"[\[\]{}\",:0-9a-z\\u]{0,60}"))
def test_no_answer_can_crash_a_check(text: str) -> None:
    for entry, _, _ in PASSING:
        assert status(entry, text) in ("pass", "fail")
