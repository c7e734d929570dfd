"""What judge rules ask of hosted models, put through the engines that every test run uses.

It must never be handed to lint: each question costs money.
"""

from __future__ import annotations

from collections.abc import Mapping

from registry.authoring.catalog import Catalog
from registry.errors import EngineError
from registry.evaluation.engines.budget import Budget
from registry.evaluation.engines.port import Request
from registry.evaluation.engines.table import open_hosted
from registry.evaluation.judges.answers import output_of, shares_of
from registry.evaluation.judges.judge import STRUCTURED
from serve.core.guard.checks.asked import Shares
from serve.core.model import ModelConfig
from serve.guard_ml.judging import Ask, NoVerdict, Question

_MAX_TOKENS = 64


def hosted(catalog: Catalog, environment: Mapping[str, str]) -> Ask:
    """What asks the hosted models of a catalog, with the keys of the environment; each question costs money."""

    def ask(question: Question) -> Shares:
        pin, settings = question.model, catalog.settings
        config = ModelConfig(pin.id, pin.engine, pin.model, parameters=pin.parameters)
        engine = open_hosted(
            config, settings.engines, environment, Budget(settings.policy.max_cost_per_run_usd)
        )
        output = output_of(question.words) if pin.engine in STRUCTURED else None
        parameters = {"maxTokens": _MAX_TOKENS, **pin.parameters}
        request = Request(question.messages, parameters, output=output)
        try:
            ((_, done),) = engine.complete(engine.prepare([request]))
        finally:
            engine.close()
        if done.error is not None:
            raise EngineError("ENG010", f"the judge {pin.id} gave no answer", done.error)
        shares = shares_of(done, question.words)
        if shares is None:
            raise NoVerdict("the judge answered with neither yes nor no")
        return shares

    return ask
