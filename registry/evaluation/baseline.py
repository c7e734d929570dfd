"""Baselines: the answers of one arm, kept under the digest of all they depend on, to be shared and compared with later.

A baseline stands in for a base that is costly to ask again, or whose weights are no longer at hand. Its file is
JSON Lines: for each suite one line of facts and one for each sample, then a line with the digest of all before it.
Models that do not repeat themselves leave spare samples beside the first ones, so that a flip can be asked again
without asking base.
It must never be used for what it is not: what differs is named, and a damaged file is refused whole.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from importlib.metadata import version
from pathlib import Path
from typing import Any

from registry.errors import Refused, Usage
from registry.evaluation.arms import Arm
from registry.evaluation.conditions import Conditions
from registry.evaluation.expectations.table import SET
from registry.evaluation.records import Case, Comparability, Expectation, Sample, Suite
from registry.evaluation.written import read_written
from serve.core.codec import ShapeError, from_json, to_json
from serve.core.digest import canonical, digest, sha256

_FORMAT = 1


@dataclass(frozen=True, slots=True)
class Baseline:
    """One suite's answers in one arm.

    ``cases`` are the digests of the cases by id, ``prompt_sha256`` that of the prompt with all it uses, ``tool`` the
    version that judged. ``spare`` is how many samples each case has beyond ``samples``. ``judges`` are
    those that read the answers, and whether they counted. ``at`` is when it was made, ISO 8601 in UTC.
    """

    suite: str
    prompt: str
    prompt_sha256: str
    samples: int
    spare: int
    cases: Mapping[str, str]
    comparability: Comparability
    deterministic: bool
    tool: str
    at: str = ""
    commit: str | None = None
    asked: tuple[str, ...] = ()
    served: tuple[str, ...] = ()
    judges: tuple[str, ...] = ()
    answers: tuple[Sample, ...] = field(default=(), compare=False)

    @property
    def digest(self) -> str:
        """What it is kept under: suite, prompt, samples, conditions; neither when nor where it was made."""
        facts = replace(self, at="", commit=None, served=(), answers=())
        return digest(to_json(facts))

    def answers_for(self, suite: Suite, prompt_sha256: str) -> bool:
        """True when it holds what ``suite`` would be answered with that prompt, judged by this version."""
        same = (self.suite, self.prompt, self.prompt_sha256, self.samples, self.tool) == (
            suite.id, suite.prompt, prompt_sha256, suite.samples, version("promptyard")
        )  # fmt: skip
        return same and all(self.cases.get(case.id) == case_digest(case) for case in suite.cases)

    def of(self, suite: Suite) -> Baseline:
        """The part of it that is about the cases of ``suite``."""
        ids = {case.id for case in suite.cases}
        return replace(
            self,
            cases={name: known for name, known in self.cases.items() if name in ids},
            answers=tuple(sample for sample in self.answers if sample.case in ids),
        )

    def stands_in_for(self, suite: Suite) -> Suite:
        """The suite as base had it, as far as that matters: cases that are the same, and others that are not."""
        here = {case.id: case for case in suite.cases}
        cases = tuple(
            here[name] if name in here and case_digest(here[name]) == known else Case(name, name, {}, ())
            for name, known in self.cases.items()
        )
        return replace(suite, prompt=self.prompt, cases=cases)


def taken(
    suite: Suite, arm: Arm, conditions: Conditions, answers: Iterable[Sample], *, at: str, spare: int = 0
) -> Baseline:
    """The baseline of a suite as ``arm`` answered it.

    Args:
        suite: as the arm has it.
        arm: that was asked.
        conditions: of its answers.
        answers: its samples, spare ones after the first ``suite.samples`` of each case.
        at: when, ISO 8601 in UTC.
        spare: how many samples per case are spare.
    """
    return Baseline(
        suite=suite.id,
        prompt=suite.prompt,
        prompt_sha256=arm.live.digest(suite.prompt),
        samples=suite.samples,
        spare=spare,
        cases={case.id: case_digest(case) for case in suite.cases},
        comparability=conditions.comparability[arm.name],
        deterministic=conditions.deterministic,
        tool=version("promptyard"),
        at=at,
        commit=arm.live.manifest.commit or None,
        asked=conditions.asked.get(arm.name, ()),
        served=conditions.served.get(arm.name, ()),
        answers=tuple(replace(sample, arm="base") for sample in answers),
    )


def case_digest(case: Case) -> str:
    """The digest of what a case asks and expects; places, tags and names of metrics are no part of it."""
    plain = replace(case, line=1, tags=(), expect=tuple(map(_nameless, case.expect)))
    return digest(to_json(plain))


def _nameless(expectation: Expectation) -> Expectation:
    inside = expectation.value
    if expectation.type == SET:
        inside = tuple(map(_nameless, inside))
    return replace(expectation, metric=None, value=inside)


def to_text(baselines: Sequence[Baseline]) -> bytes:
    """The file of some baselines."""
    lines = [line for each in baselines for line in _lines(each)]
    body = b"".join(line + b"\n" for line in lines)
    return body + canonical({"kind": "end", "sha256": sha256(body)}) + b"\n"


def _lines(baseline: Baseline) -> Iterator[bytes]:
    facts = to_json(replace(baseline, answers=()))
    yield canonical({"kind": "baseline", "format": _FORMAT, "facts": facts})
    for sample in baseline.answers:
        yield canonical(to_json(sample))


def read_baselines(path: Path) -> Mapping[str, Baseline]:
    """The baselines in a file by suite.

    Raises:
        Usage: BAS001 when there is no such file, or it is of another kind.
        Refused: BAS002 when it is damaged or of a format that this version does not know.
    """
    try:
        data = path.read_bytes()
    except OSError as error:
        what = f"the baseline {path.name} cannot be read ({error.strerror})"
        raise Usage("BAS001", what, "Make one with promptyard test --save-baseline FILE.") from error
    body, _, last = data.rstrip(b"\n").rpartition(b"\n")
    rows = [_row(line) for line in (body + b"\n").splitlines()]
    if not rows or not isinstance(rows[0], dict) or rows[0].get("kind") != "baseline":
        raise Usage(
            "BAS001", f"{path.name} is no baseline", "Make one with promptyard test --save-baseline FILE."
        )
    end = _row(last)
    if not isinstance(end, dict) or end.get("sha256") != sha256(body + b"\n"):
        raise _damaged(path, "it was cut short or changed")
    try:
        return {each.suite: each for each in _read(rows)}
    except (ShapeError, KeyError, TypeError, ValueError, AttributeError) as error:
        raise _damaged(path, str(error)) from error


def _read(rows: Sequence[Any]) -> Iterator[Baseline]:
    starts = [number for number, row in enumerate(rows) if row.get("kind") == "baseline"]
    for start, end in zip(starts, [*starts[1:], len(rows)], strict=True):
        if rows[start]["format"] != _FORMAT:
            raise ValueError(f"format {rows[start]['format']} is not known to this version")
        answers = tuple(from_json(Sample, row) for row in rows[start + 1 : end])
        yield replace(from_json(Baseline, rows[start]["facts"]), answers=answers)


def _row(line: bytes) -> Any:
    try:
        return read_written(line)
    except ValueError:
        return None


def _damaged(path: Path, why: str) -> Refused:
    return Refused("BAS002", f"the baseline {path.name} is refused: {why}", "Make it again from its commit.")
