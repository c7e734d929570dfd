"""Levels and exceptions of the settings: what they change, what they cannot, and what is told about them."""

from __future__ import annotations

from datetime import date

import pytest
from support.content import write

from registry.authoring.settings_file import load_settings
from registry.authoring.tree import FolderTree
from registry.diagnostics import Diagnostic, Place
from registry.validation.levels import Judged, judge

TODAY = date(2026, 11, 21)
OWNER = Diagnostic("OWN001", "warning", Place("prompts/support/a.prompt.yaml"), "No owner.", "Add one.")
OTHER = Diagnostic("OWN001", "warning", Place("prompts/bank/deep/b.prompt.yaml"), "No owner.", "Add one.")
UNREAD = Diagnostic("YML001", "error", Place("prompts/c.prompt.yaml", 3, 1), "Not YAML.", "Mend it.")
REASON = "reason: The team is being formed."


def judged(root, lint: str, *findings: Diagnostic, today: date | None = TODAY) -> Judged:
    tree = FolderTree(write(root, {"promptyard.yaml": f"promptyard: 1\nlint:\n{lint}"}))
    return judge(findings, tree, load_settings(tree), today=today)


def codes(judged: Judged) -> list[str]:
    return [each.code for each in judged.standing]


def test_without_settings_everything_stands_as_it_is(tmp_path):
    assert judged(tmp_path, "  levels: {}\n", UNREAD, OWNER) == Judged((UNREAD, OWNER))


@pytest.mark.parametrize("level", ["error", "warning", "info"])
def test_a_code_gets_another_level(level, tmp_path):
    (finding,) = judged(tmp_path, f"  levels: {{OWN001: {level}}}\n", OWNER).standing
    assert (finding.level, finding.message) == (level, OWNER.message)


@pytest.mark.parametrize("off", ["off", '"off"'])
def test_a_code_that_is_off_is_silent(off, tmp_path):
    assert judged(tmp_path, f"  levels: {{OWN001: {off}}}\n", OWNER, OTHER) == Judged(())


def test_what_cannot_be_read_is_never_silent(tmp_path):
    held = judged(tmp_path, '  levels: {YML001: "off"}\n', UNREAD)
    assert codes(held) == ["YML001", "EXC004"]
    assert str(held.standing[1].place) == "promptyard.yaml:3:12"
    assert held.standing[1].level == "error"


def test_an_unknown_code_is_told_with_what_was_meant(tmp_path):
    (finding,) = judged(tmp_path, "  levels: {ONW001: error}\n").standing
    assert (finding.code, finding.hint) == ("EXC003", "Did you mean OWN001?")


def exception(code: str = "OWN001", path: str = "support/*", until: str = "2026-11-21") -> str:
    return f'  exceptions:\n    - {{code: {code}, path: "{path}", until: {until}, {REASON}}}\n'


def test_an_exception_excuses_its_files_through_its_last_day(tmp_path):
    held = judged(tmp_path, exception(), OWNER, OTHER)
    assert held.standing == (OTHER,)
    assert [(each.finding, each.exception.reason) for each in held.excused] == [
        (OWNER, "The team is being formed.")
    ]


def test_past_its_day_it_excuses_nothing_and_is_a_finding(tmp_path):
    held = judged(tmp_path, exception(until="2026-11-20"), OWNER)
    assert codes(held) == ["OWN001", "EXC001"]
    assert held.excused == ()
    assert str(held.standing[1].place) == "promptyard.yaml:4:7"
    assert "2026-11-20" in held.standing[1].message


def test_without_a_day_no_exception_is_over(tmp_path):
    assert judged(tmp_path, exception(until="2020-01-01"), OWNER, today=None).standing == ()


def test_an_exception_without_use_is_told(tmp_path):
    held = judged(tmp_path, exception(path="bank/*.yaml"), OWNER, OTHER)
    assert codes(held) == ["OWN001", "OWN001", "EXC002"]
    assert held.standing[2].level == "info"


def test_a_path_from_the_top_is_told_how_to_be_written(tmp_path):
    finding = judged(tmp_path, exception(path="prompts/support/*"), OWNER).standing[-1]
    assert finding.hint.startswith("Write path: support/*;")


@pytest.mark.parametrize(
    ("glob", "finding", "covered"),
    [
        ("support/*.prompt.yaml", OWNER, True),
        ("*", OWNER, False),
        ("**", OWNER, True),
        ("**/*.prompt.yaml", OTHER, True),
        ("bank/**/b.prompt.yaml", OTHER, True),
        ("bank/*/?.prompt.yaml", OTHER, True),
        ("bank/*", OTHER, False),
        ("support/a.prompt+yaml", OWNER, False),
    ],
)
def test_stars_stand_for_names_and_folders(glob, finding, covered, tmp_path):
    assert bool(judged(tmp_path, exception(path=glob), finding).excused) is covered


def test_an_exception_for_what_has_to_be_mended_is_refused(tmp_path):
    held = judged(tmp_path, exception("YML001", "**"), UNREAD)
    assert codes(held) == ["YML001", "EXC004"]
    assert held.excused == ()


def test_an_injection_keeps_its_level_and_can_be_excused_for_a_time(tmp_path):
    injected = Diagnostic("SEC001", "error", OWNER.place, "Untrusted.", "Move it.")
    assert codes(judged(tmp_path, "  levels: {SEC001: info}\n", injected)) == ["SEC001", "EXC004"]
    assert judged(tmp_path, exception("SEC001"), injected).standing == ()


def test_a_finding_about_the_settings_themselves_cannot_be_excused(tmp_path):
    about = Diagnostic("SEC003", "error", Place("promptyard.yaml", 2, 1), "Environment.", "Remove it.")
    assert "SEC003" in codes(judged(tmp_path, exception("SEC003", "**"), about))
