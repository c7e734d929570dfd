from __future__ import annotations

import csv
import io
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.samples import case, suite

from registry.errors import Usage
from registry.evaluation.annotation import Question
from registry.evaluation.annotation_sheet import (
    ANSWER,
    ID,
    LABEL,
    RowRead,
    escaped,
    read_sheet,
    unescaped,
    write_sheet,
)
from registry.evaluation.calibration import Label

WHEN = "2026-11-21T15:00:00Z"
RUBRIC = {"llm-rubric": "Is this answer good?"}


def question(name: str, answer: str, **inputs: object) -> Question:
    return Question("support/triage", "x.calibration.jsonl", name, RUBRIC, inputs or {"ticket": name}, answer)


def filled(data: bytes, *words: str, **changes: str) -> bytes:
    rows = list(csv.DictReader(io.StringIO(data.decode("utf-8-sig"), newline="")))
    for row, word in zip(rows, words, strict=False):
        row[LABEL] = word
        row.update(changes)
    out = io.StringIO(newline="")
    writer = csv.DictWriter(out, rows[0].keys())
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue().encode("utf-8-sig")


def back(data: bytes, *asked: Question, labels: tuple[Label, ...] = ()) -> list[RowRead]:
    return list(read_sheet(data, asked, labels, "Ada", WHEN))


def test_a_sheet_comes_back_as_labels_row_by_row() -> None:
    asked = [question("a", "one"), question("b", "two"), question("c", "three"), question("d", "four")]
    own = asked[3].label("fail", who="Ada", when=WHEN)
    data = filled(write_sheet(asked, [own], "Ada"), "Y", "maybe", "", "n")
    rows = back(data, *asked, labels=(own,))
    assert [(row.row, row.case, row.fate) for row in rows] == [
        (2, "a", "taken"),
        (3, "b", "refused"),
        (4, "c", "empty"),
        (5, "d", "unchanged"),
    ]
    assert rows[0].label == asked[0].label("pass", who="Ada", when=WHEN)
    assert rows[1].why == "'maybe' is none of y, n and s"


def test_a_sheet_opens_in_a_spreadsheet_as_text_and_not_as_formulas() -> None:
    data = write_sheet([question("a", '=HYPERLINK("http://x")', ticket="@SUM(A1)", more=["-1"])], [], "Ada")
    assert data.startswith(b"\xef\xbb\xbf")
    (row,) = csv.DictReader(io.StringIO(data.decode("utf-8-sig"), newline=""))
    assert row[ANSWER] == '\'=HYPERLINK("http://x")'
    assert row["input: ticket"] == "'@SUM(A1)"
    assert row["input: more"] == '["-1"]'
    assert not any(cell.startswith(("=", "+", "-", "@", "\t", "\r")) for cell in row.values())


@given(st.text(alphabet=st.characters(codec="utf-8", exclude_characters="\0"), max_size=12))
def test_what_is_escaped_comes_back(text: str) -> None:
    assert unescaped(escaped(text)) == text
    assert not escaped(text).startswith(("=", "+", "-", "@", "\t", "\r"))


@given(st.text(alphabet=st.characters(codec="utf-8", exclude_characters="\0"), min_size=1, max_size=30))
def test_any_answer_survives_the_way_there_and_back(answer: str) -> None:
    asked = question("a", answer)
    (row,) = back(filled(write_sheet([asked], [], "Ada"), "n"), asked)
    assert row.fate == "taken", row.why
    assert row.label is not None
    assert row.label.answer == answer


@pytest.mark.parametrize("delimiter", [";", "\t"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_a_sheet_may_come_back_as_other_programs_save_it(delimiter: str, encoding: str) -> None:
    asked = question("a", "- one,\ntwo; grün")
    rows = list(csv.reader(io.StringIO(write_sheet([asked], [], "Ada").decode("utf-8-sig"), newline="")))
    rows[1][rows[0].index(LABEL)] = " Yes "
    out = io.StringIO(newline="")
    csv.writer(out, delimiter=delimiter, lineterminator="\n").writerows([row[::-1] for row in rows])
    (row,) = back(out.getvalue().encode(encoding), asked)
    assert row.label is not None
    assert (row.label.label, row.label.answer) == ("pass", "- one,\ntwo; grün")


def test_a_label_never_goes_to_another_answer() -> None:
    asked = question("a", "one")
    sheet = write_sheet([asked], [], "Ada")
    (edited,) = back(filled(sheet, "y", **{ANSWER: "one, but better"}), asked)
    assert (edited.fate, edited.label) == ("refused", None)
    assert "was changed" in edited.why
    (unknown,) = back(filled(sheet, "y", **{ID: "0" * 16}), asked)
    assert "id is unknown" in unknown.why
    (gone,) = back(filled(sheet, "y"), question("b", "another answer now"))
    assert gone.fate == "refused"
    twice = filled(sheet, "y") + filled(sheet, "n").split(b"\r\n", 1)[1]
    assert [row.fate for row in back(twice, asked)] == ["taken", "refused"]


def test_a_cell_longer_than_a_spreadsheet_takes_is_cut_and_still_the_same_answer() -> None:
    asked = question("a", "x" * 40_000)
    data = write_sheet([asked], [], "Ada")
    assert max(map(len, data.decode().split(","))) < 32_767
    (row,) = back(filled(data, "y"), asked)
    assert row.label is not None
    assert row.label.answer == "x" * 40_000


@pytest.mark.parametrize(
    ("data", "told"),
    [
        (b"", "has no column answer"),
        (b"name,answer\r\nx,y\r\n", "has no column label"),
        ("label (y, n or s),answer,id (leave as it is)\r\ny,grün,1\r\n".encode("cp1252"), "is not UTF-8"),
    ],
)
def test_what_is_no_sheet_is_refused_in_words(data: bytes, told: str) -> None:
    with pytest.raises(Usage, match="ANN010") as refused:
        back(data, question("a", "one"))
    assert told in str(refused.value)


def test_cases_with_other_inputs_share_a_sheet() -> None:
    asked = [
        question("a", "one", ticket="x"),
        replace(question("b", "two", note=5), case=suite(case("b")).cases[0].id),
    ]
    rows = list(csv.DictReader(io.StringIO(write_sheet(asked, [], "Ada").decode("utf-8-sig"), newline="")))
    assert [(row["input: ticket"], row["input: note"]) for row in rows] == [("x", ""), ("", "5")]
