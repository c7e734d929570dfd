from __future__ import annotations

import pytest

from registry.authoring.sources.guardrail import GuardrailSource
from serve.core.codec import ShapeError, from_json
from serve.core.errors import BundleRefused
from serve.core.model import Action, Streaming

RULE = {
    "id": "a.rule",
    "kind": "pattern",
    "severity": "low",
    "detect": {"any": ["a{1,9}"]},
    "action": "block",
    "tests": [{"text": "a", "expect": "hit"}, {"text": "b", "expect": "pass"}],
}


def source(*rules: dict, **keys: object) -> GuardrailSource:
    return from_json(GuardrailSource, {"promptyard": 1, "rules": list(rules), **keys})


def test_defaults_of_the_set_hold_unless_the_rule_says_otherwise() -> None:
    defaults = {"stages": ["output"], "mode": "shadow", "onError": "open"}
    own = {**RULE, "id": "own", "stages": ["input"], "mode": "enforce", "onError": "closed"}
    plain, special = source({**RULE, "shadowUntil": "2027-01-31"}, own, defaults=defaults).resolved("g").rules
    assert (plain.stages, plain.mode, plain.on_error) == (("output",), "shadow", "open")
    assert (special.stages, special.mode, special.on_error) == (("input",), "enforce", "closed")


def test_what_a_stream_must_hold_back_is_worked_out_from_the_rule() -> None:
    unbounded = {**RULE, "id": "b", "detect": {"any": ["a+"]}}
    shape = {**RULE, "id": "c", "kind": "json_schema", "detect": {"schema": {}}}
    asked = {**RULE, "id": "d", "stream": {"mode": "end"}}
    rules = source(RULE, unbounded, shape, asked).resolved("g").rules
    assert [rule.stream for rule in rules] == [
        Streaming("window", 9),
        Streaming("buffer"),
        Streaming("end"),
        Streaming("end"),
    ]


def test_an_action_is_a_word_or_a_key_with_options() -> None:
    word, key = source(RULE, {**RULE, "id": "b", "action": {"flag": {}}}).resolved("g").rules
    assert (word.action, key.action) == (Action("block"), Action("flag"))


@pytest.mark.parametrize("action", [{}, {"block": {}, "flag": {}}])
def test_an_action_names_exactly_one(action: dict) -> None:
    with pytest.raises(BundleRefused, match="GRD001"):
        source({**RULE, "action": action}).resolved("g")


@pytest.mark.parametrize("key", ["extend", "overrides", "exceptions"])
def test_a_key_that_nothing_reads_is_refused(key: str) -> None:
    with pytest.raises(ShapeError, match=key):
        source(RULE, **{key: []})


def test_tests_stay_behind() -> None:
    assert not hasattr(source(RULE).resolved("g").rules[0], "tests")
