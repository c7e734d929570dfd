from __future__ import annotations

import re

import pytest

from registry.cli.style import console
from registry.cli.writers.text import next_steps, summary, write_findings
from registry.diagnostics import Diagnostic, Fix, Place

LONG = "word " * 80
FINDING = Diagnostic(
    "VAR001", "error", Place("prompts/a.prompt.yaml", 7, 3), f"{LONG}[bold]x[/bold]", "Declare it."
)
WARNING = Diagnostic("OWN001", "warning", Place("prompts/a.prompt.yaml"), "No owner.")


def test_a_finding_is_one_line_that_editors_link_with_its_hint_below(capsys) -> None:
    write_findings(console(stderr=False, plain=True), [FINDING, WARNING])
    assert capsys.readouterr().out.splitlines() == [
        f"prompts/a.prompt.yaml:7:3: error VAR001 {LONG}[bold]x[/bold]",
        "    Declare it.",
        "prompts/a.prompt.yaml:1:1: warning OWN001 No owner.",
    ]


def test_a_terminal_gets_colour_and_no_color_takes_it_away(monkeypatch: pytest.MonkeyPatch, capsys) -> None:
    def written(*, plain: bool) -> str:
        write_findings(console(stderr=False, plain=plain), [WARNING])
        out: str = capsys.readouterr().out
        return out

    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.delenv("NO_COLOR", raising=False)
    assert "\x1b[33m" in written(plain=False)
    assert "\x1b[33m" not in written(plain=True)
    monkeypatch.setenv("NO_COLOR", "1")
    assert "\x1b[33m" not in written(plain=False)


@pytest.mark.parametrize(
    ("findings", "said"),
    [
        ([], "clean: 3 files checked"),
        ([FINDING], "1 error: 3 files checked"),
        ([FINDING, FINDING, WARNING], "2 errors, 1 warning: 3 files checked"),
    ],
)
def test_the_summary_counts_by_level(findings: list[Diagnostic], said: str) -> None:
    assert summary(findings, 3).plain == said


def shown(monkeypatch: pytest.MonkeyPatch, capsys, findings: list[Diagnostic], row: str | None) -> str:
    """What a terminal of 60 columns shows, colours left out."""
    monkeypatch.setenv("COLUMNS", "60")
    made = console(stderr=False, plain=True)
    monkeypatch.setattr(type(made), "is_terminal", property(lambda _: True))
    write_findings(made, findings, lambda _path, _line: row)
    return re.sub(r"\x1b\[[0-9;]*m", "", capsys.readouterr().out)


def test_a_terminal_shows_the_line_with_a_mark_under_the_place(monkeypatch, capsys) -> None:
    finding = Diagnostic("REF001", "error", Place("a.yaml", 7, 8), "No.", "Yes.", Fix("Mend", ()))
    assert shown(monkeypatch, capsys, [finding], "model: models/chta").splitlines() == [
        "a.yaml:7:8: error REF001 No.",
        "    7 │ model: models/chta",
        "      │        ^",
        "    Yes.  (--fix)",
    ]


def test_a_wide_letter_takes_two_columns_of_the_terminal(monkeypatch, capsys) -> None:
    finding = Diagnostic("REF001", "error", Place("a.yaml", 7, 3), "No.", "Yes.")
    assert "      │     ^" in shown(monkeypatch, capsys, [finding], "请问x").splitlines()


def test_a_long_line_is_cut_around_the_mark(monkeypatch, capsys) -> None:
    finding = Diagnostic("REF001", "error", Place("a.yaml", 7, 201), "No.", "Yes.")
    lines = shown(monkeypatch, capsys, [finding], "." * 200 + "X" + "." * 200).splitlines()
    assert lines[1][lines[2].index("^")] == "X"
    assert len(lines[1]) <= 60


def test_files_stand_apart_on_a_terminal(monkeypatch, capsys) -> None:
    other = Diagnostic("OWN001", "warning", Place("b.yaml"), "No owner.")
    assert "\n\nb.yaml:1:1" in shown(monkeypatch, capsys, [WARNING, other], None)


def test_a_line_with_a_secret_is_never_shown(monkeypatch, capsys) -> None:
    finding = Diagnostic("SEC002", "error", Place("a.yaml", 7, 3), "This looks like a key.", "Revoke it.")
    assert "hunter2" not in shown(monkeypatch, capsys, [finding], "  hunter2")


def test_a_pipe_gets_no_lines_of_files(capsys) -> None:
    write_findings(console(stderr=False, plain=True), [WARNING], lambda _path, _line: "model: x")
    assert "model: x" not in capsys.readouterr().out


def test_what_is_excused_is_counted() -> None:
    assert summary([WARNING], 3, 2).plain == "1 warning, 2 excused: 3 files checked"
    assert summary([], 3, 1).plain == "clean, 1 excused: 3 files checked"


def test_the_next_step_is_named() -> None:
    fixable = Diagnostic("REF001", "error", Place("a.yaml"), "No.", "Yes.", Fix("Mend", ()))
    steps = next_steps([WARNING, fixable])
    assert steps is not None
    assert (
        steps.plain == "promptyard lint --fix mends 1 of them; promptyard lint --explain REF001 tells more."
    )
    assert next_steps([]) is None


def test_a_text_of_a_file_moves_no_cursor_and_begins_no_line(capsys) -> None:
    hostile = Diagnostic(
        "SUI006", "error", Place("a\x1b[2J.yaml"), "The case \x1b]0;x\x07\nb.", "Not \x9b1m."
    )
    write_findings(console(stderr=False, plain=True), [hostile])
    assert capsys.readouterr().out.splitlines() == [
        r"a\x1b[2J.yaml:1:1: error SUI006 The case \x1b]0;x\x07\nb.",
        r"    Not \x9b1m.",
    ]
