"""What holds of every verdict: no order counts, nothing detected is left, no span moves, a trial changes nothing."""

from __future__ import annotations

import unicodedata
from dataclasses import replace
from itertools import permutations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from serve.core.guard.engine import compile_guard
from serve.core.guard.given import Given
from serve.core.guard.normalise import INVISIBLE
from serve.core.model import Action, GuardrailSet, Rule, Streaming

MARKER = "abcd1234efgh5678"
COVER = Action("redact", {"with": "§"})


def made(name: str, kind: str, severity: str, detect: dict, width: int = 500, action: Action = COVER) -> Rule:
    return Rule(name, kind, severity, action, detect, ("output",), stream=Streaming("window", width))


MADE = (
    made("digits", "pattern", "low", {"any": [r"\d{3,6}"]}),
    made("code", "pattern", "high", {"any": [r"\b[ab]{2}-\d{2}"]}),
    made("word", "literals", "medium", {"any": ["ab", "b 1"]}, action=Action("replace", {"with": "§"})),
    made("links", "url", "low", {"allowHosts": ["a.b"]}, 1300),
    made("hidden", "unicode", "low", {"deny": ["zero_width"]}, action=Action("replace", {"with": "§"})),
    made("canary", "canary", "critical", {"decode": ["spaced"], "minFragment": 8}),
)
PIECES = [
    "a",
    "b",
    "1",
    "23",
    "456",
    "-",
    " ",
    "ab",
    "\u200b",
    "４",
    "é",
    "e\u0301",
    "😀",
    "https://",
    "evil.c",
    "a.b",
    *MARKER,
]
TEXTS = st.lists(st.sampled_from(PIECES), max_size=40).map("".join)
KNOWN = Given(canary=MARKER)


@settings(max_examples=60)
@given(text=TEXTS, data=st.data())
def test_no_order_of_rules_or_sets_changes_a_verdict(text: str, data) -> None:
    rules = data.draw(st.permutations(MADE))
    cut = data.draw(st.integers(0, len(rules)))
    halves = [GuardrailSet("s", tuple(rules[:cut])), GuardrailSet("s", tuple(rules[cut:]))]
    whole = compile_guard([GuardrailSet("s", MADE)]).check(text, "output", KNOWN)
    for order in permutations(halves):
        assert compile_guard(order).check(text, "output", KNOWN) == whole


@settings(max_examples=150)
@given(text=TEXTS)
def test_nothing_that_was_detected_is_left_and_nothing_else_is_touched(text: str) -> None:
    verdict = compile_guard([GuardrailSet("s", MADE)]).check(text, "output", KNOWN)
    covered = {place for hit in verdict.hits for place in range(hit.start, hit.end)}
    kept = "".join(sign for place, sign in enumerate(text) if place not in covered)
    assert verdict.text.replace("§", "") == kept
    assert not covered or verdict.action in ("redact", "replace")


@settings(max_examples=150)
@given(text=TEXTS)
def test_a_span_is_just_what_matched_however_it_was_written(text: str) -> None:
    for hit in compile_guard([GuardrailSet("s", MADE[:1])]).check(text, "output").hits:
        matched = text[hit.start : hit.end]
        plain = unicodedata.normalize("NFKC", "".join(sign for sign in matched if sign not in INVISIBLE))
        assert plain.isdecimal()
        assert 3 <= len(plain) <= 6
        assert matched[0] not in INVISIBLE
        assert matched[-1] not in INVISIBLE


@settings(max_examples=100)
@given(text=TEXTS.filter(str.isascii), spots=st.lists(st.integers(0, 60), max_size=8))
def test_characters_nobody_sees_move_no_span(text: str, spots: list[int]) -> None:
    guard = compile_guard([GuardrailSet("s", MADE[:3])])
    disguised, homes = "", []
    for place, sign in enumerate(text):
        disguised += "\u2060" * (place in spots)
        homes.append(len(disguised))
        disguised += sign
    plain, found = guard.check(text, "output").hits, guard.check(disguised, "output").hits
    assert [(hit.rule, hit.start, hit.end) for hit in found] == [
        (hit.rule, homes[hit.start], homes[hit.end - 1] + 1) for hit in plain
    ]


@pytest.mark.parametrize("stage", ["input", "context", "tool_call", "tool_result", "output"])
def test_a_trial_of_every_kind_and_action_changes_nothing_at_any_stage(stage) -> None:
    text = f"ab-12 1234 {MARKER} https://evil.c \u200b ab"
    actions = ("block", "redact", "replace", "retry", "drop", "flag")
    rules = tuple(
        replace(rule, id=f"{rule.id}.{action}", action=Action(action), stages=(stage,), mode="shadow")
        for rule in MADE
        for action in actions
    )
    guard = compile_guard([GuardrailSet("s", rules)])
    verdict = guard.check(text, stage, KNOWN)
    assert (verdict.action, verdict.text, verdict.rule) == ("pass", text, "")
    assert {hit.rule for hit in verdict.hits} == {rule.id for rule in rules}
    stream = guard.stream(stage, KNOWN)
    assert stream.feed(text) == text
    assert stream.finish() == ("", verdict)
