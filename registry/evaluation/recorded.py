"""A report made again from its record alone: the record is the run, every view of it can be had later.

A record holds samples, then one line for the run and one for each verdict and case. A file that was gone on with
holds several such blocks, of which the last counts.
It must never judge: what the gate said then is what is told now.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from registry.errors import Usage
from registry.evaluation import gate
from registry.evaluation.records import ArmName, Sample
from registry.evaluation.report import Report
from registry.evaluation.shelf import Shelf
from registry.evaluation.verdict import CaseResult, Verdict
from registry.evaluation.written import read_written
from serve.core.codec import ShapeError, from_json

Answers = Mapping[
    tuple[str, str, ArmName], tuple[Sample, ...]
]  # by suite, case and arm, in order of the index
_TOLD = b'{"kind":"'
_SAMPLE = b'{"arm":"'


@dataclass(frozen=True, slots=True)
class Recorded:
    """A report as it was; ``unfinished`` is True where a later run added answers and came to no verdict."""

    report: Report
    unfinished: bool = False


@dataclass(slots=True)
class _Block:
    run: Report | None = None
    verdicts: dict[str, Verdict] = field(default_factory=dict)
    cases: dict[str, Shelf[CaseResult]] = field(default_factory=dict)

    def report(self) -> Report:
        held = [replace(it, cases=self._cases(name)) for name, it in self.verdicts.items()]
        run = self.run or Report((), gate.exit_code(held))
        return replace(run, verdicts=tuple(held))

    def _cases(self, suite: str) -> Sequence[CaseResult]:
        return self.cases[suite].sequence() if suite in self.cases else ()


def read_report(path: Path, *, cases: bool = True) -> Recorded:
    """The report whose record lies at a path; without ``cases`` its verdicts hold none, which is quicker.

    Raises:
        Usage: RPT001 when the file cannot be read or a line is of another version, RPT002 when it holds no
            verdict, as that of a run that was cut off.
    """
    block, later = _Block(), False
    try:
        for number, line in enumerate(_lines(path), 1):
            if line.startswith(_TOLD):
                block, later = _with(block, line, path.name, number, cases=cases), False
            else:
                later = later or line.startswith(_SAMPLE)
    except OSError as error:
        what = f"the record {path.name} cannot be read ({error.strerror})"
        raise Usage("RPT001", what, "Name a JSONL file that promptyard test wrote.") from error
    if not block.verdicts and block.run is None:
        why = "its run was cut off" if later else "it holds no run"
        advice = f"Go on with it: promptyard test --record {path}." if later else "Run promptyard test."
        raise Usage("RPT002", f"the record {path.name} has no verdict: {why}", advice)
    return Recorded(block.report(), unfinished=later)


def read_answers(path: Path, wanted: Set[tuple[str, str]]) -> Answers:
    """The samples of some cases, named by suite and case; the last word on each sample counts."""
    found: dict[tuple[str, str, ArmName], dict[int, Sample]] = {}
    for line in _lines(path) if wanted else ():
        if not line.startswith(_SAMPLE):
            continue
        try:
            data = read_written(line)
            if (data["suite"], data["case"]) in wanted:
                sample = from_json(Sample, data)
                found.setdefault((sample.suite, sample.case, sample.arm), {})[sample.index] = sample
        except (ShapeError, ValueError, KeyError, TypeError):
            continue  # cut short, as the last line of a run that was ended
    return {name: tuple(held[index] for index in sorted(held)) for name, held in found.items()}


def _lines(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        yield from file


def _with(block: _Block, line: bytes, name: str, number: int, *, cases: bool) -> _Block:
    """The block with one more line; a line that begins the next block gives that."""
    if not cases and line.startswith(_TOLD + b"case"):
        return block
    try:
        data: dict[str, Any] = read_written(line)
        kind = data.pop("kind")
        if kind == "run":
            return _Block(from_json(Report, data))
        if kind == "verdict":
            verdict = from_json(Verdict, data)
            block = _Block() if verdict.suite in block.verdicts else block
            block.verdicts[verdict.suite] = verdict
        elif kind == "case":
            held = block.cases.setdefault(data.pop("suite"), Shelf())
            result = from_json(CaseResult, data)
            held[result.id] = result
    except (ShapeError, ValueError, KeyError) as error:
        what = f"line {number} of {name} cannot be read; another version wrote it, or it is damaged"
        raise Usage("RPT001", what, "Run promptyard test again; answers come from the cache.") from error
    return block
