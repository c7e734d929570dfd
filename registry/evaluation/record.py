"""The run as it happened: one JSON line per judged answer, written the moment it is there.

A run that was cut off goes on from its record, because every line holds the answer and its content address.
It must never lose a line that was written, nor choke on one that was cut short.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from types import TracebackType
from typing import IO

from registry.errors import Usage
from registry.evaluation.records import Completion, Sample
from serve.core.codec import ShapeError, from_json, to_json
from serve.core.digest import canonical, digest

_Name = tuple[str, str, str, int, str]


class Record:
    """A JSONL file of samples; what it already holds is read, and not written again.

    The file appears with its first line; a file that cannot be written raises Usage (EVL004) then.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._answers: dict[str, Completion] = {}
        self._held: dict[_Name, str] = {}
        for sample in read_record(path):
            self._held[_name(sample)] = _judgement(sample)
            if sample.completion.error is None:
                self._answers[sample.key] = sample.completion
        self._file: IO[bytes] | None = None

    def answer(self, key: str) -> Completion | None:
        """The answer to a question that this record holds already, marked as cached."""
        held = self._answers.get(key)
        return None if held is None else replace(held, cached=True, seconds=None)

    def write(self, sample: Sample) -> None:
        """Add one line, unless the last word on that sample is the same: readers take the last."""
        if self._held.get(_name(sample)) != _judgement(sample):
            self._held[_name(sample)] = _judgement(sample)
            self._add(canonical(to_json(sample)))

    def append(self, line: str) -> None:
        """Add a line of another kind, such as a verdict."""
        self._add(line.rstrip("\n").encode())

    def close(self) -> None:
        """Close the file."""
        if self._file is not None:
            self._file.close()

    def __enter__(self) -> Record:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _add(self, line: bytes) -> None:
        if self._file is None:
            self._file = self._opened()
        self._file.write(line + b"\n")
        self._file.flush()

    def _opened(self) -> IO[bytes]:
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            file = self.path.open("ab")
        except OSError as error:
            what = f"the record {self.path.name} cannot be written ({error.strerror})"
            raise Usage("EVL004", what, "Name another file with --record.") from error
        if file.tell() and not self.path.read_bytes().endswith(b"\n"):
            file.write(b"\n")
        return file


def read_record(path: Path) -> Iterator[Sample]:
    """The samples in a record; lines that are cut short or of another kind are passed over."""
    if not path.is_file():
        return
    for line in path.read_bytes().splitlines():
        try:
            yield from_json(Sample, json.loads(line))
        except (ShapeError, ValueError):
            continue


def _name(sample: Sample) -> _Name:
    return (sample.suite, sample.case, sample.arm, sample.index, sample.key)


def _judgement(sample: Sample) -> str:
    """The digest of what may differ for one answer: an error that was answered since, other checks."""
    return digest([sample.status, sample.score, to_json(sample.checks)])
