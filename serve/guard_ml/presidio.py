"""Entities found by Presidio's analyzer, in this process and without a network: the optional extra ``presidio``.

With a spaCy pipeline, names, places and dates are found; without one, what patterns and checks can tell.
It must never download a pipeline or a list of domains, which Presidio does by itself otherwise.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path
from typing import Any

from serve.core.guard.checks.asked import EntitiesDetect, NotHere, Shares
from serve.core.guard.checks.entities import Spot
from serve.guard_ml.folders import digest_of

_INSTALL = "Install it: pip install 'promptyard[presidio]'."
_NO_PIPELINE = "Name a spaCy pipeline: detect.pipeline, a folder below the weights or an installed package."


class Entities:
    """What finds the entities of one rule; the pipeline is loaded when it is made.

    Raises:
        NotHere: where Presidio, the pipeline or a recognizer of an entity is missing.
    """

    def __init__(self, detect: EntitiesDetect, places: Sequence[Path] = ()) -> None:
        presidio = _needs("presidio_analyzer")
        engine = _engine(detect, places)
        registry = presidio.RecognizerRegistry(supported_languages=[detect.language])
        registry.load_predefined_recognizers(languages=[detect.language], nlp_engine=engine)
        known = set(registry.get_supported_entities(languages=[detect.language]))
        unknown = next((name for name in detect.entities if name not in known), None)
        if unknown is not None:
            why = f"nothing recognises {unknown} in language {detect.language}"
            raise NotHere(
                why, _NO_PIPELINE if not detect.pipeline else f"Known are: {', '.join(sorted(known))}."
            )
        _stay_offline(registry.recognizers)
        self._analyzer = presidio.AnalyzerEngine(
            registry=registry, nlp_engine=engine, supported_languages=[detect.language]
        )
        self._detect = detect
        self._lock = threading.Lock()  # spaCy's vocabulary grows while it reads

    def spots(self, text: str, /) -> list[Spot]:
        """The entities of a text, from its start to its end."""
        asked = self._detect
        with self._lock:
            found = self._analyzer.analyze(
                text=text,
                language=asked.language,
                entities=list(asked.entities),
                score_threshold=asked.threshold,
            )
        spots = (Spot(one.start, one.end, one.entity_type, float(one.score)) for one in found)
        return sorted(spots, key=lambda spot: (spot.start, spot.end, spot.entity))

    def shares(self, texts: Sequence[str], /) -> list[Shares]:
        """The highest score of each entity in each text."""
        return [_highest(self.spots(text)) for text in texts]


def _highest(spots: Sequence[Spot]) -> Shares:
    best: dict[str, float] = {}
    for spot in spots:
        best[spot.entity] = max(spot.score, best.get(spot.entity, 0.0))
    return best


def _engine(detect: EntitiesDetect, places: Sequence[Path]) -> Any:
    engines = _needs("presidio_analyzer.nlp_engine")
    if not detect.pipeline:
        engine = engines.NoOpNlpEngine(models=[{"lang_code": detect.language, "model_name": "none"}])
        engine.load()
        return engine
    engine = engines.SpacyNlpEngine(models=[{"lang_code": detect.language, "model_name": detect.pipeline}])
    engine.nlp = {detect.language: _pipeline(detect, places)}  # engine.load() would download what is missing
    return engine


def _pipeline(detect: EntitiesDetect, places: Sequence[Path]) -> Any:
    name = detect.pipeline or ""
    spacy = _needs("spacy")
    folder = next((place / name for place in places if (place / name / "config.cfg").is_file()), None)
    if folder is not None:
        _require_bytes(folder, detect)  # before it is loaded: a pipeline may bring code
    try:
        pipeline = spacy.load(folder or name)
    except (OSError, ImportError, ValueError) as error:
        raise NotHere(
            f"the spaCy pipeline {name} cannot be loaded",
            "Install its package, or put its folder below the weights.",
        ) from error
    if pipeline.lang != detect.language:
        raise NotHere(
            f"the spaCy pipeline {name} reads {pipeline.lang}, not {detect.language}",
            "Write detect.language.",
        )
    if folder is None:
        _require_bytes(Path(pipeline.path), detect)
    return pipeline


def _require_bytes(folder: Path, detect: EntitiesDetect) -> None:
    if detect.pipeline_sha256 and digest_of(folder) != detect.pipeline_sha256:
        why = f"the spaCy pipeline {detect.pipeline} has other bytes"
        raise NotHere(why, "Install the one that was tested.")


def _stay_offline(recognizers: Sequence[Any]) -> None:
    """Recognizers that ask for the public suffix list get the copy that comes with the package."""
    domains = _needs("tldextract").TLDExtract(suffix_list_urls=(), cache_dir=None)
    for recognizer in recognizers:
        if "tldextract" in vars(import_module(type(recognizer).__module__)):
            recognizer.validate_result = lambda text: bool(domains(text).fqdn)


def _needs(module: str) -> Any:
    try:
        return import_module(module)
    except ImportError as error:
        package = module.partition(".")[0].replace("_", "-")
        raise NotHere(f"{package} is not installed", _INSTALL) from error
