"""A test run as the command line starts it: up to where it would ask, or all the way.

It must never write what was found: that is for :mod:`registry.cli.testing.outputs`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from registry.cli.context import Context
from registry.cli.outlook import Outlook, cache_of
from registry.cli.progress import answers
from registry.cli.testing.asked import Asked
from registry.cli.writers import jsonl
from registry.cli.writers.json import write_json
from registry.cli.writers.outlook import write_forecast, write_reasons
from registry.evaluation import report
from registry.evaluation.arms import Arm, Engines
from registry.evaluation.forecast import forecast, together
from registry.evaluation.plan import Item
from registry.evaluation.reasons import Reason
from registry.evaluation.record import Record
from registry.evaluation.records import Suite
from registry.evaluation.trial import Keeping, examine, noise, wanted
from registry.evaluation.verdict import Verdict
from serve.core.codec import to_json

_OWN = ".promptyard"
_CACHE = f"{_OWN}/cache"


@dataclass(frozen=True, slots=True)
class Ran:
    """What a run left: the report, what to know of engines and cache, and why each answer was asked for."""

    report: report.Report
    notes: tuple[str, ...]
    reasons: tuple[Reason, ...] | None


def foresee(context: Context, asked: Asked, suites: Sequence[Suite], head: Arm, base: Arm | None) -> int:
    """A run up to where it would ask, told; the exit code."""
    engines = _engines(context, asked, head)
    cache = None if asked.no_cache or asked.aa else cache_of(context.root / _CACHE, head.catalog.settings)
    record = Record(asked.record) if asked.record is not None else None
    outlook = Outlook(_arms(base, head), context.root / _CACHE, cache, record, asked.options.recording)
    try:
        items = wanted(suites, head, base, engines, aa=asked.aa)
        outlook.see(items)
        found = forecast(items, outlook.known)
        reasons = outlook.reasons() if asked.explain else None
    finally:
        engines.close()
        if cache is not None:
            cache.close()
    if context.json:
        told = {"suites": [to_json(part) for part in found], "together": to_json(together(found))}
        write_json(told | ({} if reasons is None else {"reasons": to_json(reasons)}))
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
    engines = _engines(context, asked, head)
    cache = None if asked.no_cache else cache_of(context.root / _CACHE, head.catalog.settings)
    reasons: list[Reason] = []
    try:
        with Record(asked.record or _new_record(context.root)) as record, answers(context.errors) as begin:
            outlook = Outlook(
                _arms(base, head), context.root / _CACHE, cache, record, asked.options.recording
            )

            def see(items: Sequence[Item]) -> None:
                outlook.see(items)
                reasons.extend(outlook.reasons() if asked.explain else ())

            if asked.aa:
                found = noise(suites, head, engines, Keeping(cache, record, begin))
            else:
                found = examine(suites, head, base, engines, Keeping(cache, record, begin, see))
                outlook.keep()
            made = _reported(asked, found)
            for line in jsonl.verdicts(made):
                record.append(line)
    finally:
        engines.close()
        if cache is not None:
            cache.close()
    if engines.stopped_short:  # errors within a suite's budget must not pass for a whole run
        made = replace(made, exit_code=made.exit_code or 3)
    notes = (*engines.notes, *(cache.notes if cache is not None else ()))
    return Ran(made, notes, tuple(reasons) if asked.explain else None)


def _engines(context: Context, asked: Asked, head: Arm) -> Engines:
    return Engines(context.root / _CACHE / "weights", asked.options, settings=head.catalog.settings)


def _reported(asked: Asked, found: Sequence[Verdict]) -> report.Report:
    base = "head, asked again" if asked.aa else asked.base
    return report.make(
        found, base=base, reproduce=asked.again([it.suite for it in found if it.exit_code] or asked.names)
    )


def _arms(base: Arm | None, head: Arm) -> list[Arm]:
    return [head] if base is None else [base, head]


def _new_record(root: Path) -> Path:
    stamp = datetime.now(UTC).strftime("%Y-%m-%dT%H%M%S.%fZ")
    return root / _OWN / "runs" / f"{stamp}.jsonl"
