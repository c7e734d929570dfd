"""The models that guardrail rules ask, found where a registry has them: weights in the tree or in the cache.

It must never fetch or convert weights unless it was asked to.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import NoReturn

from registry.authoring.catalog import Catalog
from registry.errors import EngineError, PromptyardError
from registry.evaluation.engines.weights import Converter, materialise
from serve.core.guard.checks.asked import Asked, AskedDetect, Models, NotHere, Pin
from serve.core.model import ModelKind, RuleKind
from serve.guard_ml.judging import Ask
from serve.guard_ml.models import LocalModels

WEIGHTS = ".promptyard/cache/weights"  # below the registry's root
_NO_ASK = "promptyard guard check --ask asks it; lint and test never do, for each question costs."


def models_of(catalog: Catalog, cache: Path, *, ask: Ask | None = None) -> LocalModels:
    """What opens the models of a catalog's rules.

    Args:
        catalog: where the models' files are; weights may lie in its tree.
        cache: folder for copies of weights, where fetched ones are.
        ask: what asks hosted models; None where they are not to be asked.
    """

    def find(pin: Pin) -> Path:
        try:
            return fetched(catalog, pin.id, cache, convert=_unfetched)[0]
        except PromptyardError as error:
            raise NotHere(error.what, error.next_step) from error

    return LocalModels(find=find, ask=ask, no_ask=_NO_ASK)


def fetched(catalog: Catalog, model: str, cache: Path, *, convert: Converter) -> tuple[Path, str]:
    """The verified folder of a model's weights, and its digest; raises as ``materialise``."""
    config = catalog.models[model].resolved(model)
    path = f"{catalog.settings.content}/{model}.model.yaml"
    return materialise(catalog.tree, config, path, cache, convert=convert)


class Tolerant:
    """The same models, except that a rule whose model is missing fails when it is asked, and not before."""

    def __init__(self, models: Models) -> None:
        self._models = models

    def open(self, kind: RuleKind, detect: AskedDetect, /) -> Asked:
        """What answers a rule."""
        try:
            return self._models.open(kind, detect)
        except NotHere as missing:
            return _Missing(missing)


class _Missing:
    def __init__(self, missing: NotHere) -> None:
        self._missing = missing

    def shares(self, _texts: Sequence[str], /) -> NoReturn:
        raise self._missing


def _unfetched(name: str, revision: str, target: Path, kind: ModelKind) -> NoReturn:  # noqa: ARG001  the port's
    what = f"the weights {name}@{revision} are not in the cache"
    raise EngineError("WGT005", what, "Run promptyard guard fetch.")
