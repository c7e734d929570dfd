"""The page of lints is what the codes teach of themselves."""

from __future__ import annotations

from pathlib import Path

from tools.lints_page import page

PLACE = Path(__file__).parents[2] / "docs/lints.md"


def test_the_page_of_lints_is_current():
    assert PLACE.read_text(encoding="utf-8") == page(), "python -m tools.lints_page > docs/lints.md"
