"""What people said of answers: the labels that a judge is held against.

A label stands on its own: it carries the question, the inputs and the whole answer, so that it outlives the run it
came from. Lines are only ever added; the last word of a person on an answer counts.
It must never let a line pass that it cannot read, nor count one answer twice because two people read it.
"""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from registry.evaluation.dataset import RowError, read_rows
from registry.evaluation.records import Labelled
from serve.core.codec import ShapeError, from_json, to_json
from serve.core.digest import digest
from serve.core.model import Json

SUFFIX = ".calibration.jsonl"
SUITE_SUFFIX = ".suite.yaml"
Said = Literal["pass", "fail", "skip"]


@dataclass(frozen=True, slots=True)
class Label:
    """What one person said of one answer. ``expect`` is the judged expectation as a suite writes it.

    ``skip`` says that the person cannot tell, or takes back what was said before; it counts for nothing.
    """

    expect: Mapping[str, Json]
    inputs: Mapping[str, Json]
    answer: str
    label: Said
    who: str
    when: str
    case: str | None = None
    comment: str | None = None

    @property
    def item(self) -> str:
        """The content address of what was labelled: equal for all people who were asked the same."""
        return digest([to_json(self.expect), to_json(self.inputs), self.answer])


def path_beside(suite_path: str) -> str:
    """Where the labels of a suite lie unless it says otherwise: the suite's name with another suffix."""
    return suite_path.removesuffix(SUITE_SUFFIX) + SUFFIX


def read_labels(path: str, data: bytes) -> Iterator[tuple[int, Label]]:
    """The labels of a file, each with its line from 1.

    Raises:
        RowError: at the first line that is no label.
    """
    for row in read_rows(path, data):
        try:
            label = from_json(Label, row.values)
        except ShapeError as error:
            raise RowError(row.line, str(error)) from error
        if not (label.expect and label.who.strip() and label.when.strip()):
            raise RowError(row.line, "expect, who and when must not be empty")
        yield row.line, label


def as_line(label: Label) -> str:
    """A label as a line of the file, without the line break; what is not said is left out."""
    told = {key: value for key, value in to_json(label).items() if value is not None}
    return json.dumps(told, ensure_ascii=False)


def latest(labels: Iterable[Label]) -> Mapping[tuple[str, str], Label]:
    """The last word of each person on each answer, by item and person, in the order of the file."""
    return {(label.item, label.who): label for label in labels}


def agreed(labels: Iterable[Label]) -> tuple[tuple[Labelled, ...], int]:
    """Each answer once, with the label that most people gave it, and how many answers people are split on.

    An answer on which people are evenly split has no label and is left out.
    """
    held: defaultdict[str, list[Label]] = defaultdict(list)
    for (item, _), label in latest(labels).items():
        if label.label != "skip":
            held[item].append(label)
    found: list[Labelled] = []
    split = 0
    for said in held.values():
        votes = Counter(label.label for label in said)
        if votes["pass"] == votes["fail"]:
            split += 1
            continue
        first = said[0]
        found.append(Labelled(first.expect, first.inputs, first.answer, votes["pass"] > votes["fail"]))
    return tuple(found), split
