"""The cases that a suite makes from the rows of a dataset.

A row without an id of its own is named by the digest of its inputs, so a row put in between renames nothing.
It must never flood: after ten bad rows of one file the rest is not looked at.
"""

from __future__ import annotations

import json
import posixpath
from collections.abc import Iterator, Mapping

from registry.authoring.parse import Document
from registry.authoring.tree import Tree
from registry.diagnostics import Diagnostic, Place
from registry.evaluation.cases import TAG, TAG_RULE, CaseReader
from registry.evaluation.dataset import SUFFIXES, Row, RowError, read_rows
from registry.evaluation.expectations.read import read
from registry.evaluation.fields import Fields
from registry.evaluation.records import Case, Expectation
from registry.evaluation.shelf import Shelf
from serve.core.digest import digest
from serve.core.model import Json

DATASET_KEYS = (
    "file", "description", "inputs", "expect", "id", "group", "required", "variant", "threshold", "tags",
)  # fmt: skip
_BAD_ROWS = 10
_DIGITS = 10
_SEEN_WITHOUT_VALUES = (
    "SUI011",
    "SUI005",
)  # unknown keys and types; values are judged once a row has filled them
_ROW_HINT = "Mend the row, or the dataset's entry in the suite."


class DatasetReader:
    """Reads the datasets of one suite; what is wrong inside a dataset file gathers in ``findings``."""

    def __init__(self, tree: Tree, document: Document, reader: CaseReader) -> None:
        self._tree = tree
        self._document = document
        self._reader = reader
        self._named: Shelf[str] = Shelf()
        self.findings: list[Diagnostic] = []

    def cases(self, index: int, data: Json) -> Iterator[Case]:
        """One case for each row of the dataset at a place of the list, as it is read."""
        problems = self._reader.problems
        before = len(problems)
        fields = Fields(data, "a dataset", DATASET_KEYS, ("datasets", index), problems)
        columns = self._columns(fields)
        path = self._path(fields)
        self._check_templates(fields)
        if len(problems) > before or path is None:
            return
        try:
            content = self._tree.read(path)
        except FileNotFoundError:
            fields.complain(
                f"There is no file {path}.", "Datasets lie beside their suite.", "file", code="SUI008"
            )
            return
        yield from self._row_cases(fields, columns, path, content)

    def _row_cases(
        self, fields: Fields, columns: Mapping[str, str], path: str, content: bytes
    ) -> Iterator[Case]:
        bad = len(self.findings) + _BAD_ROWS
        rows = 0
        try:
            for row in read_rows(path, content):
                rows += 1
                case = self._row_case(fields, columns, path, row)
                if case is not None:
                    yield case
                if len(self.findings) >= bad or fields.problems:
                    return
        except RowError as error:
            self._find("SUI008", path, error.line, f"{error.problem[0].upper()}{error.problem[1:]}.")
        if not rows:
            self._find("SUI008", path, 1, "The dataset has no rows.")

    def _row_case(self, fields: Fields, columns: Mapping[str, str], path: str, row: Row) -> Case | None:
        before = len(self.findings)
        try:
            inputs = {name: row.value(column) for name, column in columns.items()}
            expect = self._expectations(row.fill(list(fields.items("expect"))), path, row.line)
            name = self._cell(fields, row, "id") or self._name(path, inputs)
            group = self._cell(fields, row, "group")
            tags = [self._tag(row, tag) for tag in fields.items("tags")]
        except RowError as error:
            self._find("SUI009", path, row.line, f"{error.problem[0].upper()}{error.problem[1:]}.")
            return None
        if len(self.findings) > before:
            return None
        case = self._reader.made(fields, name, group, inputs, expect, tags)
        for code, message, hint in self._reader.objections(case):
            self._find(code, path, row.line, message, hint)
        return None if len(self.findings) > before else case

    def _expectations(self, entries: list[Json], path: str, line: int) -> list[Expectation]:
        expectations: list[Expectation] = []
        for entry in entries:
            expectation, problems = read(entry)
            for problem in problems:
                self._find(problem.code, path, line, problem.message, problem.hint)
            expectations += [] if expectation is None else [expectation]
        return expectations

    def _tag(self, row: Row, written: Json) -> str:
        tag = row.fill(written)
        if isinstance(tag, str) and TAG.fullmatch(tag):
            return tag
        raise RowError(row.line, f"{tag!r} is no tag; use {TAG_RULE}")

    def _name(self, path: str, inputs: Mapping[str, Json]) -> str:
        """Ten digits tell rows apart; among a million, two that differ may share them, and the later says more."""
        whole = digest(inputs)
        stem = posixpath.basename(path).rsplit(".", 1)[0]
        name = f"{stem}-{whole[:_DIGITS]}"
        known = self._named.get(name)
        if known is None:
            self._named[name] = whole
        return name if known in (None, whole) else f"{stem}-{whole[: 2 * _DIGITS]}"

    def _cell(self, fields: Fields, row: Row, key: str) -> str | None:
        column = fields.data.get(key)
        if column is None:
            return None
        value = row.value(column)
        if isinstance(value, bool) or not isinstance(value, (str, int)) or value == "":
            raise RowError(row.line, f"{column} cannot be an {key}: it must be text or a whole number")
        return str(value)

    def _columns(self, fields: Fields) -> Mapping[str, str]:
        fields.text("id")
        fields.text("group")
        columns = fields.mapping("inputs")
        if not columns and "inputs" not in fields.data:
            fields.complain(
                "The dataset does not say which columns are inputs.", "Write inputs: {ticket: text}."
            )
        for name, column in columns.items():
            if not isinstance(column, str) or not column:
                fields.complain("A column must be named by text.", "Write variable: column.", "inputs", name)
        return columns

    def _check_templates(self, fields: Fields) -> None:
        for index, entry in enumerate(fields.items("expect")):
            open_slots = "{{" in json.dumps(entry)
            fields.problems += [
                problem.below(*fields.steps, "expect", index)
                for problem in read(entry)[1]
                if not open_slots or problem.code in _SEEN_WITHOUT_VALUES
            ]

    def _path(self, fields: Fields) -> str | None:
        name = fields.text("file")
        if name is None:
            if "file" not in fields.data:
                fields.complain("The dataset names no file.", "Write file: triage.jsonl.")
            return None
        path = posixpath.normpath(posixpath.join(posixpath.dirname(self._document.path), name))
        if name.startswith("/") or path.startswith("../") or "\\" in name or "\0" in name:
            fields.complain(
                "The file lies outside of the repository.", "Name it relative to the suite.", "file"
            )
            return None
        if not path.endswith(SUFFIXES):
            fields.complain("Datasets are .jsonl or .csv files.", "Convert it.", "file", code="SUI008")
            return None
        return path

    def _find(self, code: str, path: str, line: int, message: str, hint: str = _ROW_HINT) -> None:
        self.findings.append(Diagnostic(code, "error", Place(path, line), message, hint))
