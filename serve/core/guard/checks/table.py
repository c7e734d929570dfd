"""The one table of rule kinds, and how a rule becomes a detector.

It must never skip a rule: a kind or a key that is not known here refuses the whole set.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from serve.core.errors import BundleRefused
from serve.core.guard.checks.json_schema import JsonSchemaDetector
from serve.core.guard.checks.length import LengthDetector
from serve.core.guard.checks.literals import LiteralsDetector
from serve.core.guard.checks.pattern import PatternDetector
from serve.core.guard.checks.port import Detector, Maker, Unusable
from serve.core.guard.checks.unicode import UnicodeDetector
from serve.core.guard.checks.url import UrlDetector
from serve.core.model import Rule, Streaming

KINDS: Mapping[str, Maker] = {
    "pattern": PatternDetector,
    "literals": LiteralsDetector,
    "url": UrlDetector,
    "unicode": UnicodeDetector,
    "length": LengthDetector,
    "json_schema": JsonSchemaDetector,
}
_FIX = "Correct the rule and release again, or upgrade promptyard here."


def detector_of(rule: Rule) -> Detector:
    """The detector of a rule.

    Raises:
        BundleRefused: GRD001 for a kind or a ``detect`` that is not known here, GRD002 for a stream
            setting that would let a match slip through.
    """
    make = KINDS.get(rule.kind)
    if make is None:
        what = f"rule {rule.id}: kind {rule.kind} is not known here"
        raise BundleRefused("GRD001", what, f"Known are: {', '.join(KINDS)}.")
    try:
        detector = make(rule.detect)
    except Unusable as error:
        raise BundleRefused("GRD001", f"rule {rule.id}: {error}", _FIX) from error
    _check_streaming(rule, detector.streaming)
    return detector


def streaming_of(rule: Rule, asked: Streaming | None) -> Rule:
    """The rule with its stream setting in place: what was asked for, else the least that is safe.

    Raises:
        BundleRefused: as :func:`detector_of`.
    """
    natural = detector_of(replace(rule, stream=Streaming("end"))).streaming
    wanted = natural if asked is None else asked
    if wanted.mode == "window" and wanted.max_match is None:
        wanted = replace(wanted, max_match=natural.max_match)
    resolved = replace(rule, stream=wanted)
    _check_streaming(resolved, natural)
    return resolved


def _check_streaming(rule: Rule, natural: Streaming) -> None:
    if rule.stream.mode != "window":
        return
    if natural.mode != "window":
        what = f"rule {rule.id}: its matches have no bound, so a window cannot hold them back"
        raise BundleRefused("GRD002", what, f"Bound the pattern, or set stream.mode to {natural.mode}.")
    if (rule.stream.max_match or 0) < (natural.max_match or 0):
        what = f"rule {rule.id}: stream.maxMatch is below its longest match of {natural.max_match}"
        raise BundleRefused("GRD002", what, "Leave maxMatch out; it is worked out from the rule.")
