"""The dialogue at a terminal in which a person labels answers, one key each.

Keys come from a terminal one by one, from a pipe line by line (``n names no date``), so that a script can play a
person. It must never lose a label: each is on the disk before the next answer is shown.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

import click
from rich.console import Console
from rich.text import Text

from registry.evaluation.annotation import TAKEN_BACK, LabelFile, Question
from registry.evaluation.calibration import Said
from registry.evaluation.report import visible

KEYS = "y yes   n no   s skip   c comment   u undo   q quit"
_SAID: dict[str, Said] = {"y": "pass", "n": "fail", "s": "skip"}
_TOLD: dict[Said, tuple[str, str]] = {
    "pass": ("yes", "good"),
    "fail": ("no", "error"),
    "skip": ("skip", "dim"),
}


@dataclass
class Dialogue:
    """One person at a terminal.

    Attributes:
        console: where questions are shown.
        who: the person.
        files: the calibration files by path.
        given: how many labels were given, by what was said.
    """

    console: Console
    who: str
    files: dict[str, LabelFile]
    given: dict[Said, int] = field(default_factory=lambda: {"pass": 0, "fail": 0, "skip": 0})
    _done: list[tuple[int, Said]] = field(default_factory=list)
    _comment: str = ""

    def walk(self, asked: Sequence[Question]) -> bool:
        """Ask one question after the other; False when the person left before the last."""
        read = _keys if sys.stdin.isatty() else _lines
        at = 0
        while at < len(asked):
            self._show(asked[at], f"{at + 1} of {len(asked)}")
            step = self._step(asked, at, read)
            if step is None:
                return False
            at += step
        return True

    def _step(self, asked: Sequence[Question], at: int, read: Callable[[], tuple[str, str]]) -> int | None:
        """How far to go after one question: 1 after a label, -1 after an undo, None to leave."""
        while True:
            key, comment = read()
            if key in _SAID:
                self._add(asked[at], at, _SAID[key], comment or self._comment)
                return 1
            if key == "u" and self._done:
                return self._undo(asked) - at
            if key == "q":
                return None
            if key == "c":
                self._comment = comment or click.prompt("comment", default="", show_default=False, err=True)
                continue
            told = "There is nothing to undo." if key == "u" else f"Keys are: {KEYS}"
            self.console.print(Text(told, "warning"), soft_wrap=True)

    def _add(self, question: Question, at: int, said: Said, comment: str) -> None:
        label = question.label(said, who=self.who, when=_now(), comment=comment.strip())
        self.files[question.place].add(label)
        self.given[said] += 1
        self._done.append((at, said))
        self._comment = ""
        word, style = _TOLD[said]
        self.console.print(
            Text.assemble(("  saved: ", "dim"), (word, style), f"  {readable(comment)}".rstrip())
        )

    def _undo(self, asked: Sequence[Question]) -> int:
        """Take the last label back and say which question it was; a file is only added to, so this adds a line too."""
        at, said = self._done.pop()
        question = asked[at]
        self.files[question.place].add(question.label("skip", who=self.who, when=_now(), comment=TAKEN_BACK))
        self.given[said] -= 1
        self.console.print(Text("  taken back", "dim"))
        return at

    def _show(self, question: Question, place: str) -> None:
        self.console.print()
        self.console.print(Text(f"{place}  {question.suite}  {question.case}", "dim"), soft_wrap=True)
        for name, value in question.inputs.items():
            told = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
            self.console.print(Text.assemble((f"{name}: ", "dim"), readable(told)), soft_wrap=True)
        self.console.print()
        self.console.print(Text(readable(question.answer), "path"), soft_wrap=True)
        self.console.print()
        self.console.print(Text(readable(question.wording), "info"), soft_wrap=True)
        self.console.print(Text(KEYS, "dim"), soft_wrap=True)


def readable(text: str) -> str:
    """A text whose lines stay lines and whose other characters that do not print show as their escapes."""
    return "\n".join(map(visible, text.replace("\r\n", "\n").split("\n")))


def _keys() -> tuple[str, str]:
    try:
        return click.getchar().lower(), ""
    except EOFError:
        return "q", ""


def _lines() -> tuple[str, str]:
    line = sys.stdin.readline()
    key, _, comment = line.strip().partition(" ")
    return (key.lower(), comment.strip()) if line else ("q", "")


def _now() -> str:
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
