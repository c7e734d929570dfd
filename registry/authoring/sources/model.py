"""A model config as written: one field for each key of ``model.schema.json``.

It must never hold an endpoint or a key; those belong to the service that calls.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from serve.core.model import EngineName, Json, ModelConfig, ModelKind, Prices, Weights


@dataclass(frozen=True, slots=True)
class ModelSource:
    """The whole of a ``*.model.yaml``."""

    promptyard: int
    engine: EngineName
    model: str
    description: str = ""
    kind: ModelKind = "generator"
    parameters: Mapping[str, Json] = field(default_factory=dict)
    context_tokens: int | None = None
    weights: Weights | None = None
    prices: Prices | None = None
    fallbacks: tuple[str, ...] = ()

    def resolved(self, entry_id: str) -> ModelConfig:
        """The entry that goes into the bundle."""
        return ModelConfig(
            id=entry_id,
            engine=self.engine,
            model=self.model,
            kind=self.kind,
            parameters=self.parameters,
            context_tokens=self.context_tokens,
            weights=self.weights,
            prices=self.prices,
            fallbacks=self.fallbacks,
        )
