"""Every code is documented, and the page is what the sources say."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tools.errors_page import page

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def made() -> str:
    return page()


def test_the_page_of_codes_is_current(made: str):
    assert (ROOT / "docs/errors.md").read_text(encoding="utf-8") == made, (
        "python -m tools.errors_page > docs/errors.md"
    )


def test_no_code_in_the_sources_is_missing_from_the_page(made: str):
    documented = set(re.findall(r"^\| ([A-Z]{3}\d{3}) \|", made, re.MULTILINE))
    used = {
        code
        for package in ("registry", "serve")
        for place in (ROOT / package).rglob("*.py")
        for code in re.findall(r'"([A-Z]{3}\d{3})["\s]', place.read_text(encoding="utf-8"))
    }
    assert used - {"AES256"} <= documented  # the name of a cipher
