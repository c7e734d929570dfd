"""A test run as the command line starts it: up to where it would ask, or all the way.

It must never write what was found: that is for :mod:`registry.cli.testing.outputs`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from registry.cli.context import Context
from registry.cli.outlook import Outlook
from registry.cli.progress import answers
from registry.cli.testing.asked import Asked
from registry.cli.testing.baselines import save, stored
from registry.cli.testing.reported import metered, reported
from registry.cli.writers import jsonl
from registry.cli.writers.json import write_json_stream
from registry.cli.writers.outlook import write_forecast, write_reasons
from registry.cli.writers.report_json import reasons_json
from registry.evaluation import report
from registry.evaluation.against import examine_stored, keep
from registry.evaluation.arms import Arm, Engines
from registry.evaluation.cache import ResponseCache
from registry.evaluation.forecast import forecast, together
from registry.evaluation.measures import Meter
from registry.evaluation.plan import Item
from registry.evaluation.reasons import Reason
from registry.evaluation.record import Record
from registry.evaluation.records import Suite
from registry.evaluation.shared_cache import cache_of
from registry.evaluation.shelf import Shelf
from registry.evaluation.trial import Keeping, examine, noise, wanted
from serve.core.codec import to_json

_OWN = ".promptyard"
CACHE = f"{_OWN}/cache"


@dataclass(frozen=True, slots=True)
class Ran:
    """What a run left: the report, what to know of engines and cache, why each answer was asked for, the record."""

    report: report.Report
    notes: tuple[str, ...]
    reasons: Sequence[Reason] | None
    record: Path


def foresee(context: Context, asked: Asked, suites: Sequence[Suite], head: Arm, base: Arm | None) -> int:
    """A run up to where it would ask, told; the exit code."""
    engines = engines_of(context, asked, head)
    cache = None if asked.no_cache or asked.aa else cache_of(context.root / CACHE, head.catalog.settings)
    record = Record(asked.record) if asked.record is not None else None
    outlook = _outlook(context, asked, _arms(base, head), cache, record)
    why: Shelf[Reason] = Shelf()

    def seen() -> Iterator[Item]:
        for chunk in wanted(suites, head, base, engines, aa=asked.aa, scope=asked.scope):
            outlook.see(chunk)
            _hold(why, outlook.reasons(chunk) if asked.explain else ())
            for item in chunk:
                yield item
                for request, reason in outlook.judged(item):
                    _hold(why, (reason,) if asked.explain else ())
                    yield request

    try:
        found = forecast(seen(), outlook.known)
        reasons = why.sequence() if asked.explain else None
    finally:
        engines.close()
        if cache is not None:
            cache.close()
    if context.json:
        told = {"suites": [to_json(part) for part in found], "together": to_json(together(found))}
        write_json_stream(told | ({} if reasons is None else {"reasons": reasons_json(reasons)}))
        return 0
    write_forecast(context.console, found, engines.cap)
    if reasons is not None:
        write_reasons(context.console, reasons)
    return 0


def run(context: Context, asked: Asked, suites: Sequence[Suite], head: Arm, base: Arm | None) -> Ran:
    """The whole run, every answer recorded as it comes.

    Raises:
        Usage, EngineError, MissingExtra: as :func:`registry.evaluation.trial.examine` does.
    """
    engines = engines_of(context, asked, head)
    cache = None if asked.no_cache else cache_of(context.root / CACHE, head.catalog.settings)
    reasons: Shelf[Reason] = Shelf()
    known = saved = ""
    try:
        with Record(asked.record or new_record(context.root)) as record, answers(context.errors) as begin:
            outlook = _outlook(context, asked, _arms(base, head), cache, record)

            def see(items: Sequence[Item]) -> None:
                outlook.see(items)
                explain(items)

            def explain(items: Sequence[Item]) -> None:
                if asked.explain:
                    _hold(reasons, outlook.reasons(items))
                    _hold(reasons, (reason for item in items for _, reason in outlook.judged(item)))

            meter = Meter()
            counting = metered(meter, begin)
            if asked.aa:
                found = noise(suites, head, engines, Keeping(cache, record, counting, explain))
            else:
                held, known = stored(context.root, asked, suites, base)
                keeping = Keeping(cache, record, counting, see)
                if held is None:
                    found = examine(suites, head, base, engines, keeping)
                else:
                    found = examine_stored(suites, head, held, engines, keeping)
                outlook.keep()
            if asked.save_baseline is not None:
                kept = keep(suites, head, engines, Keeping(cache, record), at=_now())
                saved = save(context.root, asked, kept)
            made = reported(context, asked, found, meter, engines, head, base)
            for line in jsonl.verdicts(made):
                record.append(line)
    finally:
        engines.close()
        if cache is not None:
            cache.close()
    about = tuple(note for note in (known, saved) if note)
    notes = (*engines.notes, *(cache.notes if cache is not None else ()), *about)
    return Ran(made, notes, reasons.sequence() if asked.explain else None, record.path)


def engines_of(context: Context, asked: Asked, head: Arm) -> Engines:
    """The engines of a run, none of them started."""
    return Engines(context.root / CACHE / "weights", asked.options, settings=head.catalog.settings)


def _outlook(
    context: Context, asked: Asked, arms: Sequence[Arm], cache: ResponseCache | None, record: Record | None
) -> Outlook:
    if asked.aa:  # both rounds are asked anew, whatever is kept
        cache = record = None
    return Outlook(arms, context.root / CACHE, cache, record, asked.options.recording)


def _hold(shelf: Shelf[Reason], reasons: Iterable[Reason]) -> None:
    first = len(shelf)
    for number, reason in enumerate(reasons, first):
        shelf[str(number)] = reason


def _arms(base: Arm | None, head: Arm) -> list[Arm]:
    return [head] if base is None else [base, head]


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def new_record(root: Path) -> Path:
    """A file of its own for a run that names none."""
    stamp = datetime.now(UTC).strftime("%Y-%m-%dT%H%M%S.%fZ")
    return root / _OWN / "runs" / f"{stamp}.jsonl"
