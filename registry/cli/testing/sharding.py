"""One part of a run that several machines share, and the step that puts all parts together.

It must never judge a part: the verdict is on the whole.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from rich.text import Text

from registry.cli.context import Context
from registry.cli.progress import answers
from registry.cli.testing.asked import Asked
from registry.cli.testing.outputs import write_notes
from registry.cli.testing.reported import reported
from registry.cli.testing.running import CACHE, Ran, engines_of, new_record
from registry.cli.writers import jsonl
from registry.cli.writers.json import write_json
from registry.errors import PromptyardError, Refused, Usage
from registry.evaluation.arms import Arm, Engines
from registry.evaluation.conditions import Conditions, Gathering
from registry.evaluation.judges.standing import JudgeStanding
from registry.evaluation.judges.told import told
from registry.evaluation.measures import Meter
from registry.evaluation.merging import Part, fingerprint, judges_of, merge, parts_of
from registry.evaluation.plan import Scope, expected, plan
from registry.evaluation.record import Record
from registry.evaluation.records import Suite
from registry.evaluation.shared_cache import cache_of
from registry.evaluation.trial import Asked as Answers
from registry.evaluation.trial import Keeping, ask, conclude
from registry.evaluation.verdict import Verdict
from registry.release.evidence import suites_digest
from serve.core.codec import to_json
from serve.core.digest import digest

Parts = tuple[tuple[Path, Part], ...]


def run_part(context: Context, asked: Asked, suites: Sequence[Suite], head: Arm, base: Arm | None) -> int:
    """Ask one part, record it, and say what is next; the exit code.

    Raises:
        Usage: SHD001 without ``--shard``; Usage, EngineError, MissingExtra as a whole run.
    """
    if asked.shard is None:
        raise Usage("SHD001", "no part is named", "Write --shard 1/4.")
    engines = engines_of(context, asked, head)
    cache = None if asked.no_cache else cache_of(context.root / CACHE, head.catalog.settings)
    try:
        with Record(asked.record or new_record(context.root)) as record, answers(context.errors) as begin:
            found = ask(suites, head, base, engines, Keeping(cache, record, begin), asked.scope)
            count, samples_sha256 = fingerprint(found.samples)
            part = Part(
                shard=asked.shard,
                **_content(head, base),
                samples=count,
                samples_sha256=samples_sha256,
                asked=asked.choice,
                conditions={suite: held for suite, held in found.conditions.items() if held != Conditions()},
                stopped_short=engines.stopped_short,
                guarded=found.guarded,
                judges={suite.id: held for suite in suites if (held := _standings(engines, suite.id))},
            )
            record.append(part.line())
    finally:
        engines.close()
        if cache is not None:
            cache.close()
    _tell(context, part, record.path, [*engines.notes, *(cache.notes if cache is not None else ())])
    return 3 if part.stopped_short else 0


def read_parts(asked: Asked) -> tuple[Asked, Parts]:
    """What all parts together were asked, and the parts; the names on the command line are their records.

    Raises:
        Usage, Refused: SHD002 to SHD005; SHD009 for words that the parts have said already.
    """
    if asked.shard is not None or asked.case or asked.tag or asked.samples or asked.aa or asked.dry_run:
        what = "--merge takes the choice of cases from the parts"
        raise Usage("SHD009", what, "Write promptyard test --merge FILE... without it.")
    parts = parts_of([Path(name) for name in asked.names])
    said: Any = parts[0][1].asked
    if asked.base not in (None, said["base"]):
        what = f"the parts were compared with {said['base'] or 'nothing'}, not with {asked.base}"
        raise Usage("SHD009", what, "Leave --base out.")
    names, cases, tags = (tuple(said[name]) for name in ("names", "case", "tag"))
    return replace(
        asked, names=names, case=cases, tag=tags, samples=said["samples"], base=said["base"]
    ), parts


def run_merge(
    context: Context, asked: Asked, parts: Parts, suites: Sequence[Suite], head: Arm, base: Arm | None
) -> Ran:
    """The run that the parts are, concluded and recorded as a whole.

    Raises:
        Refused: SHD005 when other content is checked out here, SHD006 to SHD008 as
            :func:`registry.evaluation.merging.merge`.
    """
    here, there = _content(head, base), parts[0][1]
    for name, words in {"head_sha256": "content", "suites_sha256": "suites", "base_sha256": "base"}.items():
        if here[name] != getattr(there, name):
            what = f"the parts are of other {words} than what lies here"
            raise Refused("SHD005", what, "Check out the commit that the parts were run on, with its base.")
    arms = [head] if base is None else [base, head]
    merged = merge(parts, [suite.id for suite in suites], expected(suites, arms))
    judges = judges_of(parts)
    engines, meter = engines_of(context, asked, head), Meter()
    try:
        with Record(asked.record or new_record(context.root)) as record:
            for shelf in merged.answered.samples.values():
                for sample in shelf.values():
                    record.write(sample)
                    meter(sample)
            reachable = (
                _reachable(suites, arms, engines, merged.answered.conditions) if base is not None else ()
            )
            concluded = conclude(suites, head, base, engines, merged.answered, reachable=reachable)
            found = [_read(each, judges, merged.answered) for each in concluded]
            made = reported(context, asked, found, meter, engines, head, base)
            if merged.stopped_short:
                made = replace(made, exit_code=made.exit_code or 3)
            for line in jsonl.verdicts(made):
                record.append(line)
    finally:
        engines.close()
    note = (
        f"{len(parts)} parts merged"
        if not engines.notes
        else f"{len(parts)} parts merged; flips are asked again here"
    )
    return Ran(made, (note, *engines.notes), None, record.path)


def _read(verdict: Verdict, judges: Mapping[str, tuple[JudgeStanding, ...]], asked: Answers) -> Verdict:
    """The verdict with its judges as the parts knew them: here none of them need be asked."""
    if verdict.suite not in judges:
        return verdict
    samples = asked.samples[verdict.suite].values()
    return replace(told(verdict, samples, ()), judges=judges[verdict.suite])


def _standings(engines: Engines, suite: str) -> tuple[JudgeStanding, ...]:
    return tuple(judge.standing for judge in engines.judges_of(suite) if judge.standing is not None)


def _content(head: Arm, base: Arm | None) -> dict[str, Any]:
    """What a verdict is about: the digests of both arms and of their suites."""
    both = [suites_digest(arm.suites.values()) for arm in (head, base) if arm is not None]
    return {
        "head_sha256": head.live.manifest.content_sha256,
        "base_sha256": None if base is None else base.live.manifest.content_sha256,
        "suites_sha256": digest(both),
    }


def _reachable(
    suites: Sequence[Suite], arms: Sequence[Arm], engines: Engines, conditions: Any
) -> frozenset[str]:
    """The suites whose models answer here as they did where the parts were asked."""
    found: set[str] = set()
    for suite in suites:
        try:
            items = plan([suite], arms, engines, Scope(cases=frozenset([suite.cases[0].id])))
        except PromptyardError:
            continue
        seen = Gathering()
        for item in items:
            seen.see(item)
        held = conditions[suite.id].comparability
        if all(held.get(arm) == it for arm, it in seen.of(suite.id).comparability.items()):
            found.add(suite.id)
    return frozenset(found)


def _tell(context: Context, part: Part, record: Path, notes: Sequence[str]) -> None:
    if context.json:
        write_json({"part": to_json(part), "record": str(record), "notes": list(notes)})
        return
    write_notes(context, notes)
    context.console.print(Text(f"part {part.shard}: {part.samples:,} answers in {record}"), soft_wrap=True)
    said = f"No verdict yet: bring the records of all {part.shard.of} parts together, promptyard test --merge FILE..."
    context.console.print(Text(said, "dim"), soft_wrap=True)
