from __future__ import annotations

import math
from types import SimpleNamespace

import pytest
from support.content import MODEL, TRIAGE, catalog, write

from registry.rendering.costs import Cost, CostChange, cost_changes, emptiest
from registry.rendering.preview import live_of

PROMPT = "prompts/support/triage.prompt.yaml"
CHAT = "prompts/models/chat.model.yaml"
PRICED = (
    MODEL
    + "prices: {currency: USD, perMillion: {input: 1.0, output: 4.0}, source: list, effectiveFrom: 2026-01-01}\n"
)
CASES = (SimpleNamespace(id="a", inputs={"teams": ["cards"], "ticket": "I lost my card."}, variant=None),)


def costs(tmp_path, before, after, cases=CASES, counters=(None, None)):
    old, new = (
        live_of(catalog(write(tmp_path / name, **files))) for name, files in (("b", before), ("h", after))
    )
    return cost_changes(old, new, "support/triage", "support/triage", cases, counters)


def test_a_dearer_model_is_a_rise_of_the_cost_alone(tmp_path) -> None:
    dear = PRICED.replace("input: 1.0, output: 4.0", "input: 1.3, output: 5.2")
    whole, short = costs(tmp_path, {CHAT: PRICED}, {CHAT: dear})
    assert whole.tokens_rise == 0
    assert whole.cost_rise == pytest.approx(0.3)
    assert whole.jumps
    assert (whole.variant, short.variant, whole.cases) == (None, "short", 1)
    assert whole.old.whole
    assert whole.old.cost == pytest.approx((whole.old.tokens * 1.0 + 50 * 4.0) / 1e6)


def test_a_quarter_is_a_jump_and_a_little_less_is_none(tmp_path) -> None:
    for factor, jumps in ((1.25, True), (1.24, False)):
        dear = PRICED.replace("input: 1.0, output: 4.0", f"input: {1.0 * factor}, output: {4.0 * factor}")
        assert costs(tmp_path / str(factor), {CHAT: PRICED}, {CHAT: dear})[0].jumps is jumps


def test_without_prices_the_tokens_say_whether_it_jumps(tmp_path) -> None:
    longer = TRIAGE.replace("You route tickets.", "You route tickets. " * 20)
    (change, _) = costs(tmp_path, {}, {PROMPT: longer})
    assert change.cost_rise is None
    assert change.tokens_rise > 0.25
    assert change.jumps


def test_a_price_that_comes_is_compared_with_nothing(tmp_path) -> None:
    change = costs(tmp_path, {}, {CHAT: PRICED})[0]
    assert (change.old.cost, change.cost_rise, change.jumps) == (None, None, False)
    free = PRICED.replace("input: 1.0, output: 4.0", "input: 0, output: 0")
    change = costs(tmp_path / "free", {CHAT: free}, {CHAT: PRICED})[0]
    assert math.isinf(change.cost_rise)
    assert change.jumps


def test_two_currencies_are_not_compared(tmp_path) -> None:
    change = costs(tmp_path, {CHAT: PRICED}, {CHAT: PRICED.replace("USD", "EUR")})[0]
    assert change.moved
    assert change.cost_rise is None


def test_a_limit_that_goes_is_a_rise_without_end(tmp_path) -> None:
    unlimited = PRICED.replace("parameters: {maxTokens: 50}\n", "")
    change = costs(tmp_path, {CHAT: PRICED}, {CHAT: unlimited})[0]
    assert change.old.whole
    assert math.isinf(change.new.cost)
    assert change.jumps


def test_a_limit_that_comes_or_never_was_leaves_the_prompt_to_compare(tmp_path) -> None:
    unlimited = PRICED.replace("parameters: {maxTokens: 50}\n", "")
    for place, after in (("1", PRICED), ("2", unlimited)):
        change = costs(tmp_path / place, {CHAT: unlimited}, {CHAT: after})[0]
        assert not change.old.whole
        assert (change.cost_rise, change.jumps) == (0, False)


def test_what_costs_nothing_costs_nothing_without_a_limit_too(tmp_path) -> None:
    free = PRICED.replace("input: 1.0, output: 4.0", "input: 0, output: 0")
    unlimited = free.replace("parameters: {maxTokens: 50}\n", "")
    assert not costs(tmp_path, {CHAT: free}, {CHAT: unlimited})[0].jumps


LONGER = TRIAGE.replace("You route tickets.", "You route tickets. " * 40)
TONED = LONGER.replace("  ticket: {", "  tone: {type: string, maxLength: 9}\n  ticket: {")


@pytest.mark.parametrize("inputs", [{"tone": "calm"}, {}], ids=["its case has it", "no case has it"])
def test_a_variable_that_comes_does_not_hide_a_jump(tmp_path, inputs) -> None:
    case = SimpleNamespace(id="a", inputs={**CASES[0].inputs, **inputs}, variant=None)
    change = costs(tmp_path, {CHAT: PRICED}, {CHAT: PRICED, PROMPT: TONED}, (case,))[0]
    assert change.cases == len(inputs)
    assert change.tokens_rise > 1
    assert change.jumps


def test_a_prompt_without_cases_is_estimated_with_the_emptiest_inputs(tmp_path) -> None:
    change = costs(tmp_path, {CHAT: PRICED}, {CHAT: PRICED}, cases=())[0]
    assert change.cases == 0
    assert change.new.tokens > 0


def test_an_exact_count_is_told_as_one(tmp_path) -> None:
    change = costs(tmp_path, {CHAT: PRICED}, {CHAT: PRICED}, counters=(lambda render: 100,) * 2)[0]
    assert change.new == Cost(100, True, pytest.approx(300e-6), "USD", True)
    assert not change.moved


def test_an_added_prompt_has_a_cost_and_no_rise(tmp_path) -> None:
    new = live_of(catalog(write(tmp_path, **{CHAT: PRICED})))
    change = cost_changes(None, new, "", "support/triage", CASES)[0]
    assert isinstance(change, CostChange)
    assert (change.old, change.tokens_rise, change.cost_rise, change.jumps, change.moved) == (
        None,
        None,
        None,
        False,
        False,
    )
    assert change.new.cost > 0


def test_the_emptiest_inputs_fit_their_schemas(tmp_path) -> None:
    schemas = """
  a: {type: string, minLength: 3}
  b: {type: array, minItems: 2, items: {type: integer, minimum: 4}}
  c: {type: object, required: [x], properties: {x: {enum: [u, v]}, y: {type: string}}}
  d: {type: boolean}
  e: {type: number}
  f: {type: string, default: given}
"""
    messages = "messages:\n  - history: earlier\n  - {role: user, content: '{{ a }}'}\n"
    text = f"promptyard: 1\nmodel: models/chat\ninputs:{schemas}{messages}"
    live = live_of(catalog(write(tmp_path, **{PROMPT: text})))
    prompt = live.prompts()["support/triage"]
    inputs = emptiest(prompt)
    assert inputs == {
        "a": "xxx",
        "b": [4, 4],
        "c": {"x": "u"},
        "d": False,
        "e": 0,
        "f": "given",
        "earlier": [],
    }
    assert live.render("support/triage", inputs).messages[0].text == "xxx"
