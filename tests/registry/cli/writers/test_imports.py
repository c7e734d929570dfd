"""The report of an import: every note once, and a foreign file's words act as nothing."""

from __future__ import annotations

from io import StringIO

from rich.console import Console

from registry.cli.style import _THEME
from registry.cli.writers.imports import markdown, report_json, summary, write_report
from registry.diagnostics import Diagnostic, Place
from registry.importing.gather import Skipped
from registry.importing.place import Standing
from registry.importing.port import Note
from registry.importing.report import FileReport, Report

NOTES = (Note("changed", "model", "is [bold]m[/bold]", 3), Note("lost", "`a` | <b>", "@everyone"))
FINDINGS = (
    Diagnostic("X001", "error", Place("p.yaml", 4), "Wrong.", "Mend it."),
    Diagnostic("X002", "warning", Place("p.yaml"), "Odd."),
)


def made(*, dry: bool = False, skipped: int = 12) -> Report:
    return Report(
        (
            FileReport("old/a.txt", "plain", "lost", ("p.yaml",), NOTES, FINDINGS),
            FileReport("b.yml", "github", "refused", (), (), ()),
        ),
        tuple(Skipped(f"s{number}", "is a link") for number in range(skipped)),
        Standing(("p.yaml",), ("q.yaml",), ("r.yaml",)),
        dry,
    )


def shown(report: Report) -> str:
    out = StringIO()
    write_report(Console(file=out, theme=_THEME, width=200, highlight=False), report)
    return out.getvalue()


def test_a_person_sees_every_note_and_every_error_of_lint() -> None:
    lines = shown(made()).splitlines()
    assert lines[:4] == [
        "lost     old/a.txt (plain) → p.yaml",
        "    changed model (line 3): is [bold]m[/bold]",
        "    lost    `a` | <b>: @everyone",
        "    lint    X001 p.yaml:4 Wrong. Mend it.",
    ]
    assert lines[4] == "refused  b.yml (github) → nothing"
    assert lines[-1] == "skipped  2 more; --json and --report name all"


def test_the_sum_says_what_is_written_and_what_would_be() -> None:
    assert summary(made()).plain == "2 files: 1 lost, 1 refused; 1 written, 1 replaced, 1 there already"
    assert "1 would be written, 1 would be replaced" in summary(made(dry=True)).plain


def test_markdown_holds_all_of_it_in_code_spans() -> None:
    text = markdown(made())
    assert "| `old/a.txt` | plain | ⚠️ lost | `p.yaml` |" in text
    assert "- **lost** `` `a` \\| <b> ``: `@everyone`" in text
    assert text.count("is a link") == 12
    assert "- **lint warning** X002 `Odd.`" in text


def test_json_holds_all_of_it() -> None:
    out = report_json(made())
    assert out["files"][0]["notes"][0] == {
        "level": "changed",
        "what": "model",
        "why": "is [bold]m[/bold]",
        "line": 3,
    }
    assert [finding["code"] for finding in out["files"][0]["findings"]] == ["X001", "X002"]
    assert len(out["skipped"]) == 12
    assert (out["new"], out["kept"], out["replaced"], out["clean"]) == (
        ["p.yaml"],
        ["q.yaml"],
        ["r.yaml"],
        False,
    )
