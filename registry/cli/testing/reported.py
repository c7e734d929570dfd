"""The report of a test run, with all that its record must say for every view to be made again.

It must never judge: verdicts come from :mod:`registry.evaluation.trial`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime

from registry.cli.context import Context
from registry.cli.testing.asked import Asked
from registry.evaluation import report
from registry.evaluation.arms import Arm, Engines
from registry.evaluation.measures import Meter
from registry.evaluation.records import Sample
from registry.evaluation.report import blamed
from registry.evaluation.runner import Watch
from registry.evaluation.verdict import Verdict

Begin = Callable[[int], Watch]
_COMMIT = 7
_FEW = 5


def metered(meter: Meter, begin: Begin) -> Begin:
    """What counts answers, with a meter beside it."""

    def both(total: int) -> Watch:
        count = begin(total)

        def watch(sample: Sample) -> None:
            meter(sample)
            count(sample)

        return watch

    return both


def reported(
    context: Context,
    asked: Asked,
    found: Sequence[Verdict],
    meter: Meter,
    engines: Engines,
    head: Arm,
    base: Arm | None,
) -> report.Report:
    """The report of a run that has come to its verdicts; a run that its cap stopped short is none that passed."""
    made = report.make(
        found,
        base="head, asked again" if asked.aa else asked.base or asked.baseline,
        reproduce=_again(asked, found),
        measured=meter.result(_currencies(head)),
    )
    made = replace(
        made,
        at=datetime.now(UTC).isoformat(timespec="seconds").replace("+00:00", "Z"),
        content_sha256=head.live.manifest.content_sha256,
        part=not replace(asked, names=()).whole,  # whole suites that were named are points of their histories
        notes=tuple(engines.notes),
        removed=_removed(head, base) if asked.whole else (),
    )
    if engines.stopped_short:  # errors within a suite's budget must not pass for a whole run
        made = replace(made, exit_code=made.exit_code or 3)
    return made if base is None else _with_commits(made, context, base)


def _again(asked: Asked, found: Sequence[Verdict]) -> str:
    """The command that shows the trouble again: the suites that stand in the way, and their cases where few do."""
    bad = [verdict for verdict in found if verdict.exit_code]
    cases = dict.fromkeys(case for verdict in bad for case in blamed(verdict))
    if not asked.case and len(cases) <= _FEW and all(blamed(verdict) for verdict in bad):
        asked = replace(asked, case=tuple(cases))
    return asked.again([verdict.suite for verdict in bad] or asked.names)


def _removed(head: Arm, base: Arm | None) -> tuple[str, ...]:
    return () if base is None else tuple(sorted(base.suites.keys() - head.suites.keys()))


def _with_commits(made: report.Report, context: Context, base: Arm) -> report.Report:
    repository = context.repository()
    commit = repository.commit_id("HEAD")
    changed = " with uncommitted changes" if repository.changed_paths() else ""
    return replace(
        made,
        head=f"{commit[:_COMMIT]}{changed}",
        head_commit=commit,
        base_commit=base.live.manifest.commit,
    )


def _currencies(head: Arm) -> dict[str, str]:
    """The currency of the prices of each suite's model, where it has any."""
    prompts, models = head.live.prompts(), head.catalog.models
    found: dict[str, str] = {}
    for suite in head.suites.values():
        model = models.get(prompts[suite.prompt].model.id) if suite.prompt in prompts else None
        if model is not None and model.prices is not None:
            found[suite.id] = model.prices.currency
    return found
