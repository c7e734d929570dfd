from __future__ import annotations

import pytest
from support.content import FILES, MODEL, catalog, write

from registry.cli.style import console
from registry.cli.writers.rendered import write_estimate
from registry.rendering.estimate import estimate
from registry.rendering.preview import live_of

INPUTS = {"teams": ["cards"], "ticket": "I lost my card."}
PRICES = "prices: {{currency: {}, perMillion: {{input: 10, output: 20}}, source: a list, effectiveFrom: 2026-11-01}}\n"


@pytest.mark.parametrize(
    ("currency", "said"), [("USD", "$0.00200 for the prompt"), ("EUR", "0.00200 EUR for the prompt")]
)
def test_a_cost_is_written_as_a_diff_writes_it(tmp_path, currency, said):
    files = {"prompts/models/chat.model.yaml": MODEL + PRICES.format(currency)}
    render = live_of(catalog(write(tmp_path, FILES, **files))).render("support/triage", INPUTS)
    screen = console(stderr=False, plain=True)
    with screen.capture() as told:
        write_estimate(screen, render, estimate(render, lambda _: 200))
    assert said in told.get()
