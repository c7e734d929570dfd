"""From a model file to the hosted engine that answers for it: the one table of engines by name.

It must never start anything: whether a key is there is looked at with the first request, because answers that are
known need none.
"""

from __future__ import annotations

from collections.abc import Mapping

from registry.evaluation.engines.anthropic import ANTHROPIC
from registry.evaluation.engines.bedrock import BedrockProvider
from registry.evaluation.engines.budget import Budget
from registry.evaluation.engines.endpoints import endpoint_of
from registry.evaluation.engines.gemini import GEMINI
from registry.evaluation.engines.hosted import HostedEngine
from registry.evaluation.engines.hosted_http import Dialect, HttpProvider
from registry.evaluation.engines.http import Http
from registry.evaluation.engines.openai import OPENAI
from registry.settings import EngineSettings, EnginesSettings
from serve.core.model import ModelConfig

DIALECTS: Mapping[str, Dialect] = {
    "openai": OPENAI,
    "openai-compatible": OPENAI,
    "anthropic": ANTHROPIC,
    "gemini": GEMINI,
}


def open_hosted(
    config: ModelConfig, settings: EnginesSettings, environment: Mapping[str, str], budget: Budget
) -> HostedEngine:
    """The engine of a hosted model.

    Raises:
        Usage: ENG020 for an endpoint that is no URL, ENG021 where there is none.
        MissingExtra: for Bedrock without boto3.
    """
    if config.engine == "bedrock":
        return HostedEngine(config, BedrockProvider(settings.bedrock), settings.bedrock, budget)
    calls: EngineSettings = getattr(settings, config.engine.replace("-", "_"))
    endpoint = endpoint_of(config.engine, calls.endpoint, environment)
    http = Http(config.engine, calls.timeout_s, calls.concurrency)
    provider = HttpProvider(config.engine, config.model, endpoint, DIALECTS[config.engine], http)
    return HostedEngine(config, provider, calls, budget)
