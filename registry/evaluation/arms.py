"""The two sides of a comparison: head as it lies here, base as it was, each a whole compiled release.

It must never mix them: an arm renders, answers and is judged by its own content alone.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from registry.authoring.catalog import Catalog
from registry.errors import PromptyardError, Refused, Usage
from registry.evaluation.engines.ctranslate2 import CTranslate2Engine
from registry.evaluation.engines.device import DeviceName, ProfileName
from registry.evaluation.engines.port import Engine
from registry.evaluation.engines.replay import ReplayEngine
from registry.evaluation.engines.weights import materialise
from registry.evaluation.records import ArmName, Comparability, Suite
from registry.rendering.resolve import resolve
from serve.core.compile import compile_bundle
from serve.core.live import Live
from serve.core.model import ModelConfig

LOCAL = "ctranslate2"
RENDERING = Comparability("render", "exact", "none")


@dataclass(frozen=True, slots=True)
class Arm:
    """One side: the catalog it was read from, the release that it makes, and its own suites by id."""

    name: ArmName
    catalog: Catalog
    live: Live
    suites: Mapping[str, Suite]

    def model_path(self, model: str) -> str:
        """Where a model's file lies in the arm's tree."""
        return f"{self.catalog.settings.content}/{model}.model.yaml"


def build(name: ArmName, catalog: Catalog, suites: Iterable[Suite], *, like: Arm | None = None) -> Arm:
    """The arm of a catalog; prompts that equal those of ``like`` are not compiled again.

    Raises:
        NotClean: for references that lead nowhere.
        Refused: EVL003 when it is the base that cannot be built.
    """
    try:
        bundle = resolve(catalog)
        content_sha256 = bundle.manifest.content_sha256
        previous = like.live if like is not None else None
        live = compile_bundle(bundle, sha256=content_sha256, previous=previous, warm=False)
        return Arm(name, catalog, live, {suite.id: suite for suite in suites})
    except PromptyardError as error:
        if name == "head":
            raise
        what = f"the base cannot be built ({error.code} {error.what})"
        raise Refused("EVL003", what, "Compare with a base that passes promptyard lint.") from error


@dataclass(frozen=True, slots=True)
class EngineOptions:
    """How local models are run; ``replay`` answers from the cache alone."""

    device: DeviceName = "auto"
    profile: ProfileName | None = None
    require: bool = False
    replay: bool = False


class Engines:
    """The engines of a run, one for each set of weights, started when first needed.

    Args:
        cache: folder for copies and conversions of weights.
        options: device and profile.
        open_engine: how an engine is made; CTranslate2 by default.
    """

    def __init__(
        self,
        cache: Path,
        options: EngineOptions = EngineOptions(),
        *,
        open_engine: Callable[[Path, str, ModelConfig, EngineOptions], Engine] | None = None,
    ) -> None:
        self._cache = cache
        self._options = options
        self._open_engine = open_engine or _ctranslate2
        self._engines: dict[tuple[str, str, int | None], Engine] = {}
        self._weights: dict[tuple[ArmName, str], tuple[Path, str]] = {}

    def get(self, arm: Arm, config: ModelConfig, suite: str) -> Engine:
        """The engine of a model as an arm has it.

        Raises:
            Usage: EVL001 for a model that is not local, WGT001 to WGT004, ENG001, ENG004.
            EngineError: when the weights or the device cannot be used.
        """
        if config.engine != LOCAL:
            what = f"suite {suite} needs engine {config.engine}, which this version cannot call"
            raise Usage("EVL001", what, "Use mode: render in the suite, or a local model in the prompt.")
        if (arm.name, config.id) not in self._weights:
            self._weights[arm.name, config.id] = materialise(
                arm.catalog.tree, config, arm.model_path(config.id), self._cache
            )
        folder, digest = self._weights[arm.name, config.id]
        key = (digest, config.kind, config.context_tokens)
        if key not in self._engines:
            self._engines[key] = self._open_engine(folder, digest, config, self._options)
        return self._engines[key]

    @property
    def notes(self) -> tuple[str, ...]:
        """Where each engine computes and why."""
        return tuple(dict.fromkeys(engine.note for engine in self._engines.values()))

    def close(self) -> None:
        """End all engines."""
        for engine in self._engines.values():
            engine.close()


def _ctranslate2(folder: Path, digest: str, config: ModelConfig, options: EngineOptions) -> Engine:
    engine = CTranslate2Engine(
        folder, digest, config, device=options.device, profile=options.profile, require=options.require
    )
    return ReplayEngine(engine) if options.replay else engine
