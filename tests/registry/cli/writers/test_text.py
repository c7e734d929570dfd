from __future__ import annotations

import pytest

from registry.cli.style import console
from registry.cli.writers.text import summary, write_findings
from registry.diagnostics import Diagnostic, Place

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
