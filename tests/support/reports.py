"""Records of runs with known answers, hostile ones among them, for tests of what is made of a record."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace
from pathlib import Path

from support.samples import ARMS, many, sample

from registry.cli.writers import jsonl
from registry.evaluation import gate, report
from registry.evaluation.measures import Meter
from registry.evaluation.record import Record
from registry.evaluation.records import ArmName, Sample
from registry.evaluation.report import Report

HOSTILE = (
    "</script><script>document.title='owned'</script><img src=x onerror=\"document.title='owned'\">"
    '<a href="javascript:alert(1)">go</a> <svg onload=alert(2)> {{ 7 * 7 }} {% for x in y %} '
    "</details></div></style><style>body{display:none}</style><!-- \u202egnp.exe\u202c \x1b[2J \x00 ]]>"
    '<iframe src="https://example.org/"></iframe><link rel=stylesheet href=//example.org/x.css>'
)


def recorded(
    place: Path,
    *,
    count: int = 20,
    lost: Collection[int] = (),
    broken: Collection[int] = (),
    answers: Mapping[int, str] = {},
    at: str = "2026-11-21T10:00:00Z",
    seconds: float | None = 0.25,
    cost: float | None = 2**-11,
    base: bool = True,
) -> Report:
    """A run in a record: ``lost`` cases pass in base and fail in head, ``broken`` ones fail in both."""
    of, meter, found = many(count), Meter(), list[Sample]()
    arms: tuple[ArmName, ...] = ("base", "head") if base else ("head",)
    with Record(place) as record:
        for index, case in enumerate(of.cases):
            for arm in arms:
                bad = index in broken or (arm == "head" and index in lost)
                text = answers.get(index) if arm == "head" else None
                made = sample(of, case, arm, 0, "fail" if bad else "pass", answer=text)
                told = replace(made.completion, seconds=seconds, cached=seconds is None, cost=cost)
                made = replace(made, completion=told)
                record.write(made)
                meter(made)
                found.append(made)
        if base:
            verdicts = gate.settle([gate.decide(of, of, found, comparability=ARMS, deterministic=True)])
        else:
            verdicts = (gate.absolute(of, found),)
        told_as = "main" if base else None
        made_report = report.make(verdicts, base=told_as, measured=meter.result({of.id: "USD"}))
        made_report = replace(made_report, at=at, content_sha256="c" * 64)
        for line in jsonl.verdicts(made_report):
            record.append(line)
    return made_report
