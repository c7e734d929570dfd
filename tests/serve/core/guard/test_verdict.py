from __future__ import annotations

from itertools import permutations

import pytest


def test_a_text_without_hits_passes_as_it_came(rule, guard) -> None:
    verdict = guard(rule("literals", {"any": ["refund"]})).check("hello", "output")
    assert (verdict.action, verdict.text, verdict.hits, verdict.passed) == ("pass", "hello", (), True)


@pytest.mark.parametrize(
    ("stronger", "weaker"),
    [
        ("block", "retry"),
        ("retry", "replace"),
        ("replace", "redact"),
        ("redact", "drop"),
        ("drop", "flag"),
    ],
)
def test_the_stronger_action_decides_even_against_higher_severity(rule, guard, stronger, weaker) -> None:
    one = rule("literals", {"any": ["alpha"]}, stronger, id="one", severity="low")
    other = rule("literals", {"any": ["beta"]}, weaker, id="other", severity="critical")
    for order in permutations((one, other)):
        verdict = guard(*order).check("alpha beta", "output")
        assert (verdict.action, verdict.rule) == (stronger, "one")


def test_the_order_of_rules_changes_nothing(rule, guard) -> None:
    rules = (
        rule("pattern", {"any": [r"\d{4,8}"]}, id="a", **{"with": "[A]"}),
        rule("pattern", {"any": [r"\d{2}-\d{6}"]}, id="b", severity="critical", **{"with": "[B]"}),
        rule("literals", {"any": ["no 12"]}, "drop", id="c", severity="low"),
        rule("literals", {"any": ["thanks"]}, "flag", id="d", mode="shadow"),
    )
    verdicts = {guard(*order).check("no 12-345678, thanks", "output").text for order in permutations(rules)}
    assert verdicts == {"[B], thanks"}
    first, *rest = [guard(*order).check("no 12-345678, thanks", "output") for order in permutations(rules)]
    assert all(verdict == first for verdict in rest)


def test_neighbours_that_only_touch_keep_their_own_labels(rule, guard) -> None:
    rules = (
        rule("pattern", {"any": ["a+"]}, id="a", **{"with": "[A]"}),
        rule("pattern", {"any": ["b+"]}, id="b", **{"with": "[B]"}),
    )
    assert guard(*rules).check("aabb", "output").text == "[A][B]"


def test_a_label_can_keep_the_last_four(rule, guard) -> None:
    redacts = rule("pattern", {"any": [r"\d(?:[ -]?\d){7}"]}, **{"with": "[NO-{last4}]"})
    assert guard(redacts).check("is 1234 56-78", "output").text == "is [NO-5678]"


def test_a_refusal_shows_its_fallback_and_nothing_of_the_text(rule, guard) -> None:
    blocks = rule("literals", {"any": ["secret"]}, "block", fallback="Not here.")
    verdict = guard(blocks).check("the secret plan", "output")
    assert (verdict.text, verdict.refused, verdict.passed) == ("Not here.", True, False)


def test_a_hint_tells_what_was_wrong_but_never_the_answer(rule, guard) -> None:
    shape = {"type": "object", "required": ["team"], "properties": {"team": {"type": "string"}}}
    retries = rule("json_schema", {"schema": shape}, "retry", max=1, hint="JSON only: {{errors}}")
    verdict = guard(retries).check('{"team": ["4012888888881881"]}', "output")
    assert verdict.action == "retry"
    assert verdict.options == {"max": 1, "hint": "JSON only: $.team breaks type"}
    assert "4012" not in repr(verdict)
