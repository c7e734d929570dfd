from __future__ import annotations

import pytest
from support.content import FILES, MODEL, TRIAGE, catalog, write

from registry.rendering.estimate import Shares, estimate, shares
from registry.rendering.preview import live_of

INPUTS = {"teams": ["cards", "loans"], "ticket": "I lost my card."}
MODEL_FILE = "prompts/models/chat.model.yaml"
PROMPT_FILE = "prompts/support/triage.prompt.yaml"
PRICES = "prices: {{currency: EUR, perMillion: {{{}}}, source: a list, effectiveFrom: 2026-11-01}}\n"
TOOL = "promptyard: 1\nname: lookup\ndescription: Looks an account up.\nparameters: {type: object}\n"
OUTPUT = "output: {schema: {type: object, properties: {team: {type: string}}}}\n"


def rendered(root, **changes):
    return live_of(catalog(write(root, FILES, **changes))).render("support/triage", INPUTS)


def test_without_prices_and_tokenizer_there_are_tokens_alone(tmp_path):
    found = estimate(rendered(tmp_path))
    assert 20 <= found.prompt_tokens <= 45
    assert (found.exact, found.max_answer_tokens) == (False, 50)
    assert (found.input_cost, found.max_cost, found.currency) == (None, None, None)


def test_the_cost_is_tokens_at_the_models_prices(tmp_path):
    prices = PRICES.format("input: 2.0, output: 10.0")
    found = estimate(rendered(tmp_path, **{MODEL_FILE: MODEL + prices}), lambda _: 1000)
    assert found.input_cost == pytest.approx(0.002)
    assert found.max_cost == pytest.approx(0.002 + 50 * 10 / 1_000_000)
    assert found.currency == "EUR"


def test_a_price_that_is_not_stated_makes_no_cost(tmp_path):
    found = estimate(rendered(tmp_path, **{MODEL_FILE: MODEL + PRICES.format("input: 2.0")}))
    assert found.input_cost is not None
    assert found.max_cost is None


def test_an_answer_without_a_limit_has_no_greatest_cost(tmp_path):
    prices = PRICES.format("input: 2.0, output: 10.0")
    model = MODEL.replace("parameters: {maxTokens: 50}\n", "") + prices
    found = estimate(rendered(tmp_path, **{MODEL_FILE: model}))
    assert (found.max_answer_tokens, found.max_cost) == (None, None)


def test_a_free_model_costs_nothing_rather_than_nobody_knows(tmp_path):
    prices = PRICES.format("input: 0.0, output: 0.0")
    found = estimate(rendered(tmp_path, **{MODEL_FILE: MODEL + prices}))
    assert (found.input_cost, found.max_cost) == (0.0, 0.0)


def test_a_count_is_told_from_an_estimate(tmp_path):
    render = rendered(tmp_path)
    assert estimate(render, lambda _: 31).prompt_tokens == 31
    assert estimate(render, lambda _: 31).exact
    assert estimate(render, lambda _: None) == estimate(render)


def test_tools_and_the_schema_of_the_answer_count_too(tmp_path):
    plain = estimate(rendered(tmp_path / "plain")).prompt_tokens
    tools = TRIAGE + "tools: [tools/lookup]\n"
    with_tool = {PROMPT_FILE: tools, "prompts/tools/lookup.tool.yaml": TOOL}
    assert estimate(rendered(tmp_path / "tool", **with_tool)).prompt_tokens >= plain + 15
    with_schema = {PROMPT_FILE: TRIAGE + OUTPUT}
    assert estimate(rendered(tmp_path / "schema", **with_schema)).prompt_tokens >= plain + 10


def test_an_image_counts_by_a_usual_size(tmp_path):
    parts = "content: [{text: Look.}, {image: 'https://x.test/{{ ticket }}.png'}]\n"
    shown = TRIAGE.replace("content: |\n      {{ ticket }}\n", parts)
    plain = estimate(rendered(tmp_path / "plain")).prompt_tokens
    assert estimate(rendered(tmp_path / "image", **{PROMPT_FILE: shown})).prompt_tokens > plain + 900


def test_shares_are_of_the_context_and_of_each_bound_of_the_budget(tmp_path):
    prices = PRICES.replace("EUR", "USD").format("input: 10, output: 20")
    model = MODEL + "contextTokens: 1000\n" + prices
    budget = TRIAGE + "budget: {maxPromptTokens: 200, maxCostPerCallUsd: 0.004}\n"
    render = rendered(tmp_path, **{MODEL_FILE: model, PROMPT_FILE: budget})
    found = shares(render, estimate(render, lambda _: 100))
    assert (found.context, found.budget_tokens) == (0.15, 0.5)
    assert found.budget_cost == pytest.approx((0.001 + 0.001) / 0.004)


def test_without_bounds_there_are_no_shares(tmp_path):
    render = rendered(tmp_path)
    assert shares(render, estimate(render)) == Shares(None, None, None)


def test_a_budget_in_dollars_is_not_held_against_another_currency(tmp_path):
    budget = TRIAGE + "budget: {maxCostPerCallUsd: 0.004}\n"
    model = MODEL + PRICES.format("input: 10, output: 20")
    render = rendered(tmp_path, **{MODEL_FILE: model, PROMPT_FILE: budget})
    assert shares(render, estimate(render)).budget_cost is None


def test_calls_of_tools_in_a_history_count(tmp_path):
    talk = TRIAGE.replace("  - role: user\n", "  - history: talk\n  - role: user\n")
    live = live_of(catalog(write(tmp_path, FILES, **{PROMPT_FILE: talk})))
    call = {"id": "c1", "name": "lookup", "arguments": {"note": "one two three four five six seven eight"}}
    turns = [{"role": "assistant", "toolCalls": [call]}, {"role": "tool", "toolCallId": "c1", "content": "x"}]
    without, held = (
        estimate(live.render("support/triage", {**INPUTS, "talk": given})).prompt_tokens
        for given in ([], turns)
    )
    assert held >= without + 20
