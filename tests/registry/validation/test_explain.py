"""What is taught about a code is true: the wrong example leads to it, the right one does not."""

from __future__ import annotations

import ast
import re
from datetime import date
from pathlib import Path

import pytest
from support.content import write
from support.lessons import files_of

from registry.authoring.catalog import load
from registry.authoring.settings_file import load_settings
from registry.authoring.tree import FolderTree
from registry.diagnostics import Diagnostic
from registry.release.findings import findings_of
from registry.validation.explain import explanations

TODAY = date(2026, 11, 21)
TOLD = explanations()
SHOWN = [code for code, told in TOLD.items() if told.lesson.wrong]
WITHOUT = {"SCH002", "GRD002", "GRD003", "FIL003", "FIL006", "FIL007", "FIL008"}
WITHOUT |= {f"SUI{number:03}" for number in range(2, 13)}
SOURCES = sorted(
    place
    for package in ("authoring", "validation", "evaluation")
    for place in (Path(__file__).parents[3] / "registry" / package).rglob("*.py")
)
NO_FINDING_OF_LINT = {"FMT001", "FMT002"}  # of promptyard fmt


def codes_of_findings(source: str) -> set[str]:
    """The codes that a module gives to findings: the first argument, or ``code=``."""
    calls = [node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Call)]
    found: set[str] = set()
    for call in calls:
        name = getattr(call.func, "id", getattr(call.func, "attr", ""))
        given = [*call.args[:1], *(each.value for each in call.keywords if each.arg == "code")]
        if name in ("Diagnostic", "Problem", "complain", "_find", "_finding", "_Refused"):
            found |= {str(each.value) for each in given if isinstance(each, ast.Constant)}
    return {code for code in found if re.fullmatch(r"[A-Z]{3}\d{3}", code)} - NO_FINDING_OF_LINT


def found(root, example: str) -> tuple[Diagnostic, ...]:
    tree = FolderTree(write(root, files_of(example)))
    return findings_of(load(tree, load_settings(tree)), today=TODAY)


def test_every_code_that_a_finding_can_have_is_explained():
    used = {code for place in SOURCES for code in codes_of_findings(place.read_text(encoding="utf-8"))}
    assert used - set(TOLD) == set()
    assert {"FIL002", "SUI005", "REF001"} & used


def test_only_codes_that_no_short_example_shows_have_none():
    assert set(TOLD) - set(SHOWN) == WITHOUT


@pytest.mark.parametrize("code", SHOWN)
def test_the_wrong_example_leads_to_the_code_at_its_level(code, tmp_path):
    levels = {each.level for each in found(tmp_path, TOLD[code].lesson.wrong) if each.code == code}
    assert levels == {TOLD[code].lesson.level}


@pytest.mark.parametrize("code", SHOWN)
def test_the_right_example_is_in_order(code, tmp_path):
    assert TOLD[code].lesson.right
    findings = found(tmp_path, TOLD[code].lesson.right)
    shown = [each for each in findings if not each.place.path.endswith(".suite.yaml")]
    assert [each for each in shown if each.code == code or each.level == "error"] == []


@pytest.mark.parametrize("code", SHOWN)
def test_what_is_said_to_be_mended_has_a_fix_and_only_that(code, tmp_path):
    fixes = [each.fix for each in found(tmp_path, TOLD[code].lesson.wrong) if each.code == code]
    assert bool(TOLD[code].lesson.fix) == any(fixes)


@pytest.mark.parametrize("code", TOLD)
def test_every_code_says_why_it_exists(code):
    told = TOLD[code]
    assert told.title
    assert not told.title.endswith(".")
    assert len(told.why) > 40
    assert told.why.endswith(".")
