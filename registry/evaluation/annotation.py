"""What people are asked of a run's answers, and what they said: the way from a record to a calibration file.

People read an answer without its arm, in an order that says nothing of it, so that they cannot favour one.
It must never ask a person twice, nor about an answer to other inputs than the case has now.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path

from registry.errors import Usage
from registry.evaluation.agreement import Agreement, agreement
from registry.evaluation.calibration import Label, Said, as_line, latest, read_labels
from registry.evaluation.dataset import RowError
from registry.evaluation.expectations.judged import PAIRWISE, is_judged
from registry.evaluation.expectations.table import NEGATION, TABLE, leaves
from registry.evaluation.records import Case, Expectation, Sample, Suite
from serve.core.digest import digest
from serve.core.model import Json

GENERAL = "Is this answer good?"
TAKEN_BACK = "taken back"  # the comment of a skip that asks again
_RUBRIC = "llm-rubric"


@dataclass(frozen=True, slots=True)
class Question:
    """One answer and what is asked of it; ``place`` is the calibration file that gets the label."""

    suite: str
    place: str
    case: str
    expect: Mapping[str, Json]
    inputs: Mapping[str, Json]
    answer: str

    @property
    def item(self) -> str:
        """The content address of the question, equal for everyone who is asked it."""
        return self.label("skip", who="-", when="-").item

    @property
    def wording(self) -> str:
        """What is asked, in words."""
        name = next(key for key in self.expect if key != "threshold")
        value = self.expect[name]
        told = (
            value if isinstance(value, str) else "; ".join(map(str, value)) if isinstance(value, list) else ""
        )
        if name == _RUBRIC:
            return told
        return f"{name}: {told}" if told else name

    def label(self, said: Said, *, who: str, when: str, comment: str | None = None) -> Label:
        """What one person says to it."""
        return Label(self.expect, self.inputs, self.answer, said, who, when, self.case, comment or None)


def questions(
    suites: Iterable[Suite], samples: Iterable[Sample], places: Mapping[str, str], general: str | None = None
) -> tuple[tuple[Question, ...], int]:
    """What can be asked of a run's answers, and how many cases have other inputs now.

    Suite by suite, within each in an order that says nothing of arm or case.

    Each judged expectation of a case is a question; a case without one gets a general one.

    Args:
        suites: as they are now.
        samples: of a record; errors and renderings are no answers.
        places: the calibration file by suite.
        general: asked of every answer instead of what the suites ask.
    """
    known = {(suite.id, case.id): (suite, case) for suite in suites for case in suite.cases}
    found: dict[str, Question] = {}
    outdated: set[tuple[str, str]] = set()
    for sample in samples:
        suite, case = known.get((sample.suite, sample.case), (None, None))
        if suite is None or case is None or suite.mode == "render" or not sample.completion.text.strip():
            continue
        if sample.completion.error is not None:
            continue
        if sample.inputs_sha256 != inputs_digest(case):
            outdated.add((sample.suite, sample.case))
            continue
        for expect in [{_RUBRIC: general}] if general is not None else _asked(case):
            asked = Question(suite.id, places[suite.id], case.id, expect, case.inputs, sample.completion.text)
            found.setdefault(asked.item, asked)
    return tuple(sorted(found.values(), key=lambda it: (it.suite, it.item))), len(outdated)


def inputs_digest(case: Case) -> str:
    """The digest of what a case asks with."""
    return digest(dict(case.inputs))


def still_open(asked: Iterable[Question], labels: Iterable[Label], who: str) -> tuple[Question, ...]:
    """The questions to which a person has said nothing, or has taken it back."""
    said = latest(labels)
    return tuple(
        question
        for question in asked
        if (word := said.get((question.item, who))) is None
        or (word.label == "skip" and word.comment == TAKEN_BACK)
    )


def agreements(labels: Iterable[Label]) -> tuple[tuple[str, str, Agreement], ...]:
    """How far each two people agree on the answers that both labelled."""
    by_person: dict[str, dict[str, Said]] = {}
    for (item, who), label in latest(labels).items():
        if label.label != "skip":
            by_person.setdefault(who, {})[item] = label.label
    found = []
    for one, other in combinations(sorted(by_person), 2):
        shared = sorted(by_person[one].keys() & by_person[other].keys())
        if shared:
            pairs = [(by_person[one][item], by_person[other][item]) for item in shared]
            found.append((one, other, agreement(pairs)))
    return tuple(found)


class LabelFile:
    """A calibration file that is being added to.

    Args:
        root: the registry's folder.
        path: of the file below it.

    Raises:
        Usage: ANN002 when a line of it is no label.
    """

    def __init__(self, root: Path, path: str) -> None:
        self.path = path
        self._place = root / path
        self.labels: list[Label] = []
        if self._place.is_file():
            try:
                self.labels = [label for _, label in read_labels(path, self._place.read_bytes())]
            except RowError as error:
                what = f"{path}, line {error.line}, is no label ({error.problem})"
                raise Usage(
                    "ANN002", what, "Mend or remove the line; git log -p tells what it was."
                ) from error

    def add(self, label: Label) -> None:
        """Write a label down; it is on the disk when this returns.

        Raises:
            Usage: ANN003 when the file cannot be written.
        """
        line = as_line(label).encode() + b"\n"
        try:
            self._place.parent.mkdir(parents=True, exist_ok=True)
            with self._place.open("ab+") as file:
                if file.tell() and not self._ends_whole(file.tell()):
                    line = b"\n" + line
                os.write(file.fileno(), line)  # one write: two people at one file do not mix their lines
                os.fsync(file.fileno())
        except OSError as error:
            what = f"{self.path} cannot be written ({error.strerror})"
            raise Usage("ANN003", what, "Make room or give way there; labels so far are kept.") from error
        self.labels.append(label)

    def _ends_whole(self, size: int) -> bool:
        with self._place.open("rb") as file:
            file.seek(size - 1)
            return file.read(1) == b"\n"


def _asked(case: Case) -> Sequence[Mapping[str, Json]]:
    judged = [_written(it) for it in leaves(case.expect) if is_judged(it) and it.type != PAIRWISE]
    return judged or [{_RUBRIC: GENERAL}]


def _written(expectation: Expectation) -> Mapping[str, Json]:
    """A judged expectation as a suite writes it: what is asked, and from where on it holds."""
    name = f"{NEGATION if expectation.negated else ''}{expectation.type}"
    kind = TABLE[expectation.type].threshold
    told: dict[str, Json] = {name: expectation.value}
    if kind is not None and expectation.threshold not in (None, kind.default):
        told["threshold"] = expectation.threshold
    return told
