"""Every lint has its code, its file, its reason and a fixture with a pass and a fail."""

from __future__ import annotations

import inspect
import re
from pathlib import Path

import pytest

from registry.validation import lints
from registry.validation.table import LINTS, OVERALL

ALL = (*LINTS, *OVERALL)
FILES = {place.stem for place in Path(lints.__file__).parent.glob("*.py")} - {"__init__"}
TREES = Path(__file__).parents[1] / "registry" / "validation" / "lints"


def test_the_table_holds_every_file():
    assert {each.__name__.rsplit(".", 1)[-1] for each in ALL} == FILES


def test_codes_are_not_used_twice():
    codes = [each.CODE for each in ALL]
    assert len(codes) == len(set(codes))


def test_there_is_no_fixture_without_a_lint():
    assert {place.name for place in TREES.iterdir()} == {each.CODE for each in ALL}


@pytest.mark.parametrize("each", ALL, ids=lambda each: each.CODE)
def test_a_lint_is_named_by_its_code_and_says_why_it_exists(each):
    assert re.fullmatch(r"[A-Z]{3}\d{3}", each.CODE)
    assert each.__name__.rsplit(".", 1)[-1].startswith(f"{each.CODE.lower()}_")
    assert each.TITLE
    assert not each.TITLE.endswith(".")
    assert len(inspect.getdoc(each) or "") > 40
    assert inspect.getdoc(each.check)
    assert each.LESSON.wrong
    assert each.LESSON.right


@pytest.mark.parametrize("each", ALL, ids=lambda each: each.CODE)
def test_a_lint_has_a_tree_that_passes_and_one_that_fails(each):
    for name in ("pass", "fail"):
        assert any(place.is_file() for place in (TREES / each.CODE / name).rglob("*"))
    assert (TREES / each.CODE / "expected.txt").read_text().strip()
