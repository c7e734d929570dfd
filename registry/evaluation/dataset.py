"""Rows of a dataset file, and the templates of expectations filled from them.

A dataset lies beside its suite: ``*.jsonl`` with one object per line, or ``*.csv`` with a header.
It must never skip a row that it cannot read, nor run anything: ``{{ column }}`` is replaced and that is all.
"""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from registry.evaluation.expectations.strict_json import NotJson, parse
from serve.core.digest import canonical
from serve.core.model import Json

SUFFIXES = (".jsonl", ".csv")
_LIMIT_BYTES = 64 * 2**20
_SLOT = re.compile(r"\{\{\s*([^\W\d][\w-]*)\s*\}\}")


class RowError(ValueError):
    """A row that cannot be used, with its line from 1."""

    def __init__(self, line: int, problem: str) -> None:
        super().__init__(line, problem)
        self.line = line
        self.problem = problem


@dataclass(frozen=True, slots=True)
class Row:
    """One row: its line in the file, and its values by column; those of a CSV file are all text."""

    line: int
    values: Mapping[str, Json]

    def value(self, column: str) -> Json:
        """What stands in a column; raises RowError."""
        if column not in self.values:
            columns = ", ".join(sorted(self.values)) or "none"
            raise RowError(self.line, f"the row has no {column}; it has {columns}")
        return self.values[column]

    def fill(self, template: Json) -> Json:
        """A JSON value with every ``{{ column }}`` in its texts replaced.

        A text that is one slot and nothing else becomes the value itself, so numbers stay numbers.

        Raises:
            RowError: for a column that the row does not have.
        """
        if isinstance(template, dict):
            return {key: self.fill(item) for key, item in template.items()}
        if isinstance(template, list):
            return [self.fill(item) for item in template]
        if not isinstance(template, str):
            return template
        whole = _SLOT.fullmatch(template)
        return (
            self.value(whole[1]) if whole else _SLOT.sub(lambda slot: _as_text(self.value(slot[1])), template)
        )


def read_rows(path: str, data: bytes) -> Iterator[Row]:
    """The rows of a dataset file, one by one.

    Raises:
        RowError: at the first line that cannot be read.
    """
    if len(data) > _LIMIT_BYTES:
        raise RowError(1, "the file is over 64 MiB")
    _require_text(data)
    if path.endswith(".csv"):
        yield from _csv_rows(io.TextIOWrapper(io.BytesIO(data), "utf-8-sig", newline=""))
    else:
        yield from _json_rows(io.TextIOWrapper(io.BytesIO(data), "utf-8-sig", newline="\n"))


def _require_text(data: bytes) -> None:
    """Before the first row, and a piece at a time: a file that is no text has no rows."""
    for line, content in enumerate(io.BytesIO(data), 1):
        try:
            content.decode()
        except UnicodeDecodeError as error:
            raise RowError(line, "the file is not UTF-8 text") from error


def _json_rows(lines: Iterable[str]) -> Iterator[Row]:
    for line, content in enumerate(lines, 1):
        if not content.strip():
            continue
        try:
            value = parse(content)
        except NotJson as error:
            raise RowError(line, f"the line is not JSON: {error}") from error
        if not isinstance(value, dict):
            raise RowError(line, "the line is not a JSON object")
        if not _is_text(value):
            raise RowError(line, "the line escapes half a character (a lone surrogate)")
        yield Row(line, value)


def _is_text(value: Json) -> bool:
    try:
        canonical(value)
    except UnicodeEncodeError:
        return False
    return True


def _csv_rows(lines: Iterable[str]) -> Iterator[Row]:
    reader = csv.reader(lines, strict=True)
    header: list[str] = []
    try:
        for cells in reader:
            if not header:
                header = _header(cells, reader.line_num)
            elif len(cells) == len(header):
                yield Row(reader.line_num, dict(zip(header, cells, strict=True)))
            elif cells:
                raise RowError(reader.line_num, f"the row has {len(cells)} cells, the header {len(header)}")
    except csv.Error as error:
        raise RowError(max(reader.line_num, 1), f"the row is not CSV: {error}") from error


def _header(cells: list[str], line: int) -> list[str]:
    names = [cell.strip() for cell in cells]
    if not names or "" in names or len(set(names)) < len(names):
        raise RowError(line, "the header needs a different name for each column")
    return names


def _as_text(value: Json) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
