from __future__ import annotations

from pathlib import Path

from support.models import SpokenEngine
from support.yard_of_cases import FILES, HOSTED, arm, engines, write

from registry.evaluation.arms import Engines
from registry.evaluation.forecast import Forecast, forecast, together
from registry.evaluation.plan import Item, plan

PRICED = HOSTED + (
    "prices: {currency: USD, perMillion: {input: 1.0, output: 2.0}, source: t, effectiveFrom: 2026-11-01}\n"
)
MODEL = "prompts/models/tiny.model.yaml"


def planned(root: Path, changes: dict[str, str] | None = None, samples: int = 1) -> tuple[Item, ...]:
    changes = dict(changes or {})
    suite = FILES["prompts/words/shout.suite.yaml"].replace("cases:", f"samples: {samples}\ncases:")
    head = arm(write(root, {"prompts/words/shout.suite.yaml": suite, **changes}))
    made = (
        Engines(root / "weights", environment={})
        if "openai" in changes.get(MODEL, "")
        else engines(root, SpokenEngine())
    )
    return plan(list(head.suites.values()), [head], made)


def nothing(_: str) -> bool:
    return False


def test_a_local_model_is_counted_exactly_and_costs_nothing_by_the_call(tmp_path: Path) -> None:
    found = {part.suite: part for part in forecast(planned(tmp_path), nothing)}
    shout = found["words/shout"]
    assert (shout.answers, shout.known, shout.requests, shout.exact) == (3, 0, 3, True)
    assert (shout.prompt_tokens, shout.answer_tokens, shout.max_cost, shout.currency) == (6, 24, 0.0, None)
    assert shout.model == "ctranslate2 models/tiny"
    shown = found["words/shown"]
    assert (shown.answers, shown.known, shown.requests, shown.model) == (1, 1, 0, "")


def test_a_hosted_model_is_estimated_and_priced_with_the_longest_answers(tmp_path: Path) -> None:
    (shout, _) = forecast(planned(tmp_path, {MODEL: PRICED}), nothing)
    assert not shout.exact
    assert 20 < shout.prompt_tokens < 80
    assert shout.max_cost is not None
    assert abs(shout.max_cost - (shout.prompt_tokens + 24 * 2) / 1e6) < 1e-12
    assert shout.currency == "USD"


def test_each_repeat_of_a_hosted_model_is_a_request_and_of_a_greedy_local_one_is_not(tmp_path: Path) -> None:
    (local, _) = forecast(planned(tmp_path / "a", samples=4), nothing)
    (hosted, _) = forecast(planned(tmp_path / "b", {MODEL: PRICED}, samples=4), nothing)
    assert (local.answers, local.requests) == (12, 3)
    assert (hosted.answers, hosted.requests) == (12, 12)


def test_what_is_known_is_not_asked(tmp_path: Path) -> None:
    items = planned(tmp_path, {MODEL: PRICED})
    (shout, _) = forecast(items, {items[0].prepared.key}.__contains__)
    assert (shout.known, shout.requests) == (1, 2)


def test_a_missing_price_or_bound_is_unknown_and_never_nothing(tmp_path: Path) -> None:
    (unpriced, _) = forecast(planned(tmp_path / "a", {MODEL: HOSTED}), nothing)
    unbound = PRICED.replace("parameters: {maxTokens: 8}\n", "")
    (unbounded, _) = forecast(planned(tmp_path / "b", {MODEL: unbound}), nothing)
    assert unpriced.max_cost is unbounded.max_cost is unbounded.answer_tokens is None
    assert together([unpriced]).max_cost is None


def test_what_cannot_be_asked_is_counted_apart(tmp_path: Path) -> None:
    odd = PRICED.replace("maxTokens: 8", "maxTokens: 8, topK: 5")
    (shout, _) = forecast(planned(tmp_path, {MODEL: odd}), nothing)
    assert (shout.refused, shout.requests) == (3, 0)


def part(cost: float | None, currency: str | None, requests: int = 1) -> Forecast:
    return Forecast("s", "p", "openai m", 2, 1, 0, requests, 10, False, 8, cost, currency)


def test_sums_mix_no_currencies_and_hide_no_unknown() -> None:
    assert together([part(0.5, "USD"), part(0.25, "USD")]).max_cost == 0.75
    assert together([part(0.5, "USD"), part(0.25, "EUR")]).max_cost is None
    assert together([part(0.5, "USD"), part(None, "USD")]).max_cost is None
    assert together([part(0.5, "USD"), part(0, None, requests=0)]).max_cost == 0.5
    assert together([]).max_cost == 0
