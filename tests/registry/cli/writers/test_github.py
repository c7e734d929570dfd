from __future__ import annotations

from registry.cli.writers.github import write_github
from registry.diagnostics import Diagnostic, Level, Place


def _written(
    capsys, message: str, level: Level = "error", path: str = "prompts/a.yaml", prefix: str = ""
) -> str:
    write_github([Diagnostic("VAR001", level, Place(path, 7, 3), message, "Do it.")], prefix)
    out: str = capsys.readouterr().out
    return out


def test_a_finding_is_a_workflow_command_at_its_line(capsys) -> None:
    assert _written(capsys, "No.") == "::error file=prompts/a.yaml,line=7,col=3,title=VAR001::No.%0ADo it.\n"


def test_info_is_a_notice(capsys) -> None:
    assert _written(capsys, "No.", "info").startswith("::notice ")


def test_text_of_a_file_cannot_end_the_command_or_begin_another(capsys) -> None:
    out = _written(capsys, "100%\r\n::set-output name=x::y", path="a,b:c.yaml")
    assert out.count("\n") == 1
    assert "file=a%2Cb%3Ac.yaml," in out
    assert "100%25%0D%0A::set-output" in out


def test_a_registry_in_a_subfolder_is_named_from_the_top(capsys) -> None:
    assert "file=bank/prompts/a.yaml," in _written(capsys, "No.", prefix="bank/")
