"""The run as it happened: one JSON line per judged answer, written the moment it is there.

A run that was cut off goes on from its record, because every line holds the answer and its content address.
It must never lose a line that was written, nor choke on one that was cut short.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from types import TracebackType
from typing import IO

from registry.errors import Unavailable, Usage
from registry.evaluation.records import Completion, Sample
from registry.evaluation.shelf import Shelf
from registry.evaluation.written import read_written
from serve.core.codec import ShapeError, from_json, to_json
from serve.core.digest import canonical, digest


class Record:
    """A JSONL file of samples; what it already holds is read, and not written again.

    The file appears with its first line; a file that cannot be written, or that another run is writing, raises
    Usage (EVL004) then, and Unavailable (EVL004) where there is no more room.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._size = path.stat().st_size if path.is_file() else 0
        self._answers: Shelf[Completion] = Shelf()
        self._held: Shelf[str] = Shelf()
        for sample in read_record(path):
            self._held[_name(sample)] = _judgement(sample)
            if sample.completion.error is None:
                self._answers[sample.key] = sample.completion
        for key, completion in _noted(path):
            self._answers[key] = completion
        self._file: IO[bytes] | None = None

    def answer(self, key: str) -> Completion | None:
        """The answer to a question that this record holds already, marked as cached."""
        held = self._answers.get(key)
        return None if held is None else replace(held, cached=True, seconds=None)

    def write(self, sample: Sample) -> None:
        """Add one line, unless the last word on that sample is the same: readers take the last."""
        name = _name(sample)
        held = self._held.get(name)
        judgement = _judgement(sample) if held is not None else None
        if judgement is not None:
            self._held[name] = judgement
        if held is None or held != judgement:
            self._add(canonical(to_json(sample)))

    def note(self, key: str, completion: Completion) -> None:
        """Add the answer of a judge, unless it is there."""
        if completion.error is None and key not in self._answers:
            self._answers[key] = completion
            self._add(canonical({"judged": True, "key": key, "completion": to_json(completion)}))

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
        try:
            left = line + b"\n"
            while left:
                left = left[self._file.write(left) :]
        except OSError as error:
            what = f"the record {self.path.name} cannot be written ({error.strerror})"
            raise Unavailable("EVL004", what, "Make room, and run again with the same --record.") from error

    def _opened(self) -> IO[bytes]:
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            # without a buffer, which would be written at the close, where nobody can be told
            file = self.path.open("ab", buffering=0)
        except OSError as error:
            what = f"the record {self.path.name} cannot be written ({error.strerror})"
            raise Usage("EVL004", what, "Name another file with --record.") from error
        _claim(file, self.path)
        if file.tell() != self._size:
            file.close()
            raise _written_by_another(self.path)
        if file.tell() and not _ends_whole(self.path):
            file.write(b"\n")
        return file


def _claim(file: IO[bytes], path: Path) -> None:
    # until it is closed: the lines of two runs in one file would be the record of neither
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        file.close()
        raise _written_by_another(path) from error
    except OSError:
        return  # a file system without locks


def _written_by_another(path: Path) -> Usage:
    what = f"another run is writing the record {path.name}"
    return Usage("EVL004", what, "Wait for it, or name another file with --record.")


def read_record(path: Path) -> Iterator[Sample]:
    """The samples in a record; lines that are cut short or of another kind are passed over."""
    if not path.is_file():
        return
    with path.open("rb") as lines:
        for line in lines:
            try:
                yield from_json(Sample, read_written(line))
            except (ShapeError, ValueError):
                continue


def _ends_whole(path: Path) -> bool:
    with path.open("rb") as file:
        file.seek(-1, os.SEEK_END)
        return file.read() == b"\n"


def _name(sample: Sample) -> str:
    return f"{sample.arm} {sample.index} {sample.key} {sample.suite} {sample.case}"


def _judgement(sample: Sample) -> str:
    """The digest of what may differ for one answer: an error that was answered since, other checks."""
    return digest([sample.status, sample.score, to_json(sample.checks)])


def _noted(path: Path) -> Iterator[tuple[str, Completion]]:
    """What judges said, by the content address of the question."""
    if not path.is_file():
        return
    with path.open("rb") as lines:
        for line in lines:
            if b'"judged":true' in line:
                try:
                    held = read_written(line)
                    yield str(held["key"]), from_json(Completion, held["completion"])
                except (ShapeError, ValueError, KeyError, TypeError):
                    continue
