from __future__ import annotations

from collections.abc import Iterator

import pytest

from registry.authoring.sources.guardrail import GuardrailSource, RuleSource, RuleTest
from registry.validation import adversarial
from registry.validation.adversarial import LENGTH, LIMIT_S, slow_rules, slowest
from serve.core.guard.checks.literals import LiteralsDetector


class Costly:
    """A detector whose work grows with a power of the length; the clock counts its steps."""

    streaming = None
    before = 0

    def __init__(self, power: int, of_whole_s: float) -> None:
        self.power, self.of_whole_s, self.spent, self.longest = power, of_whole_s * LIMIT_S, 0.0, 0

    def find(self, reading, _start) -> Iterator[None]:
        size = len(reading.original)
        self.longest = max(self.longest, size)
        self.spent += self.of_whole_s * (size / LENGTH) ** self.power
        yield from ()

    def settled(self, _reading) -> int:
        return 0

    def clock(self) -> float:
        return self.spent


RULE = RuleSource(
    "x", "pattern", "low", "flag", {"any": ["x"]}, (RuleTest("an x", "hit"), RuleTest("", "pass"))
)


@pytest.mark.parametrize(("power", "of_whole_s"), [(1, 0.9), (2, 0.9), (1, 0.0)])
def test_a_rule_within_the_limit_is_left_in_peace(power: int, of_whole_s: float) -> None:
    costly = Costly(power, of_whole_s)
    assert slowest(RULE, costly, costly.clock) is None  # type: ignore[arg-type]


@pytest.mark.parametrize(("power", "of_whole_s"), [(1, 1.5), (2, 1.5), (2, 60.0)])
def test_a_rule_over_the_limit_is_found_with_what_it_is_slow_on(power: int, of_whole_s: float) -> None:
    costly = Costly(power, of_whole_s)
    found = slowest(RULE, costly, costly.clock)  # type: ignore[arg-type]
    assert found is not None
    assert found[0] == "runs of '1' and 'a@'"
    assert found[1] > LIMIT_S


def test_what_a_part_proves_is_not_measured_on_the_whole() -> None:
    even, squared, doubtful = Costly(1, 0.9), Costly(2, 0.5), Costly(2, 0.95)
    for costly in (even, squared, doubtful):
        slowest(RULE, costly, costly.clock)  # type: ignore[arg-type]
    assert even.longest == LENGTH // 10
    assert squared.longest < LENGTH
    assert doubtful.longest < LENGTH


def test_a_set_is_measured_once_however_often_it_is_asked_about(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []
    monkeypatch.setattr(adversarial, "slowest", lambda rule, _: asked.append(rule.id))
    source = GuardrailSource(1, (RULE,))
    assert slow_rules(source) == slow_rules(source) == ()
    assert asked == ["x"]


def test_a_rule_s_keyword_stands_before_the_runs() -> None:
    seen: list[str] = []

    class Noting(LiteralsDetector):
        def find(self, reading, start):
            seen.append(reading.original)
            return super().find(reading, start)

    rule = RuleSource("x", "pattern", "low", "flag", {"any": ["x"], "keywords": ["tok_"]}, ())
    slowest(rule, Noting({"any": ["tok_"]}))
    assert all(text.startswith("tok_") for text in seen)
