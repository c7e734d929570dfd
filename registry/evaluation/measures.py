"""What a run's answers scored and took, gathered while they come: scores, tokens, cost, latency of each arm.

Kept as numbers, so that a report, a history and a release can tell of a run without reading its answers again.
It must never hold an answer, nor take the time of a cached one for latency.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from registry.evaluation.overview import overview
from registry.evaluation.records import ArmName, Sample
from registry.evaluation.tally import rate_of
from registry.evaluation.verdict import Verdict

BINS = 20


@dataclass(frozen=True, slots=True)
class Measured:
    """The answers of one suite in one arm.

    Attributes:
        answers: how many there are, errors among them.
        live: how many were asked in this run; the others came from a cache or a record.
        scores: how many answers scored within each twentieth from 0 to 1, erred ones left out.
        score: their mean; None where every answer erred.
        prompt_tokens: mean per answer; None where nothing was counted, as are ``completion_tokens``.
        cost: mean per answer, None unless all are known; a cached answer counts with what it once cost.
        spent: what the live answers cost together, None unless all are known.
        currency: of both, ISO 4217.
        latency_p50_s: median over live answers, None without any; so is ``latency_p95_s``.
    """

    suite: str
    arm: ArmName
    answers: int
    errors: int = 0
    live: int = 0
    scores: tuple[int, ...] = ()
    score: float | None = None
    prompt_tokens: float | None = None
    completion_tokens: float | None = None
    cost: float | None = None
    spent: float | None = None
    currency: str | None = None
    latency_p50_s: float | None = None
    latency_p95_s: float | None = None

    @property
    def tokens(self) -> float | None:
        """Mean tokens per answer, prompt and completion together."""
        if self.prompt_tokens is None or self.completion_tokens is None:
            return None
        return self.prompt_tokens + self.completion_tokens


@dataclass(frozen=True, slots=True)
class Summary:
    """A run of one suite in a few numbers, of head alone.

    ``tokens`` and ``cost`` are means per answer, ``latency_p50_s`` the median of the answers that were asked
    live; each is None where it is not known.
    """

    prompt: str
    word: str
    cases: int
    pass_rate: float | None
    answers: int = 0
    tokens: float | None = None
    cost: float | None = None
    currency: str | None = None
    latency_p50_s: float | None = None


@dataclass(slots=True)
class _Sums:
    answers: int = 0
    errors: int = 0
    live: int = 0
    scores: list[int] = field(default_factory=lambda: [0] * BINS)
    score: float = 0.0
    prompt_tokens: int = 0
    completion_tokens: int = 0
    cost: float = 0.0
    unpriced: int = 0
    spent: float = 0.0
    unpaid: int = 0
    seconds: array[float] = field(default_factory=lambda: array("d"))


class Meter:
    """Gathers samples as they come; call it with each."""

    def __init__(self) -> None:
        self._sums: dict[tuple[str, ArmName], _Sums] = {}

    def __call__(self, sample: Sample) -> None:
        """Take one sample in."""
        sums = self._sums.setdefault((sample.suite, sample.arm), _Sums())
        completion = sample.completion
        sums.answers += 1
        if completion.seconds is not None:
            sums.seconds.append(completion.seconds)
        if not completion.cached:
            sums.live += 1
            sums.spent += completion.cost or 0.0
            sums.unpaid += completion.cost is None and sample.status != "error"
        if sample.status == "error":
            sums.errors += 1
            return
        sums.scores[min(int(max(sample.score, 0.0) * BINS), BINS - 1)] += 1
        sums.score += sample.score
        sums.prompt_tokens += completion.prompt_tokens
        sums.completion_tokens += completion.completion_tokens
        sums.cost += completion.cost or 0.0
        sums.unpriced += completion.cost is None

    def result(self, currencies: Mapping[str, str] = {}) -> tuple[Measured, ...]:
        """What was gathered, in the order in which suites and arms first came; ``currencies`` by suite."""
        return tuple(
            _measured(suite, arm, sums, currencies.get(suite)) for (suite, arm), sums in self._sums.items()
        )


def summaries(verdicts: Iterable[Verdict], measured: Iterable[Measured]) -> dict[str, Summary]:
    """Every suite of a run in a few numbers; its pass rate is that of all of head's cases, compared or not."""
    heads = {each.suite: each for each in measured if each.arm == "head"}
    return {verdict.suite: _summary(verdict, heads.get(verdict.suite)) for verdict in verdicts}


def _summary(verdict: Verdict, measured: Measured | None) -> Summary:
    passed = rate_of(overview(verdict).heads)
    cases, mean = (passed.cases, passed.mean) if passed is not None else (0, None)
    told = Summary(verdict.prompt, verdict.word, cases, mean)
    if measured is None:
        return told
    return replace(
        told,
        answers=measured.answers,
        tokens=measured.tokens,
        cost=measured.cost,
        currency=measured.currency,
        latency_p50_s=measured.latency_p50_s,
    )


def _measured(suite: str, arm: ArmName, sums: _Sums, currency: str | None) -> Measured:
    good = sums.answers - sums.errors
    counted = good > 0 and sums.prompt_tokens + sums.completion_tokens > 0
    priced, paid = good > 0 and not sums.unpriced, sums.live > 0 and not sums.unpaid
    seconds = sorted(sums.seconds)
    return Measured(
        suite,
        arm,
        answers=sums.answers,
        errors=sums.errors,
        live=sums.live,
        scores=tuple(sums.scores),
        score=sums.score / good if good else None,
        prompt_tokens=sums.prompt_tokens / good if counted else None,
        completion_tokens=sums.completion_tokens / good if counted else None,
        cost=sums.cost / good if priced else None,
        spent=sums.spent if paid else None,
        currency=currency if priced or paid else None,
        latency_p50_s=_quantile(seconds, 0.5),
        latency_p95_s=_quantile(seconds, 0.95),
    )


def _quantile(ordered: list[float], share: float) -> float | None:
    """The value below which a share of the sorted values lies, drawn straight between neighbours."""
    if not ordered:
        return None
    place = share * (len(ordered) - 1)
    low = int(place)
    high = min(low + 1, len(ordered) - 1)
    return ordered[low] + (ordered[high] - ordered[low]) * (place - low)
