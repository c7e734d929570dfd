"""The two sides of a comparison: head as it lies here, base as it was, each a whole compiled release.

It must never mix them: an arm renders, answers and is judged by its own content alone.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from registry.authoring.catalog import Catalog
from registry.errors import PromptyardError, Refused, Usage
from registry.evaluation.asking import Tolerant, models_of
from registry.evaluation.cluster.port import Cluster
from registry.evaluation.engines.budget import Budget
from registry.evaluation.engines.ctranslate2 import CTranslate2Engine
from registry.evaluation.engines.device import DeviceName, ProfileName, choose
from registry.evaluation.engines.encoder import CTranslate2Encoder
from registry.evaluation.engines.port import Engine
from registry.evaluation.engines.replay import NOTHING, Recording, ReplayEngine
from registry.evaluation.engines.table import open_hosted
from registry.evaluation.engines.weights import materialise
from registry.evaluation.expectations.outcome import Classifier
from registry.evaluation.judges.judge import Judge
from registry.evaluation.judges.opening import judge_config, opened
from registry.evaluation.records import ArmName, Comparability, JudgeConfig, Suite
from registry.rendering.resolve import resolve
from registry.settings import Settings
from serve.core.codec import to_json
from serve.core.compile import compile_bundle
from serve.core.digest import digest
from serve.core.live import Live
from serve.core.model import ModelConfig
from serve.guard_ml.models import LocalModels
from serve.guard_ml.nearest import Classifier as CentroidClassifier

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


def build(
    name: ArmName,
    catalog: Catalog,
    suites: Iterable[Suite],
    *,
    like: Arm | None = None,
    weights: Path | None = None,
) -> Arm:
    """The arm of a catalog; prompts that equal those of ``like`` are not compiled again.

    Guardrail rules ask the models whose weights lie in the catalog's tree or in the folder ``weights``; a rule whose
    model is missing fails when it looks.

    Raises:
        NotClean: for references that lead nowhere.
        Refused: EVL003 when it is the base that cannot be built.
    """
    try:
        bundle = resolve(catalog)
        content_sha256 = bundle.manifest.content_sha256
        previous = like.live if like is not None else None
        models = Tolerant(LocalModels() if weights is None else models_of(catalog, weights))
        live = compile_bundle(bundle, sha256=content_sha256, previous=previous, warm=False, models=models)
        return Arm(name, catalog, live, {suite.id: suite for suite in suites})
    except PromptyardError as error:
        if name == "head":
            raise
        what = f"the base cannot be built ({error.code} {error.what})"
        raise Refused("EVL003", what, "Compare with a base that passes promptyard lint.") from error


@dataclass(frozen=True, slots=True)
class EngineOptions:
    """How models are run; ``replay`` asks none, answers come from the cache and from ``recording``.

    ``max_cost_usd`` caps what hosted models may cost; None leaves that to the settings. ``cluster`` is where local
    models are run, None for one worker for each device of this machine.
    """

    device: DeviceName = "auto"
    profile: ProfileName | None = None
    require: bool = False
    replay: bool = False
    recording: Recording = NOTHING
    max_cost_usd: float | None = None
    cluster: Cluster | None = None


class Engines:
    """The engines of a run, one for each set of weights and each hosted model, started when first needed.

    Args:
        cache: folder for copies and conversions of weights.
        options: device and profile.
        settings: how hosted models are called, those of the first arm that needs one by default.
        environment: where keys and trusted endpoints are, that of the process by default.
        open_engine: how a local engine is made; CTranslate2 by default.
    """

    def __init__(
        self,
        cache: Path,
        options: EngineOptions = EngineOptions(),
        *,
        settings: Settings | None = None,
        environment: Mapping[str, str] = os.environ,
        open_engine: Callable[[Path, str, ModelConfig, EngineOptions], Engine] | None = None,
    ) -> None:
        self._cache = cache
        self._options = options
        self._settings = settings
        self._environment = environment
        self._budget: Budget | None = None
        self._hosted: dict[str, Engine] = {}
        self._open_engine = open_engine or _ctranslate2
        self._engines: dict[tuple[str, str, int | None], Engine] = {}
        self._encoders: dict[str, CTranslate2Encoder] = {}
        self._weights: dict[tuple[ArmName, str], tuple[Path, str]] = {}
        self._classifiers: dict[str, Classifier] = {}
        self._judges: dict[tuple[str, str | None], Judge | None] = {}

    def get(self, arm: Arm, config: ModelConfig) -> Engine:
        """The engine of a model as an arm has it.

        Raises:
            Usage: WGT001 to WGT004, ENG001, ENG004 for a local model, ENG020, ENG021 for a hosted one.
            EngineError: when the weights or the device cannot be used.
            MissingExtra: when the engine needs a part that is not installed.
        """
        if config.engine != LOCAL:
            return self._hosted_engine(arm, config)
        folder, weights_sha256 = self._folder(arm, config)
        key = (weights_sha256, config.kind, config.context_tokens)
        if key not in self._engines:
            self._engines[key] = self._open_engine(folder, weights_sha256, config, self._options)
        return self._engines[key]

    def encoder(self, arm: Arm) -> CTranslate2Encoder | None:
        """What compares meanings for an arm: the one local encoder among its models; None without one.

        Raises:
            Usage: ENG013 where there are several; WGT001 to WGT004, ENG001, ENG004 as for any local model.
            EngineError: when the weights or the device cannot be used.
            MissingExtra: when the engine needs a part that is not installed.
        """
        models = (source.resolved(name) for name, source in sorted(arm.catalog.models.items()))
        found = [config for config in models if config.engine == LOCAL and config.kind == "encoder"]
        if len(found) > 1:
            what = f"similar needs one encoder, and there are {', '.join(config.id for config in found)}"
            raise Usage("ENG013", what, "Keep one model of kind: encoder.")
        if not found:
            return None
        folder, weights_sha256 = self._folder(arm, found[0])
        if weights_sha256 not in self._encoders:
            options = self._options
            self._encoders[weights_sha256] = CTranslate2Encoder(
                folder, weights_sha256, found[0], device=options.device, profile=options.profile
            )
        return self._encoders[weights_sha256]

    def classifier(self, arm: Arm, labels: Mapping[str, tuple[str, ...]]) -> Classifier | None:
        """What gives labels for an arm, by a suite's examples; None without examples or an encoder.

        Raises:
            Usage, EngineError, MissingExtra: as :meth:`encoder` does.
        """
        encoder = self.encoder(arm) if labels else None
        if encoder is None:
            return None
        key = digest([id(encoder), to_json(labels)])
        if key not in self._classifiers:
            self._classifiers[key] = CentroidClassifier(labels, encoder)
        return self._classifiers[key]

    def judge(self, arm: Arm, suite: Suite, name: str | None) -> Judge | None:
        """The judge of a suite, or the model of that name in its place; None where the suite has none.

        Raises:
            Usage: EVL041 for a judge that is no model of the arm; what :meth:`get` raises.
            EngineError, MissingExtra: as :meth:`get` does.
        """
        if (suite.id, name) not in self._judges:
            config = judge_config(suite, name)
            self._judges[suite.id, name] = None if config is None else self._opened(arm, config)
        return self._judges[suite.id, name]

    def judges_of(self, suite: str) -> tuple[Judge, ...]:
        """The judges that a suite has asked in this run."""
        return tuple(
            judge for (each, _), judge in self._judges.items() if each == suite and judge is not None
        )

    def _opened(self, arm: Arm, config: JudgeConfig) -> Judge:
        source = arm.catalog.models.get(config.model)
        if source is None:
            what = f"the judge {config.model} is no model"
            raise Usage("EVL041", what, "Name a model in judge, such as models/judge.")
        model = source.resolved(config.model)
        weights_sha256 = self._folder(arm, model)[1] if model.engine == LOCAL else ""
        return opened(arm.live, config, model, self.get(arm, model), weights_sha256)

    @property
    def notes(self) -> tuple[str, ...]:
        """Where each engine computes and why."""
        engines = (*self._engines.values(), *self._hosted.values())
        notes = dict.fromkeys([*(it.note for it in engines), *(it.note for it in self._encoders.values())])
        return (*notes, *(self._budget.notes if self._budget is not None else ()))

    @property
    def cap(self) -> float | None:
        """What hosted models may cost in US dollars; None without a cap."""
        return self._budget.limit if self._budget is not None else None

    @property
    def stopped_short(self) -> bool:
        """True when the cap on what the run may cost left requests unasked."""
        return self._budget is not None and self._budget.refused > 0

    def close(self) -> None:
        """End all engines."""
        for engine in (*self._engines.values(), *self._hosted.values()):
            engine.close()
        for encoder in self._encoders.values():
            encoder.close()
        if self._options.cluster is not None:
            self._options.cluster.close()

    def _folder(self, arm: Arm, config: ModelConfig) -> tuple[Path, str]:
        if (arm.name, config.id) not in self._weights:
            self._weights[arm.name, config.id] = materialise(
                arm.catalog.tree, config, arm.model_path(config.id), self._cache
            )
        return self._weights[arm.name, config.id]

    def _hosted_engine(self, arm: Arm, config: ModelConfig) -> Engine:
        key = digest([config.id, to_json(config)])
        if key not in self._hosted:
            settings = self._settings = self._settings or arm.catalog.settings
            if self._budget is None:
                asked = self._options.max_cost_usd
                self._budget = Budget(settings.policy.max_cost_per_run_usd if asked is None else asked)
            engine: Engine = open_hosted(config, settings.engines, self._environment, self._budget)
            self._hosted[key] = _replayed(engine, self._options)
        return self._hosted[key]


def _ctranslate2(folder: Path, digest: str, config: ModelConfig, options: EngineOptions) -> Engine:
    choice = choose(options.device, options.profile, require=options.require)
    if options.cluster is None or options.replay:
        engine = CTranslate2Engine(
            folder, digest, config, profile=options.profile, require=options.require, choice=choice
        )
    else:
        engine = CTranslate2Engine(
            folder,
            digest,
            config,
            profile=options.profile,
            require=options.require,
            choice=options.cluster.spread(choice),
            hire=options.cluster.hire,
        )
    return _replayed(engine, options)


def _replayed(engine: Engine, options: EngineOptions) -> Engine:
    return ReplayEngine(engine, options.recording) if options.replay else engine
