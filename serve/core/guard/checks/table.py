"""The one table of rule kinds, and how a rule becomes a detector.

It must never skip a rule: a kind or a key that is not known here refuses the whole set.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

from serve.core.errors import BundleRefused
from serve.core.guard.checks.asked import LATER, NO_MODELS, Models, NotHere
from serve.core.guard.checks.asking import (
    ClassifierDetector,
    JudgeDetector,
    LanguageDetector,
    SimilarityDetector,
)
from serve.core.guard.checks.canary import CanaryDetector
from serve.core.guard.checks.entities import EntitiesDetector
from serve.core.guard.checks.json_schema import JsonSchemaDetector
from serve.core.guard.checks.length import LengthDetector
from serve.core.guard.checks.literals import LiteralsDetector
from serve.core.guard.checks.pattern import PatternDetector
from serve.core.guard.checks.port import Detector, Maker, Unusable
from serve.core.guard.checks.unicode import UnicodeDetector
from serve.core.guard.checks.url import UrlDetector
from serve.core.model import Json, Rule, Streaming

KINDS: Mapping[str, Maker] = {
    "pattern": PatternDetector,
    "literals": LiteralsDetector,
    "url": UrlDetector,
    "unicode": UnicodeDetector,
    "canary": CanaryDetector,
    "length": LengthDetector,
    "json_schema": JsonSchemaDetector,
}
ASKING: Mapping[str, Callable[[Mapping[str, Json], Models], Detector]] = {
    "language": LanguageDetector,
    "similarity": SimilarityDetector,
    "classifier": ClassifierDetector,
    "judge": JudgeDetector,
    "entities": EntitiesDetector,
}
_FIX = "Correct the rule and release again, or upgrade promptyard here."


def detector_of(rule: Rule, models: Models = NO_MODELS) -> Detector:
    """The detector of a rule; ``models`` opens what a rule of some kinds asks.

    Raises:
        BundleRefused: GRD001 for a kind or a ``detect`` that is not known here, GRD002 for a stream
            setting that would let a match slip through, GRD020 when what it asks cannot be asked here.
    """
    try:
        detector = _made(rule, models)
    except Unusable as error:
        raise BundleRefused("GRD001", f"rule {rule.id}: {error}", _FIX) from error
    except NotHere as error:
        what = f"rule {rule.id} of kind {rule.kind} cannot work here: {error.why}"
        raise BundleRefused("GRD020", what, error.next_step) from error
    _check_streaming(rule, detector.streaming)
    return (
        detector  # its own window counts: a later version may know longer forms than the release was cut with
    )


def _made(rule: Rule, models: Models) -> Detector:
    if rule.kind in ASKING:
        return ASKING[rule.kind](rule.detect, models)
    make = KINDS.get(rule.kind)
    if make is None:
        what = f"rule {rule.id}: kind {rule.kind} is not known here"
        raise BundleRefused("GRD001", what, f"Known are: {', '.join((*KINDS, *ASKING))}.")
    return make(rule.detect)


def streaming_of(rule: Rule, asked: Streaming | None) -> Rule:
    """The rule with its stream setting in place: what was asked for, else the least that is safe.

    Raises:
        BundleRefused: as :func:`detector_of`, and GRD002 for a window below the longest match.
    """
    natural = detector_of(replace(rule, stream=Streaming("end")), LATER).streaming
    if asked is None and rule.kind in ASKING and rule.mode == "enforce" and rule.action.kind != "flag":
        what = f"rule {rule.id}: a rule of kind {rule.kind} that acts holds a stream back to its end"
        raise BundleRefused("GRD002", what, "Say so with stream: {mode: buffer}, or let it flag or shadow.")
    wanted = natural if asked is None else asked
    if wanted.mode == "window" and wanted.max_match is None:
        wanted = replace(wanted, max_match=natural.max_match)
    resolved = replace(rule, stream=wanted)
    _check_streaming(resolved, natural)
    if wanted.mode == "window" and (wanted.max_match or 0) < (natural.max_match or 0):
        what = f"rule {rule.id}: stream.maxMatch is below its longest match of {natural.max_match}"
        raise BundleRefused("GRD002", what, "Leave maxMatch out; it is worked out from the rule.")
    return resolved


def _check_streaming(rule: Rule, natural: Streaming) -> None:
    if rule.stream.mode != "window":
        return
    if natural.mode != "window":
        what = f"rule {rule.id}: its matches have no bound, so a window cannot hold them back"
        raise BundleRefused("GRD002", what, f"Bound the pattern, or set stream.mode to {natural.mode}.")
