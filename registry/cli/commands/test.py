"""``promptyard test``: the suites on the model, head against base, a verdict and an exit code."""

from __future__ import annotations

import difflib
import math
import shlex
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click

from registry.authoring.catalog import Catalog, load
from registry.cli.context import Context, pass_context
from registry.cli.cutting import EVIDENCE
from registry.cli.outlook import Outlook, cache_of
from registry.cli.progress import answers
from registry.cli.single import tree_of
from registry.cli.teaching import examples
from registry.cli.writers import jsonl, junit, markdown, verdicts
from registry.cli.writers.json import write_json
from registry.cli.writers.outlook import write_forecast, write_reasons
from registry.cli.writers.text import write_findings
from registry.diagnostics import Diagnostic, has_errors
from registry.errors import NotClean, Usage
from registry.evaluation import report
from registry.evaluation.arms import Arm, EngineOptions, Engines, build
from registry.evaluation.engines.replay import NOTHING, read_recording
from registry.evaluation.forecast import forecast, together
from registry.evaluation.plan import Item
from registry.evaluation.reasons import Reason
from registry.evaluation.record import Record
from registry.evaluation.records import Suite
from registry.evaluation.suite import read_suites
from registry.evaluation.trial import Keeping, examine, noise, wanted
from registry.evaluation.verdict import Verdict
from registry.release.evidence import Evidence, suites_digest
from registry.release.findings import findings_of
from serve.core.codec import to_json

_OWN = ".promptyard"
_CACHE = f"{_OWN}/cache"
_OUT = click.Path(dir_okay=False, path_type=Path)
_THERE = click.Path(exists=True, path_type=Path)


@dataclass(frozen=True, slots=True)
class _Asked:
    """What the command line asked for."""

    names: tuple[str, ...]
    base: str | None
    case: tuple[str, ...]
    samples: int | None
    aa: bool
    options: EngineOptions
    no_cache: bool
    record: Path | None
    dry_run: bool
    explain: bool

    @property
    def whole(self) -> bool:
        """True when everything was run as the suites say, so that the result counts as evidence."""
        return not (self.names or self.case or self.samples or self.aa)

    def again(self, names: Sequence[str]) -> str:
        """The command line that runs these suites again, as they were run."""
        words = [*names]
        words += ["--base", self.base] if self.base else []
        words += [word for case in self.case for word in ("--case", case)]
        words += ["--samples", str(self.samples)] if self.samples else []
        words += ["--profile", self.options.profile] if self.options.profile else []
        words += ["--aa"] if self.aa else []
        cap = self.options.max_cost_usd
        words += ["--max-cost", f"{cap:g}"] if cap is not None else []
        return shlex.join(["promptyard", "test", *words])


@dataclass(frozen=True, slots=True)
class _Ran:
    """What a run left: the report, what to know of engines and cache, and why each answer was asked for."""

    report: report.Report
    notes: tuple[str, ...]
    reasons: tuple[Reason, ...] | None


@click.command(
    "test",
    epilog=examples(
        "promptyard test",
        "promptyard test support/triage --case double-charge",
        "promptyard test --base main --junit report.xml --markdown comment.md",
        "promptyard test --device cuda --require",
        "promptyard test --dry-run --explain",
        "promptyard test --max-cost 0.50",
    ),
)
@click.argument("names", metavar="[PROMPT]...", nargs=-1)
@click.option("--base", metavar="REV", help="Compare with the commit where this branch left REV.")
@click.option("--case", "-c", metavar="ID", multiple=True, help="Only these cases.")
@click.option(
    "--samples", type=click.IntRange(1, 1000), metavar="N", help="Samples per case, not the suite's."
)
@click.option(
    "--device",
    type=click.Choice(["auto", "cpu", "cuda"]),
    default="auto",
    help="auto: CUDA where it works; says why not.",
)
@click.option("--require", is_flag=True, help="Fail (exit 4) where the device is not to be had.")
@click.option(
    "--profile",
    type=click.Choice(["cpu-f32", "fast"]),
    help="cpu-f32: the same answers on every machine; fast: for the moment. Default: by the device.",
)
@click.option("--junit", "junit_file", type=_OUT, metavar="FILE", help="Write JUnit XML.")
@click.option("--markdown", "markdown_file", type=_OUT, metavar="FILE", help="Write a pull-request comment.")
@click.option("--record", type=_OUT, metavar="FILE", help="JSONL of every answer; goes on where it ended.")
@click.option("--no-cache", is_flag=True, help="Ask the model anew.")
@click.option("--replay", is_flag=True, help="Answer from the cache alone; the model is not started.")
@click.option(
    "--replay-from", type=_THERE, metavar="PATH", help="Answer from a record, or a folder of records."
)
@click.option(
    "--max-cost", type=click.FloatRange(0), metavar="USD", help="Stop before hosted models cost more."
)
@click.option("--dry-run", is_flag=True, help="Say what would be asked and what it may cost; ask nothing.")
@click.option("--explain", is_flag=True, help="Say why each answer is asked for or not.")
@click.option("--aa", is_flag=True, help="Head against itself: the noise a change must rise above.")
@pass_context
def command(context: Context, /, junit_file: Path | None, markdown_file: Path | None, **given: Any) -> int:
    """Run the suites of the prompts through their models and judge the answers.

    With --base, the same cases run on both sides and the gate tells a real regression from noise.
    Exit code 0 is good, 1 a failure or regression, 2 a suite that cannot run, 3 no verdict.
    A complete run that passes is the evidence that `promptyard release` may ask for.
    """
    asked = _Asked(options=_options(given), **given)
    if asked.aa and asked.base:
        raise Usage("EVL006", "--aa compares head with itself, --base with another", "Choose one of them.")
    tree = tree_of(context, None)
    catalog = load(tree, context.settings_of(tree))
    suites, findings = _suites(catalog, asked)
    write_findings(context.errors, findings)
    if has_errors(findings):
        return 2
    for path in (junit_file, markdown_file):
        if path is not None:  # told before the model is asked, not after
            path.parent.mkdir(parents=True, exist_ok=True)
    try:
        head = build("head", catalog, suites)
    except NotClean:
        errors = [it for it in findings_of(catalog, today=datetime.now(UTC).date()) if it.level == "error"]
        if not errors:
            raise
        write_findings(context.errors, errors)
        return 2
    base = _base(context, asked, head)
    if asked.dry_run:
        return _foresee(context, asked, suites, head, base)
    ran = _run(context, asked, suites, head, base)
    made = ran.report
    if base is not None and asked.whole:
        made = replace(made, removed=tuple(sorted(base.suites.keys() - head.suites.keys())))
    _write(context, replace(ran, report=made), junit_file, markdown_file)
    if asked.whole and not _against_itself(head, base):
        _leave_evidence(context.root, head, made, base)
    return made.exit_code


def _options(given: dict[str, Any]) -> EngineOptions:
    """How models are run; takes what it needs out of what was given."""
    place, most = given.pop("replay_from"), given.pop("max_cost")
    if most is not None and not math.isfinite(most):
        raise Usage("EVL007", "--max-cost is no amount", "Write US dollars, such as --max-cost 0.50.")
    return EngineOptions(
        **{name: given.pop(name) for name in ("device", "profile", "require")},
        replay=given.pop("replay") or place is not None,
        recording=NOTHING if place is None else read_recording(place),
        max_cost_usd=most,
    )


def _suites(catalog: Catalog, asked: _Asked) -> tuple[tuple[Suite, ...], tuple[Diagnostic, ...]]:
    suites, findings = read_suites(catalog)
    problems = (*catalog.problems, *findings)
    if has_errors(problems):
        return (), tuple(problem for problem in problems if problem.level == "error")
    known = {name for suite in suites for name in (suite.id, suite.prompt)}
    for name in asked.names:
        if name not in known:
            close = difflib.get_close_matches(name, known, 1, 0.5)
            advice = f"Did you mean {close[0]}?" if close else f"Write one: promptyard new suite {name}."
            raise Usage("EVL005", f"no suite tests {name}", advice)
    chosen = tuple(_narrowed(suite, asked) for suite in suites if _is_named(suite, asked.names))
    chosen = tuple(suite for suite in chosen if suite.cases)
    if not chosen:
        what = f"no case {', '.join(asked.case)}" if asked.case else "there is no suite"
        raise Usage("EVL005", what, "Cases are in *.suite.yaml below the content folder.")
    return chosen, tuple(each for each in findings if each.place.path in {suite.path for suite in chosen})


def _is_named(suite: Suite, names: Sequence[str]) -> bool:
    return not names or suite.id in names or suite.prompt in names


def _narrowed(suite: Suite, asked: _Asked) -> Suite:
    cases = tuple(case for case in suite.cases if not asked.case or case.id in asked.case)
    return replace(suite, cases=cases, samples=asked.samples or suite.samples)


def _base(context: Context, asked: _Asked, head: Arm) -> Arm | None:
    if asked.base is None:
        return None
    commit = context.repository().merge_base(asked.base)
    catalog = context.catalog(commit)
    suites, _ = read_suites(catalog)
    return build("base", catalog, (_narrowed(suite, asked) for suite in suites), like=head)


def _engines(context: Context, asked: _Asked, head: Arm) -> Engines:
    return Engines(context.root / _CACHE / "weights", asked.options, settings=head.catalog.settings)


def _foresee(context: Context, asked: _Asked, suites: Sequence[Suite], head: Arm, base: Arm | None) -> int:
    """A run up to where it would ask."""
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


def _run(context: Context, asked: _Asked, suites: Sequence[Suite], head: Arm, base: Arm | None) -> _Ran:
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
    return _Ran(made, notes, tuple(reasons) if asked.explain else None)


def _reported(asked: _Asked, found: Sequence[Verdict]) -> report.Report:
    base = "head, asked again" if asked.aa else asked.base
    return report.make(
        found, base=base, reproduce=asked.again([it.suite for it in found if it.exit_code] or asked.names)
    )


def _arms(base: Arm | None, head: Arm) -> list[Arm]:
    return [head] if base is None else [base, head]


def _new_record(root: Path) -> Path:
    stamp = datetime.now(UTC).strftime("%Y-%m-%dT%H%M%S.%fZ")
    return root / _OWN / "runs" / f"{stamp}.jsonl"


def _write(context: Context, ran: _Ran, junit_file: Path | None, markdown_file: Path | None) -> None:
    made = ran.report
    for path, text in ((junit_file, junit.verdicts), (markdown_file, markdown.verdicts)):
        if path is not None:
            path.write_text(text(made), "utf-8")
    if context.json:
        told = {} if ran.reasons is None else {"reasons": to_json(ran.reasons)}
        write_json(to_json(made) | {"notes": list(ran.notes)} | told)
        return
    if ran.reasons is not None:
        write_reasons(context.console, ran.reasons)
        context.console.print()
    for note in ran.notes:
        context.errors.print(note, style="dim")
    verdicts.write_verdicts(context.console, made)


def _against_itself(head: Arm, base: Arm | None) -> bool:
    """True when both arms have the same content: nothing can be worse than itself, so that proves nothing."""
    return base is not None and base.live.manifest.content_sha256 == head.live.manifest.content_sha256


def _leave_evidence(root: Path, head: Arm, made: report.Report, base: Arm | None) -> None:
    """What `promptyard release` may ask for; a run that did not pass leaves its evidence too."""
    evidence = Evidence(
        content_sha256=head.live.manifest.content_sha256,
        suites_sha256=suites_digest(head.suites.values()),
        passed=made.exit_code == 0,
        verdicts={verdict.suite: verdict.word for verdict in made.verdicts},
        base=base.live.manifest.commit if base is not None else None,
    )
    path = root / EVIDENCE
    path.parent.mkdir(parents=True, exist_ok=True)
    scratch = path.with_suffix(".making")
    scratch.write_bytes(evidence.to_bytes())
    scratch.replace(path)
