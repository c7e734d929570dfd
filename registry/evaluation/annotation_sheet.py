"""Questions as a spreadsheet, and a spreadsheet back as labels.

Made for Excel, LibreOffice and Google Sheets as people use them: a byte order mark, cells that no program takes for
a formula, any delimiter and line end on the way back.
It must never take a label for another answer than the one the person saw.

Source: OWASP, CSV Injection.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from registry.errors import Usage
from registry.evaluation.annotation import TAKEN_BACK, Question
from registry.evaluation.calibration import Label, Said, latest

Fate = Literal["taken", "unchanged", "empty", "refused"]
LABEL, COMMENT, ANSWER, ID = "label (y, n or s)", "comment", "answer", "id (leave as it is)"
_INPUT = "input: "
_BOM = "\ufeff"
_CELL = 32_000  # Excel cuts a cell off at 32,767
_CUT = " […]"
_DANGEROUS = ("=", "+", "-", "@", "\t", "\r", "\n", "'", "＝", "＋", "－", "＠")
_WORDS: Mapping[str, Said] = {
    **dict.fromkeys(("y", "yes", "pass", "good", "true", "1"), "pass"),
    **dict.fromkeys(("n", "no", "fail", "bad", "false", "0"), "fail"),
    **dict.fromkeys(("s", "skip", "?"), "skip"),
}


@dataclass(frozen=True, slots=True)
class RowRead:
    """What became of one row. ``label`` is there where it was taken, ``why`` where it was refused."""

    row: int
    case: str
    fate: Fate
    label: Label | None = None
    why: str = ""


def write_sheet(asked: Sequence[Question], labels: Iterable[Label], who: str) -> bytes:
    """The questions as CSV in UTF-8, a person's own labels filled in."""
    inputs = sorted({name for question in asked for name in question.inputs})
    said = latest(labels)
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\r\n")
    columns = [
        "suite",
        "case",
        *(f"{_INPUT}{name}" for name in inputs),
        ANSWER,
        "question",
        LABEL,
        COMMENT,
        ID,
    ]
    writer.writerow(columns)
    for question in asked:
        own = said.get((question.item, who))
        known = own is not None and own.comment != TAKEN_BACK
        cells = [
            question.suite,
            question.case,
            *(_shown(question.inputs[name]) if name in question.inputs else "" for name in inputs),
            _shown(question.answer),
            question.wording,
            own.label if own is not None and known else "",
            (own.comment or "") if own is not None and known else "",
            question.item[:16],
        ]
        writer.writerow([escaped(cell) for cell in cells])
    return (_BOM + out.getvalue()).encode()


def read_sheet(
    data: bytes, asked: Iterable[Question], labels: Iterable[Label], who: str, when: str
) -> Iterator[RowRead]:
    """What became of every row, in order; nothing is written.

    Raises:
        Usage: ANN010 when the file is no sheet of questions.
    """
    known = {question.item[:16]: question for question in asked}
    said = {item: label for (item, person), label in latest(labels).items() if person == who}
    taken: dict[str, Label] = {}
    for number, row in _rows(data):
        question = known.get(row.get(ID, ""))
        if question is None:
            why = "its id is unknown: the answer is not in this record, or the id was changed"
            yield RowRead(number, row.get("case", ""), "refused", why=why)
            continue
        found = _read_row(number, row, question, said.get(question.item), who, when)
        before = taken.get(question.item)
        if found.label is not None and before is not None:
            found = RowRead(
                number, question.case, "refused", why="the same answer has a label in a row above"
            )
        elif found.label is not None:
            taken[question.item] = found.label
        yield found


def escaped(cell: str) -> str:
    """A cell that no spreadsheet takes for a formula; :func:`unescaped` gives the text back."""
    return f"'{cell}" if cell.startswith(_DANGEROUS) else cell


def unescaped(cell: str) -> str:
    """The text that a cell was made from."""
    return cell[1:] if cell.startswith("'") and cell[1:].startswith(_DANGEROUS) else cell


def _read_row(
    number: int, row: Mapping[str, str], question: Question, before: Label | None, who: str, when: str
) -> RowRead:
    case = question.case
    if _plain(row.get(ANSWER, "")) != _plain(_shown(question.answer)):
        return RowRead(
            number, case, "refused", why="the answer was changed in the sheet, so it is another one"
        )
    word, comment = row.get(LABEL, "").strip().casefold(), row.get(COMMENT, "").strip()
    if not word:
        return RowRead(number, case, "empty")
    if word not in _WORDS:
        return RowRead(number, case, "refused", why=f"{row.get(LABEL, '').strip()!r} is none of y, n and s")
    if before is not None and (before.label, before.comment or "") == (_WORDS[word], comment):
        return RowRead(number, case, "unchanged")
    label = question.label(_WORDS[word], who=who, when=when, comment=comment)
    return RowRead(number, case, "taken", label)


def _rows(data: bytes) -> Iterator[tuple[int, Mapping[str, str]]]:
    text = _decoded(data)
    head = text.splitlines()[0] if text.strip() else ""
    delimiter = max(",;\t", key=head.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    try:
        rows = list(reader)
    except csv.Error as error:
        raise Usage("ANN010", f"the sheet is no CSV ({error})", "Save it as CSV UTF-8.") from error
    columns = [name.strip() for name in rows[0]] if rows else []
    lacking = [name for name in (ANSWER, LABEL, ID) if name not in columns]
    if lacking:
        what = f"the sheet has no column {lacking[0]}"
        raise Usage("ANN010", what, "Keep the columns of promptyard annotate --csv, in any order.")
    for number, row in enumerate(rows[1:], 2):
        if any(cell.strip() for cell in row):
            yield number, {name: unescaped(cell) for name, cell in zip(columns, row, strict=False)}


def _decoded(data: bytes) -> str:
    encoding = "utf-16" if data[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig"
    try:
        return data.decode(encoding)
    except UnicodeDecodeError as error:
        raise Usage("ANN010", "the sheet is not UTF-8", "Save it as CSV UTF-8, not as plain CSV.") from error


def _shown(value: object) -> str:
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return text if len(text) <= _CELL else text[:_CELL] + _CUT


def _plain(text: str) -> str:
    """A text as it survives a spreadsheet: line ends and blanks at both ends aside."""
    return "\n".join(
        line.rstrip() for line in text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    ).strip()
