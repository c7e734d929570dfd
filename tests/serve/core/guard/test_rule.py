"""Every stage, action, mode and way to fail means something, and the same in a stream as for the whole."""

from __future__ import annotations

from dataclasses import replace
from itertools import product
from typing import get_args

import pytest

from serve.core.guard.checks.asked import LATER
from serve.core.guard.checks.table import ASKING, KINDS, detector_of
from serve.core.guard.engine import Guard
from serve.core.guard.given import NOTHING, Given
from serve.core.guard.rule import CompiledRule
from serve.core.model import Action, ActionKind, Exemption, Rule, RuleKind, Stage, Streaming

TEXT = "pay secret now"
SHOWN = {
    "block": "No.", "retry": "No.", "replace": "pay [X] now", "redact": "pay [X] now", "drop": "pay  now", "flag": TEXT,
}  # fmt: skip
OPTIONS = {
    "block": {"fallback": "No."},
    "retry": {"fallback": "No."},
    "replace": {"with": "[X]"},
    "redact": {"with": "[X]"},
}
DETECTS = {
    "pattern": {"any": ["secret"]},
    "literals": {"any": ["secret"]},
    "url": {"allowHosts": ["ok.example"]},
    "unicode": {"deny": ["tags"]},
    "canary": {},
    "length": {"max": 5},
    "json_schema": {"schema": {"type": "object"}},
    "language": {"allow": ["en"]},
    "similarity": {"model": "models/m", "examples": ["secret"], "threshold": 0.8},
    "classifier": {"model": "models/m", "labels": {"a": ["x"], "b": ["y"]}, "deny": ["a"]},
    "judge": {"model": "models/m", "question": "Is it?"},
    "entities": {"entities": ["PERSON"]},
}


def streamed(guard: Guard, text: str, stage: Stage, given: Given = NOTHING):
    stream = guard.stream(stage, given)
    shown = "".join(stream.feed(text[place : place + 3]) for place in range(0, len(text), 3))
    tail, verdict = stream.finish()
    return shown + tail, verdict


@pytest.mark.parametrize("stage", get_args(Stage))
@pytest.mark.parametrize("action", get_args(ActionKind))
@pytest.mark.parametrize("mode", ["enforce", "shadow"])
def test_what_each_action_does_at_each_stage_in_each_mode(rule, guard, stage, action, mode) -> None:
    acts = guard(
        rule("literals", {"any": ["secret"]}, action, mode=mode, stages=(stage,), **OPTIONS.get(action, {}))
    )
    verdict = acts.check(TEXT, stage)
    enforced = mode == "enforce"
    assert verdict.action == (action if enforced else "pass")
    assert verdict.text == (SHOWN[action] if enforced else TEXT)
    assert verdict.refused == (enforced and action in ("block", "retry"))
    assert verdict.passed == (not enforced or action == "flag")
    assert [(hit.start, hit.end, hit.action, hit.mode) for hit in verdict.hits] == [(4, 10, action, mode)]
    shown, same = streamed(acts, TEXT, stage)
    assert same == verdict
    assert "pay ".startswith(shown) if verdict.refused else shown == verdict.text
    others = [other for other in get_args(Stage) if other != stage]
    assert all(acts.check(TEXT, other).hits == () for other in others)


@pytest.mark.parametrize(("action", "mode"), list(product(get_args(ActionKind), ["enforce", "shadow"])))
@pytest.mark.parametrize("on_error", ["open", "closed"])
def test_what_a_rule_that_breaks_does_in_each_mode(rule, guard, action, mode, on_error) -> None:
    blind = guard(rule("canary", {}, action, mode=mode, on_error=on_error, **OPTIONS.get(action, {})))
    verdict = blind.check(TEXT, "output")
    acts = mode == "enforce" and on_error == "closed"
    assert verdict.errors == ("test.canary",)
    assert verdict.action == (action if acts else "pass")
    assert [hit.failed for hit in verdict.hits] == ([True] if on_error == "closed" else [])
    assert mode == "enforce" or verdict.text == TEXT
    assert streamed(blind, TEXT, "output") == (verdict.text if not verdict.refused else "", verdict)


class Breaking:
    """A detector whose machinery fails when it looks, and is itself in every other way."""

    def __init__(self, real, after: int = 0) -> None:
        self._real, self._after = real, after
        self.before, self.streaming = real.before, real.streaming

    def find(self, reading, start):
        yield from list(self._real.find(reading, start))[: self._after]
        raise MemoryError("out of budget")

    def settled(self, reading):
        return self._real.settled(reading)


@pytest.mark.parametrize("kind", get_args(RuleKind))
@pytest.mark.parametrize("on_error", ["open", "closed"])
@pytest.mark.parametrize("action", ["block", "redact"])
def test_every_kind_fails_as_its_on_error_says(kind, on_error, action) -> None:
    stream = Streaming("buffer")
    plain = Rule(
        "r", kind, "high", Action(action, OPTIONS[action]), DETECTS[kind], ("output",), stream=stream
    )
    real = detector_of(plain, LATER)
    if kind in KINDS:
        plain = replace(plain, stream=real.streaming)
    broken = CompiledRule(replace(plain, on_error=on_error), "s", Breaking(real))
    guard = Guard([broken])
    verdict = guard.check(TEXT, "output")
    assert verdict.errors == ("r",)
    assert verdict.action == (action if on_error == "closed" else "pass")
    assert "secret" not in verdict.text or on_error == "open"
    shown, same = streamed(guard, TEXT, "output")
    assert same == verdict
    assert shown == ("" if verdict.refused else verdict.text)


def test_there_is_a_detect_for_every_kind_so_that_none_is_left_out_above() -> None:
    assert set(DETECTS) == set(get_args(RuleKind)) == {*KINDS, *ASKING}


ACME = Exemption("2027-03-31", "risk", "RISK-1", {"tenant": "acme"})
OFF = Exemption("2027-03-31", "risk", "RISK-2")


@pytest.mark.parametrize("action", get_args(ActionKind))
@pytest.mark.parametrize(
    ("exemption", "given", "acts"),
    [
        (ACME, Given("2027-03-31", {"tenant": "acme"}), False),
        (ACME, Given("2027-03-31", {"tenant": "other"}), True),
        (ACME, Given("2027-04-01", {"tenant": "acme"}), True),
        (ACME, NOTHING, True),
        (OFF, NOTHING, False),
        (OFF, Given("2027-03-31"), False),
        (OFF, Given("2027-04-01"), True),
    ],
)
def test_an_exception_takes_the_rule_away_for_its_segment_and_its_time(
    rule, guard, action, exemption, given, acts
) -> None:
    held = guard(
        rule("literals", {"any": ["secret"]}, action, except_=(exemption,), **OPTIONS.get(action, {}))
    )
    verdict = held.check(TEXT, "output", given)
    assert verdict.action == (action if acts else "pass")
    assert bool(verdict.hits) == acts
    shown, same = streamed(held, TEXT, "output", given)
    assert same == verdict
    assert verdict.refused or shown == verdict.text


def test_an_exception_for_a_text_lets_this_one_through_and_no_other(rule, guard) -> None:
    spared = Exemption("2027-03-31", "risk", "RISK-3", texts=("help@ok.example",))
    held = guard(rule("pattern", {"any": [r"[a-z]{1,9}@[a-z.]{1,20}"]}, except_=(spared,), **{"with": "[M]"}))
    text = "help@ok.example or me@ok.example or help@ok.example.org"
    assert held.check(text, "output").text == "help@ok.example or [M] or [M]"
    assert streamed(held, text, "output")[0] == held.check(text, "output").text
    assert held.check(text, "output", Given("2027-04-01")).text == "[M] or [M] or [M]"


@pytest.mark.parametrize(("then", "action", "text"), [("block", "block", "No."), ("flag", "flag", TEXT)])
def test_after_its_last_retry_what_is_to_follow_follows(rule, guard, then, action, text) -> None:
    asks = guard(rule("literals", {"any": ["secret"]}, "retry", max=2, then=then, fallback="No."))
    assert [asks.check(TEXT, "output", Given(tries=n)).action for n in (0, 1)] == ["retry", "retry"]
    verdict = asks.check(TEXT, "output", Given(tries=2))
    assert (verdict.action, verdict.text) == (action, text)
    assert streamed(asks, TEXT, "output", Given(tries=2))[1] == verdict


def test_a_rule_of_a_shadow_that_is_over_rests_for_every_segment(rule, guard) -> None:
    trial = guard(rule("literals", {"any": ["secret"]}, "block", mode="shadow", shadow_until="2027-01-31"))
    assert trial.check(TEXT, "output", Given("2027-01-31")).hits
    assert not trial.check(TEXT, "output", Given("2027-02-01", {"tenant": "acme"})).hits
