from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.detectors import Broken

from serve.core.errors import BundleRefused
from serve.core.guard.checks.table import streaming_of
from serve.core.guard.engine import Guard, compile_guard
from serve.core.guard.given import Given
from serve.core.model import Action, GuardrailSet, Rule, Streaming


def test_a_rule_looks_only_at_its_stages(rule, guard) -> None:
    one = guard(rule("literals", {"any": ["refund"]}, "block", stages=("output", "tool_call")))
    assert one.check("refund", "input").passed
    assert one.check("refund", "output").refused
    assert one.check("refund", "tool_call").refused


def test_rules_of_several_sets_work_together_and_hits_name_their_set(rule) -> None:
    first, second = rule("literals", {"any": ["one"]}, id="x"), rule("literals", {"any": ["two"]}, id="x")
    both = compile_guard([GuardrailSet("guardrails/a", (first,)), GuardrailSet("guardrails/b", (second,))])
    verdict = both.check("one two", "output")
    assert [(hit.set, hit.start, hit.end) for hit in verdict.hits] == [
        ("guardrails/a", 0, 3),
        ("guardrails/b", 4, 7),
    ]


@given(text=st.text(alphabet="ab12 \u200b４é", max_size=40))
def test_shadow_never_alters_a_text(text: str) -> None:
    detects = [
        ("pattern", {"any": [r"\d+"]}),
        ("literals", {"any": ["a", "b"]}),
        ("unicode", {"deny": ["zero_width"]}),
        ("length", {"max": 3}),
        ("json_schema", {"schema": {}}),
    ]
    actions = ("block", "redact", "replace", "retry", "drop", "flag")
    rules = tuple(
        Rule(f"{kind}.{action}", kind, "critical", Action(action), detect, ("output",), mode="shadow")
        for kind, detect in detects
        for action in actions
    )
    verdict = compile_guard([GuardrailSet("s", rules)]).check(text, "output")
    assert (verdict.action, verdict.text) == ("pass", text)
    assert all(hit.mode == "shadow" for hit in verdict.hits)


def test_a_shadow_rule_rests_after_its_date(rule, guard) -> None:
    trial = guard(rule("literals", {"any": ["x"]}, "block", mode="shadow", shadow_until="2026-12-31"))
    assert len(trial.check("x", "output").hits) == 1
    assert len(trial.check("x", "output", Given(today="2026-12-31")).hits) == 1
    late = trial.check("x", "output", Given(today="2027-01-01"))
    assert (late.hits, late.action) == ((), "pass")


@pytest.mark.parametrize(
    ("on_error", "action", "text"), [("closed", "redact", "[gone]"), ("open", "pass", "hi")]
)
def test_a_rule_that_breaks_counts_as_its_on_error_says(rule, guard, on_error, action, text) -> None:
    working = guard(rule("literals", {"any": ["x"]}, on_error=on_error, **{"with": "[gone]"}))
    broken = Guard([replace(working.rules[0], detector=Broken())])
    verdict = broken.check("hi", "output")
    assert (verdict.action, verdict.text, verdict.errors) == (action, text, ("test.literals",))
    stream = broken.stream("output")
    shown = stream.feed("h") + stream.feed("i")
    tail, streamed = stream.finish()
    assert (shown + tail, streamed) == (text, verdict)


def test_a_kind_that_is_not_known_here_is_refused_by_name() -> None:
    kind = "horoscope"
    unknown = Rule("x", kind, "low", Action("flag"), {}, ("output",))  # type: ignore[arg-type]
    with pytest.raises(BundleRefused, match=f"GRD001.*kind {kind} is not known here"):
        compile_guard([GuardrailSet("s", (unknown,))])


@pytest.mark.parametrize(
    ("kind", "detect", "said"),
    [
        ("pattern", {"any": ["(?=x)"]}, "not an RE2 pattern"),
        ("pattern", {"any": []}, "holds no pattern"),
        ("pattern", {"any": ["x"], "chekc": "luhn"}, "chekc"),
        ("pattern", {"any": ["x"], "check": "isbn"}, "luhn, card, iban"),
        ("pattern", {"any": ["x"], "context": {"words": []}}, "context"),
        ("literals", {"any": [" "]}, "phrases"),
        ("url", {"allowHosts": ["https://example.com/"]}, "allowHosts"),
        ("unicode", {"deny": []}, "deny"),
        ("length", {}, "max or min"),
        ("json_schema", {"schema": {"type": "objekt"}}, "JSON Schema"),
    ],
)
def test_a_detect_that_nobody_understands_is_refused(kind, detect, said) -> None:
    odd = Rule("x", kind, "low", Action("flag"), detect, ("output",))
    with pytest.raises(BundleRefused, match=f"GRD001.*{said}"):
        compile_guard([GuardrailSet("s", (odd,))])


def windowed(pattern: str, most: int) -> Rule:
    window = Streaming("window", most)
    return Rule("x", "pattern", "low", Action("redact"), {"any": [pattern]}, ("output",), stream=window)


def test_a_window_for_a_pattern_without_bound_is_refused() -> None:
    with pytest.raises(BundleRefused, match="GRD002"):
        compile_guard([GuardrailSet("s", (windowed("a+", 10),))])


def test_a_window_too_small_for_its_pattern_is_refused_where_it_is_written() -> None:
    with pytest.raises(BundleRefused, match="GRD002"):
        streaming_of(windowed("a{5}", 4), Streaming("window", 4))


def test_a_release_with_a_smaller_window_than_its_pattern_has_here_is_guarded_by_the_larger_one() -> None:
    stream = compile_guard([GuardrailSet("s", (windowed("a{5}", 4),))]).stream("output")
    assert "".join(stream.over("say aaaaa!")) == "say [REDACTED]!"


def test_two_rules_of_one_id_in_a_set_are_refused(rule, guard) -> None:
    one = rule("literals", {"any": ["x"]})
    with pytest.raises(BundleRefused, match="GRD003"):
        guard(one, one)
