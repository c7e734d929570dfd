"""promptfoo's Nunjucks prints the same text here; what Nunjucks printed stands in the corpus."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from registry.importing.promptfoo.nunjucks import to_jinja
from serve.core.render import compile_template

RENDERED = json.loads(
    (Path(__file__).parents[1] / "corpus/nunjucks-rendered.json").read_text(encoding="utf-8")
)
VALUES = {
    "a": "x",
    "b": '<b>&"',
    "n": 3,
    "on": True,
    "off": False,
    "rows": ["p", "q"],
    "objs": [{"name": "Ann", "tags": ["t"]}, {"name": "Bob", "tags": []}],
    "o": {"k": "v"},
    "none": None,
}


@pytest.mark.parametrize(("template", "printed"), RENDERED)
def test_a_template_prints_what_nunjucks_printed(template: str, printed: str) -> None:
    ours, _ = to_jinja(template)
    assert compile_template(ours)(VALUES) == printed.removesuffix("\n")


def test_a_tag_that_does_not_end_on_its_line_makes_all_of_it_text() -> None:
    ours, notes = to_jinja("Half {{ open\nand {{ a }}")
    assert compile_template(ours)({}) == "Half {{ open\nand {{ a }}"
    assert [note.level for note in notes] == ["changed"]


def test_lists_are_joined_as_javascript_does_and_objects_are_json_which_is_told() -> None:
    schemas = {
        "o": {"type": "object", "properties": {"k": {"type": "array", "items": {"type": "string"}}}},
        "rows": {"type": "array", "items": {"type": "string"}},
    }
    ours, notes = to_jinja("{{ o }} {{ o.k }} {{ rows }}", schemas=schemas)
    values = {"o": {"k": ["a", "b"]}, "rows": ["p", "q"]}
    assert compile_template(ours)(values) == '{"k": ["a", "b"]} a,b p,q'
    assert [note.what for note in notes] == ["{{ o }}"]


def test_words_in_quotes_stay_as_they_are() -> None:
    ours, _ = to_jinja("{{ '=== null | dump' }}")
    assert compile_template(ours)({}) == "=== null | dump"


@given(st.text(st.sampled_from("{}%# \n'\"|.=ab-"), max_size=40))
def test_no_text_makes_it_raise(text: str) -> None:
    to_jinja(text)
