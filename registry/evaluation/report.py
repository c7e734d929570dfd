"""From verdicts to lines and rows that every writer prints alike, in words and numbers.

Text of answers and reasons is made safe for one line here, once: nothing that a model said can move a cursor,
break a table or hide a character.
It must never print, colour or conclude: tones say what a line means, writers choose what that looks like.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal, overload

from registry.evaluation.gate import exit_code
from registry.evaluation.guarding import Guarded, sentences
from registry.evaluation.judges.standing import Advice
from registry.evaluation.measures import Measured, Summary, summaries
from registry.evaluation.noise import powers
from registry.evaluation.overview import Mark, overview
from registry.evaluation.records import ArmName
from registry.evaluation.spending import told
from registry.evaluation.verdict import (
    CaseResult,
    Comparison,
    Metric,
    Noise,
    Rate,
    Spending,
    Standing,
    Verdict,
)

Tone = Literal["plain", "good", "bad", "doubt", "dim"]
_TONES: dict[str, Tone] = {
    "PASS": "good", "IMPROVED": "good", "NON-INFERIOR": "good",
    "FAIL": "bad", "REGRESSION": "bad", "NO-VERDICT": "bad", "INCONCLUSIVE": "doubt",
}  # fmt: skip
_NAMED = 8
_COMMIT = 7


@dataclass(frozen=True, slots=True)
class Report:
    """One run: revisions as the reader knows them, a verdict per suite, and the exit code that follows.

    ``reproduce`` is the command line that runs it again; ``removed`` are the suites that base has and head has
    not, which have no verdict because nothing asks their cases any more. ``at`` is when the run ended, ISO 8601
    in UTC; the commits are known where Git was asked. ``part`` is True where not all cases were run as their suites
    say, so that the run is no point of a history.
    """

    verdicts: tuple[Verdict, ...]
    exit_code: int
    head: str = "working copy"
    base: str | None = None
    reproduce: str = "promptyard test"
    removed: tuple[str, ...] = ()
    at: str = ""
    head_commit: str | None = None
    base_commit: str | None = None
    content_sha256: str | None = None
    part: bool = False
    notes: tuple[str, ...] = ()
    measured: tuple[Measured, ...] = ()
    summaries: Mapping[str, Summary] = field(default_factory=dict)

    def arm(self, suite: str, arm: ArmName) -> Measured | None:
        """What the answers of one arm took; None where there are none."""
        return next((it for it in self.measured if it.suite == suite and it.arm == arm), None)


@dataclass(frozen=True, slots=True)
class Line:
    """One line about a verdict: a short label, the text, and what kind of news it is."""

    label: str
    text: str
    tone: Tone = "plain"


@dataclass(frozen=True, slots=True)
class Row:
    """One case that someone should look at. ``counts`` says how many samples passed, base first."""

    mark: Mark
    case: str
    required: bool
    counts: str
    reason: str
    answer: str
    base_answer: str
    line: int = 1


def make(
    verdicts: Iterable[Verdict],
    *,
    head: str = "working copy",
    base: str | None = None,
    reproduce: str = "promptyard test",
    measured: Iterable[Measured] = (),
) -> Report:
    """The report of a run; its exit code is computed from the verdicts and nothing else."""
    held, took = tuple(verdicts), tuple(measured)
    return Report(
        held, exit_code(held), head, base, reproduce, measured=took, summaries=summaries(held, took)
    )


def visible(text: str) -> str:
    """A text in which what does not print, line breaks among it, is its escape; a record may come from anybody."""
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)


def one_line(text: str, limit: int = 160) -> str:
    """A text on one line: white space runs become one space, what does not print becomes its escape."""
    safe = visible(" ".join(text[: 4 * limit].split()))
    return safe if len(safe) <= limit and len(text) <= 4 * limit else safe[: limit - 1] + "…"


def tone(verdict: Verdict) -> Tone:
    """What kind of news a verdict is; one that blocks is bad news whatever its word."""
    return "bad" if verdict.exit_code else _TONES[verdict.word]


def base_named(report: Report) -> str:
    """Base as the reader knows it, with its commit where that is known; empty without a base."""
    return f"{report.base or ''} {(report.base_commit or '')[:_COMMIT]}".strip()


def title(report: Report, verdict: Verdict) -> str:
    """Suite, revisions, size and engine of one verdict."""
    arms = report.head if report.base is None else f"base {base_named(report)} -> head {report.head}"
    seen = overview(verdict)
    size = f"{_plural(seen.cases, 'case')}, {_plural(seen.groups, 'group')}, K={verdict.samples}"
    ran = verdict.comparability
    engine = "" if ran is None else f", {ran.engine} {ran.profile} on {ran.device}"
    return f"{visible(verdict.suite)}  {one_line(arms)}  {size}{one_line(engine)}"


def lines(verdict: Verdict) -> tuple[Line, ...]:
    """What there is to say about a verdict, the verdict itself last."""
    return tuple(replace(line, text=visible(line.text)) for line in _lines(verdict))


def _lines(verdict: Verdict) -> Iterator[Line]:
    if verdict.head is not None:
        yield Line("pass rate", _rates(verdict))
        yield from _repeats(verdict.head)
    yield _required(verdict)
    if verdict.comparison is not None:
        yield from _compared(verdict.comparison, tested=not verdict.exact)
    yield from map(_metric, verdict.metrics)
    yield from _judged(verdict)
    yield from _guarded(verdict.guarded)
    yield from _excluded(verdict)
    tokens = _tokens(verdict)
    if tokens:
        yield Line("tokens", tokens, "dim")
    if verdict.noise is not None:
        yield Line("noise", powers(verdict.noise))
        yield from _wavered(verdict.noise)
    yield from (_spent(each) for each in verdict.spending if each.limit is not None or each.change)
    for note in verdict.notes:
        yield Line("note", one_line(note), "doubt")
    yield Line("VERDICT", f"{verdict.word}: {one_line('; '.join(verdict.reasons), 400)}", tone(verdict))


def _rates(verdict: Verdict) -> str:
    comparison, head = verdict.comparison, verdict.head
    if head is None:
        return ""
    if verdict.exact:
        return (
            f"{head.mean:.1%}"
            if verdict.base is None
            else f"base {verdict.base.mean:.1%}   head {head.mean:.1%}"
        )
    if verdict.base is None or comparison is None:
        return f"{_rate(head)}, proves at least {head.proven:.1%}"
    interval = f"95% CI [{comparison.low * 100:+.1f}, {comparison.high * 100:+.1f}]"
    delta = f"delta {comparison.delta * 100:+.1f} pp, {interval}"
    unsure = "" if comparison.reliable else " (CI unreliable: fewer than 10 groups)"
    return f"base {_rate(verdict.base)}   head {_rate(head)}   {delta}{unsure}"


def _rate(rate: Rate) -> str:
    return f"{rate.mean:.1%} [{rate.low * 100:.1f}, {rate.high * 100:.1f}]"


def _wavered(noise: Noise) -> Iterator[Line]:
    if noise.read_twice:
        share = f"{noise.wavered}/{_plural(noise.read_twice, 'judged check')} ({noise.wavered / noise.read_twice:.1%})"
        told = f"{share} got another verdict though the answer was the same"
        yield Line("judge noise", told, "doubt" if noise.wavered else "plain")


def _repeats(head: Rate) -> Iterator[Line]:
    if head.all_of:
        k = len(head.all_of)
        every, some = head.all_of[-1], head.any_of[-1]
        both = f"pass^{k} {every:.1%} (all of {k} samples), pass@{k} {some:.1%} (one of {k})"
        yield Line("repeats", both, "dim")


def _required(verdict: Verdict) -> Line:
    seen = overview(verdict)
    bad = len(verdict.required_failed) + len(verdict.already_broken)
    broken = f", already broken in base: {_names(verdict.already_broken)}" if verdict.already_broken else ""
    failed = f", failed: {_names(verdict.required_failed)}" if verdict.required_failed else ""
    errors = f"errors {seen.errors}/{_plural(seen.answers, 'answer')}"
    text = f"{seen.required - bad}/{seen.required} pass{failed}{broken}; {errors}"
    return Line("required", text, "bad" if verdict.required_failed or seen.errors else "plain")


def _compared(comparison: Comparison, *, tested: bool) -> Iterator[Line]:
    told = f"{len(comparison.lost)} lost, {len(comparison.gained)} gained"
    yield Line("flips", told + _rechecked(comparison))
    if not tested:
        return
    seen = comparison.detectable
    power = (
        "could not have detected any drop" if seen is None else f"could have detected >= {seen * 100:.1f} pp"
    )
    adjusted = comparison.p_drop_adjusted
    holm = f", Holm {adjusted:.3g}" if adjusted != comparison.p_drop else ""
    yield Line(
        "suite test", f"paired sign-flip p={comparison.p_drop:.3g}{holm} (alpha .025); {power} (80% power)"
    )


def _rechecked(comparison: Comparison) -> str:
    flips = comparison.flips
    tested = [flip for flip in flips if flip.p_adjusted is not None]
    if tested:
        found = [f"{flip.case} p={flip.p_adjusted:.2g}" for flip in tested if flip.confirmed]
        named = f" ({_names(found)})" if found else ""
        return f"; asked again 8+8: {len(found)} confirmed{named}, {len(tested) - len(found)} noise"
    return "; asked again: the same answers" if flips and all(flip.confirmed for flip in flips) else ""


def _judged(verdict: Verdict) -> Iterator[Line]:
    for judge in verdict.judges:
        kappa = "" if judge.kappa is None else f"kappa {judge.kappa:.2f}, "
        seen = f" ({kappa}agreement {judge.share or 0:.1%}, n={judge.labels})" if judge.labels else ""
        votes = f", {judge.votes} votes" if judge.votes > 1 else ""
        advisory = f"; advisory: {judge.why}" if judge.why else ""
        yield Line("judge", f"{judge.name}{seen}{votes}{advisory}", "doubt" if judge.why else "plain")
    if verdict.advice is not None:
        yield from _advice(verdict.advice)
    if verdict.contest is not None:
        won = verdict.contest
        told = f"head wins {won.wins}, base {won.losses}, {_plural(won.ties, 'tie')}; sign test p={won.p:.2g} (advisory)"
        yield Line("select-best", told, "dim")


def _advice(advice: Advice) -> Iterator[Line]:
    if advice.unasked:
        many = "asks" if len(advice.unasked) == 1 else "ask"
        which = f"{_plural(len(advice.unasked), 'case')} {many} only which answer is better: {_names(advice.unasked)}"
        yield Line("advisory", f"{which}; without a base nothing was asked of the answer", "doubt")
    if not advice.asked:
        return
    failing = f"does not hold in {_plural(len(advice.failing), 'case')}: {_names(advice.failing)}"
    told = f"{_plural(advice.asked, 'judged check')}; {failing if advice.failing else 'all hold'}; no case fails by it"
    alone = f"; {_plural(len(advice.alone), 'case')} asks nothing else" if len(advice.alone) == 1 else ""
    if len(advice.alone) > 1:
        alone = f"; {len(advice.alone)} cases ask nothing else"
    yield Line("advisory", told + alone, "doubt" if advice.failing else "dim")


def _guarded(guarded: Sequence[Guarded]) -> Iterator[Line]:
    for text, is_clean in sentences(guarded):
        yield Line("guardrails", text, "dim" if is_clean else "doubt")


def _metric(metric: Metric) -> Line:
    interval = f"95% CI [{metric.low:+.3f}, {metric.high:+.3f}]"
    if metric.base is None or metric.delta is None:
        told = f"{metric.head:.3f} [{metric.low:.3f}, {metric.high:.3f}]"
    else:
        told = f"base {metric.base:.3f}   head {metric.head:.3f}   delta {metric.delta:+.3f}, {interval}"
    floor = "" if metric.floor is None else f"   floor {metric.floor:g}"
    state = " (below, as in base)" if metric.broken else " (below)" if metric.below else ""
    state += " (advisory: the judge is not calibrated)" if metric.advisory else ""
    state += " (noise can explain it)" if metric.in_doubt else ""
    mild = metric.broken or metric.advisory or metric.in_doubt
    bad: Tone = "plain" if not metric.below else "doubt" if mild else "bad"
    return Line("metric", f"{metric.name}  {told}{floor}{state}  ({_plural(metric.cases, 'case')})", bad)


def _spent(each: Spending) -> Line:
    label = f"{each.name} p50"
    return Line(label, told(each), "bad" if each.exceeded else "plain" if each.limit is not None else "dim")


def _excluded(verdict: Verdict) -> Iterator[Line]:
    if verdict.comparison is None:
        return
    seen = overview(verdict)
    standings: tuple[Standing, ...] = ("new", "changed", "removed")
    for standing in standings:
        count = seen.standings[standing]
        if count:
            names = _named(seen.first[standing], count)
            yield Line(standing, f"{_plural(count, 'case')} not compared: {names}", "dim")


def _tokens(verdict: Verdict) -> str:
    cached = f"; {verdict.cached:.0%} of answers from the cache" if verdict.cached else ""
    if verdict.tokens_head is None:
        return ""
    if not verdict.tokens_base:
        return f"{verdict.tokens_head:.1f} per answer{cached}"
    change = verdict.tokens_head / verdict.tokens_base - 1
    return f"{verdict.tokens_base:.1f} -> {verdict.tokens_head:.1f} per answer ({change:+.1%}){cached}"


def blamed(verdict: Verdict) -> tuple[str, ...]:
    """The cases that a verdict is for: required ones that failed, and flips that were confirmed."""
    flips = verdict.comparison.flips if verdict.comparison is not None else ()
    return tuple(dict.fromkeys((*verdict.required_failed, *(flip.case for flip in flips if flip.confirmed))))


def rows(verdict: Verdict) -> Sequence[Row]:
    """The cases that someone should look at, the most telling first; each is read when it is looked at."""
    return _Rows(verdict.cases, overview(verdict).telling())


class _Rows(Sequence[Row]):
    """Rows of some cases, which are named by why and where they stand."""

    def __init__(self, cases: Sequence[CaseResult], telling: Sequence[tuple[Mark, Sequence[int]]]) -> None:
        self._cases = cases
        self._telling = telling

    @overload
    def __getitem__(self, index: int) -> Row: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[Row]: ...

    def __getitem__(self, index: int | slice) -> Row | Sequence[Row]:
        if isinstance(index, slice):
            start, stop, step = index.indices(len(self))
            return self._part(start, stop) if step == 1 else tuple(self)[index]
        left = index if index >= 0 else len(self) + index
        for mark, places in self._telling:
            if 0 <= left < len(places):
                return _row(mark, self._cases[places[left]])
            left -= len(places)
        raise IndexError(index)

    def __len__(self) -> int:
        return sum(len(places) for _, places in self._telling)

    def __iter__(self) -> Iterator[Row]:
        for mark, places in self._telling:
            yield from (_row(mark, self._cases[place]) for place in places)

    def _part(self, start: int, stop: int) -> Sequence[Row]:
        found: list[tuple[Mark, Sequence[int]]] = []
        for mark, places in self._telling:
            found.append((mark, places[max(start, 0) : max(stop, 0)]))
            start, stop = start - len(places), stop - len(places)
        return _Rows(self._cases, found)


def _row(mark: Mark, result: CaseResult) -> Row:
    tallies = [tally for tally in (result.base, result.head) if tally is not None]
    counts = " -> ".join(f"{tally.passed}/{tally.judged + tally.errors}" for tally in tallies)
    return Row(
        mark,
        result.id,
        result.required,
        counts,
        one_line(result.reason),
        one_line(result.answer),
        one_line(result.base_answer),
        result.line,
    )


def _names(names: Sequence[str]) -> str:
    return _named(names, len(names))


def _named(names: Sequence[str], count: int) -> str:
    more = f" and {count - _NAMED} more" if count > _NAMED else ""
    return ", ".join(names[:_NAMED]) + more


def _plural(count: int, noun: str) -> str:
    return f"{count} {noun}{'' if count == 1 else 's'}"
