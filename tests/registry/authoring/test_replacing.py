from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from registry.authoring.parse import read_yaml
from registry.authoring.replacing import replace_text
from registry.errors import Usage

PATH = "prompts/support/triage.suite.yaml"
FILE = b"""\
# yaml-language-server: $schema=../../schemas/suite.schema.json
promptyard: 1
prompt: support/triage
cases:
  # why this case is there
  - id: a  # beside
    expect: [{snapshot: old}, {contains: x}]
  - id: b
    expect:
      - snapshot:  # nothing yet
      - snapshot: |
          line one
          line two
      - {snapshot: {sha256: aaaa}}  # a digest
"""
PLACES = [
    ("cases", 0, "expect", 0, "snapshot"),
    ("cases", 1, "expect", 0, "snapshot"),
    ("cases", 1, "expect", 1, "snapshot"),
    ("cases", 1, "expect", 2, "snapshot", "sha256"),
]


def value(data: bytes, steps: tuple[str | int, ...]) -> object:
    document, findings = read_yaml(PATH, data)
    assert document is not None, findings
    inner = document.data
    for step in steps:
        inner = inner[step]
    return inner


@pytest.mark.parametrize("steps", PLACES)
@pytest.mark.parametrize(
    "text", ["new", "two\nlines", "# no comment: {x}", "yes", "5", " led by a blank", "grün\t—"]
)
def test_a_text_is_put_in_place_and_everything_else_stays(steps: tuple[str | int, ...], text: str) -> None:
    made = replace_text(PATH, FILE, steps, text)
    assert value(made, steps) == text
    assert all(value(made, other) == value(FILE, other) for other in PLACES if other != steps)
    for comment in (
        b"# why this case is there",
        b"# beside",
        b"# nothing yet",
        b"# a digest",
        b"# yaml-lang",
    ):
        assert comment in made


@given(
    st.text(alphabet=st.characters(codec="utf-8", exclude_categories=("Cc", "Cs")), min_size=1, max_size=40)
)
def test_any_text_reads_back_as_it_was_given(text: str) -> None:
    for steps in PLACES:
        assert value(replace_text(PATH, FILE, steps, text), steps) == text


@pytest.mark.parametrize(
    "steps", [("cases", 5, "id"), ("cases", 0), ("cases", 0, "id", "more"), ("cases", 0, "nothing"), ()]
)
def test_a_place_that_holds_no_text_is_refused(steps: tuple[str | int, ...]) -> None:
    with pytest.raises(Usage, match="EDT001"):
        replace_text(PATH, FILE, steps, "x")
