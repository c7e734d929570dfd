from __future__ import annotations

import csv
import io
import json
import os
import pty
import re
import shutil
import subprocess
import sys
import termios
from pathlib import Path
from typing import IO, NamedTuple

import pytest
from support.models import WEIGHTS
from support.yard_of_cases import write

from registry.cli.main import main
from registry.evaluation.annotation_sheet import LABEL

MODEL = "promptyard: 1\nengine: ctranslate2\nmodel: tiny\nweights: {path: tiny}\nparameters: {maxTokens: 4}\n"
SUITE = """\
promptyard: 1
prompt: words/shout
cases:
  - {id: one, inputs: {word: apple}, expect: [{word-count: {max: 40}}]}
  - {id: two, inputs: {word: berry}, expect: [{word-count: {max: 40}}]}
  - {id: three, inputs: {word: "=1+1"}, expect: [{word-count: {max: 40}}]}
"""
FILES = {
    "prompts/models/tiny.model.yaml": MODEL,
    "prompts/words/shout.suite.yaml": SUITE,
    "prompts/words/shown.suite.yaml": "",
}
LABELS = "prompts/words/shout.calibration.jsonl"


class Outcome(NamedTuple):
    code: int
    out: str
    err: str


class Yard:
    def __init__(self, root: Path, capsys: pytest.CaptureFixture[str], patch: pytest.MonkeyPatch) -> None:
        self.root = root
        self._capsys = capsys
        self._patch = patch

    def annotate(self, *words: str, typed: str = "") -> Outcome:
        self._patch.setattr(sys, "stdin", io.StringIO(typed))
        with pytest.raises(SystemExit) as left:
            main.main(["-C", str(self.root), "annotate", *words])
        out, err = self._capsys.readouterr()
        assert "Traceback" not in err
        return Outcome(int(left.value.code or 0), out, err)

    @property
    def labels(self) -> list[tuple[str, str, str]]:
        place = self.root / LABELS
        rows = [json.loads(line) for line in place.read_text("utf-8").splitlines()] if place.exists() else []
        return [(row["who"], row["case"], row["label"]) for row in rows]


@pytest.fixture(scope="module")
def tested(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A registry in which a run has just ended."""
    root = write(tmp_path_factory.mktemp("tested"), FILES)
    shutil.rmtree(root / "prompts/models/tiny")
    shutil.copytree(WEIGHTS, root / "prompts/models/tiny")
    with pytest.raises(SystemExit):
        main.main(["-C", str(root), "test", "--device", "cpu"])
    return root


@pytest.fixture
def yard(
    tested: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> Yard:
    shutil.copytree(tested, tmp_path / "yard", symlinks=True)
    return Yard(tmp_path / "yard", capsys, monkeypatch)


def test_a_person_labels_what_the_last_run_answered_and_is_not_asked_twice(yard: Yard) -> None:
    first = yard.annotate("--as", "Ada", typed="y\nn too short\nq\n")
    assert first.code == 0
    assert first.err.count("Is this answer good?") == 3
    assert [it[0] for it in yard.labels] == ["Ada", "Ada"]
    again = yard.annotate("--as", "Ada", typed="s\n")
    assert again.err.count("Is this answer good?") == 1
    assert "1 answer for Ada, 2 labelled already" in again.err
    assert [it[2] for it in yard.labels] == ["pass", "fail", "skip"]
    assert "labelled every answer" in yard.annotate("--as", "Ada", typed="y\n").err
    assert json.loads((yard.root / LABELS).read_text().splitlines()[1])["comment"] == "too short"
    assert yard.annotate("--as", "Bo", typed="").err.count("Is this answer good?") == 1


def test_an_undo_asks_again_now_and_in_the_next_session(yard: Yard) -> None:
    outcome = yard.annotate("--as", "Ada", typed="u\ny\nu\nn\nu\n")
    assert "nothing to undo" in outcome.err
    assert [it[2] for it in yard.labels] == ["pass", "skip", "fail", "skip"]
    assert "no labels yet" in outcome.out
    assert yard.annotate("--as", "Ada").err.startswith("3 answers for Ada")


def test_a_key_that_means_nothing_is_told_and_a_comment_waits_for_its_label(yard: Yard) -> None:
    outcome = yard.annotate("--as", "Ada", typed="x\nc odd\ny\n")
    assert "Keys are: y yes" in outcome.err
    assert json.loads((yard.root / LABELS).read_text())["comment"] == "odd"


def test_labels_come_through_a_spreadsheet_row_by_row(yard: Yard, tmp_path: Path) -> None:
    sheet = tmp_path / "labels.csv"
    assert "3 answers" in yard.annotate("--as", "Ada", "--csv", str(sheet)).out
    rows = list(csv.DictReader(io.StringIO(sheet.read_text("utf-8-sig"), newline="")))
    for row, word in zip(rows, ("y", "n", "perhaps"), strict=True):
        row[LABEL] = word
    with sheet.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.DictWriter(file, rows[0].keys(), delimiter=";")
        writer.writeheader()
        writer.writerows(rows)
    outcome = yard.annotate("--as", "Ada", "--from-csv", str(sheet))
    assert outcome.code == 1
    assert re.search(r"row 4  \w+  refused: 'perhaps' is none of y, n and s", outcome.out)
    assert "2 taken, 1 refused" in outcome.out
    assert sorted(it[2] for it in yard.labels) == ["fail", "pass"]
    again = yard.annotate("--as", "Ada", "--from-csv", str(sheet))
    assert "2 unchanged, 1 refused" in again.out
    assert len(yard.labels) == 2


def test_people_and_their_agreement_are_told(yard: Yard) -> None:
    yard.annotate("--as", "Ada", typed="y\nn\ny\n")
    outcome = yard.annotate("--as", "Bo", typed="y\nn\nn\n")
    assert "labels of Ada 3, Bo 3" in outcome.out
    assert "Ada and Bo: kappa 0.40, 67% alike, n=3" in outcome.out
    assert f"{LABELS}  2 answers labelled, people are split on 1; 28 more calibrate a judge" in outcome.out
    told = json.loads(yard.annotate("--status", "--json").out)
    assert told["agreement"][0]["people"] == ["Ada", "Bo"]
    assert told["files"] == [{"path": LABELS, "labelled": 2, "split": 1, "wanted": 30}]


def test_the_name_is_gits_unless_another_is_given(yard: Yard, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GIT_CONFIG_COUNT", "1")
    monkeypatch.setenv("GIT_CONFIG_KEY_0", "user.name")
    monkeypatch.setenv("GIT_CONFIG_VALUE_0", "Grace")
    subprocess.run(["git", "init", "-q", str(yard.root)], check=True)
    yard.annotate(typed="y\n")
    assert yard.labels[0][0] == "Grace"


def test_answers_to_inputs_that_a_case_no_longer_has_are_not_shown(yard: Yard) -> None:
    place = yard.root / "prompts/words/shout.suite.yaml"
    place.write_text(SUITE.replace("apple", "apricot"))
    outcome = yard.annotate("--as", "Ada")
    assert "left out, as their inputs are others now: 1 case;" in outcome.err
    assert outcome.err.count("apricot") == 0


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["words/shuot"], "EVL005 no suite tests words/shuot. Did you mean words/shout?"),
        (["--csv", "a.csv", "--from-csv", "promptyard.yaml"], "ANN004"),
        (["--record", "promptyard.yaml"], "ANN001 promptyard.yaml holds no answer"),
        (["--from-csv", "promptyard.yaml"], "ANN010 the sheet has no column"),
    ],
)
def test_what_cannot_be_done_says_what_to_do(
    yard: Yard, words: list[str], told: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(yard.root)
    outcome = yard.annotate(*words)
    assert outcome.code == 2
    assert told in outcome.err


def test_a_later_run_of_other_suites_does_not_hide_the_answers(yard: Yard) -> None:
    (yard.root / ".promptyard/runs/9999.jsonl").write_text('{"kind": "run"}\n')
    assert yard.annotate("--as", "Ada", typed="y\n").err.startswith("3 answers for Ada")
    missing = yard.annotate("--record", str(yard.root / ".promptyard/runs/9999.jsonl"))
    assert "ANN001 9999.jsonl holds no answer" in missing.err


def test_without_a_run_there_is_nothing_to_label(yard: Yard) -> None:
    shutil.rmtree(yard.root / ".promptyard/runs")
    assert yard.annotate("--status").code == 0
    outcome = yard.annotate()
    assert (outcome.code, "ANN001 there is no run" in outcome.err) == (2, True)


def test_labels_do_not_disturb_lint_or_the_next_run(yard: Yard) -> None:
    yard.annotate("--as", "Ada", typed="y\nn\ny\n")
    with pytest.raises(SystemExit) as left:
        main.main(["-C", str(yard.root), "test", "--device", "cpu", "--replay"])
    assert not left.value.code


def test_a_terminal_is_read_key_by_key_and_ctrl_c_keeps_what_was_said(yard: Yard) -> None:
    leader, follower = pty.openpty()
    words = [sys.executable, "-m", "registry.cli", "-C", str(yard.root), "annotate", "--as", "Ada"]
    with subprocess.Popen(
        words, stdin=follower, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE
    ) as process:
        assert process.stderr is not None
        try:
            for key in (b"y", b"n", b"\x03"):
                _until(process.stderr, b"q quit")
                while termios.tcgetattr(follower)[3] & termios.ICANON:
                    assert process.poll() is None
                os.write(leader, key)
            assert process.wait(timeout=30) == 130
        finally:
            process.kill()
            os.close(leader)
            os.close(follower)
    assert [it[2] for it in yard.labels] == ["pass", "fail"]


def _until(stream: IO[bytes], mark: bytes) -> None:
    for line in stream:
        if mark in line:
            return
    raise AssertionError(f"{mark!r} never came")


def test_labels_that_cannot_be_read_are_told_and_never_called_no_labels(yard: Yard) -> None:
    yard.annotate("--as", "Ada", typed="y\nq\n")
    suite = yard.root / "prompts/words/shout.suite.yaml"
    rubric = "judge: {model: models/tiny}\ndefaults: {expect: [{llm-rubric: Is loud.}]}\ncases:"
    suite.write_text(suite.read_text().replace("cases:", rubric))
    place = yard.root / LABELS
    place.write_text(place.read_text() + '{"expect": {"llm-rub\n')
    for words in (["--status"], ["--as", "Bo"], ["--as", "Bo", "--csv", str(yard.root / "sheet.csv")]):
        outcome = yard.annotate(*words, typed="y\n")
        assert outcome.code == 2
        assert f"{LABELS}:2:1: error SUI008" in outcome.err
        assert "no labels" not in outcome.out
    assert not (yard.root / "sheet.csv").exists()


def test_names_and_cells_move_no_cursor_and_are_no_markup(yard: Yard) -> None:
    outcome = yard.annotate("--as", "A\x1b[2Jda", typed="y no\x1b[31m\nq\n")
    assert r"labels of A\x1b[2Jda 1" in outcome.out
    assert "\x1b" not in outcome.out + outcome.err
    sheet = yard.root / "l[/x].csv"
    assert "l[/x].csv, 3 answers" in yard.annotate("--as", "Bo", "--csv", str(sheet)).out
    text = sheet.read_text("utf-8-sig").splitlines()
    cells = text[1].split(",")
    cells[1], cells[-1] = "\x1b[31mx", "none"
    sheet.write_text("\n".join([text[0], ",".join(cells)]), "utf-8")
    refused = yard.annotate("--as", "Bo", "--from-csv", str(sheet))
    assert r"row 2  \x1b[31mx  refused" in refused.out
    assert "\x1b" not in refused.out
