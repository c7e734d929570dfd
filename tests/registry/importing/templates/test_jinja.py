"""Jinja2 of other tools prints the same here, its line ends and blanks included."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jinja2 import Environment, TemplateSyntaxError

from registry.importing.templates.jinja import in_our_words, tags, with_lines_kept
from serve.core.render import environment

PIECES = st.sampled_from([
    "{% if on %}", "{%- if on -%}", "{% else %}", "{% endif %}", "{% for i in items %}", "{% endfor -%}", "{% endfor %}",
    "{{ i }}", "{{ x }}", "{{- x }}", "{# a note #}", "{#- note -#}", "{% raw %}", "{% endraw %}", "\n", "\n\n", "  ",
    "\t", "word", "{", "}", "%}", "{{ '%}' }}", '{{ "}}" }}', "{% set y = '{% a %}' %}", "\r\n",
])  # fmt: skip
VALUES = {"i": "I", "on": True, "items": ["a", "b"], "x": "X"}


@given(st.lists(PIECES, max_size=14).map("".join))
def test_a_template_prints_here_what_it_prints_there(source: str) -> None:
    theirs = Environment(trim_blocks=False, lstrip_blocks=False)
    try:
        want = theirs.from_string(source).render(VALUES)
    except TemplateSyntaxError:
        return
    ours = environment().overlay(finalize=None)
    assert ours.from_string(with_lines_kept(source, starts_message=False)).render(VALUES) == want
    assert ours.from_string(with_lines_kept(source)).render(VALUES).lstrip() == want.lstrip()


def test_a_plus_is_written_only_where_it_is_needed() -> None:
    source = "a{% if on %}b{% endif %}c\n{% for i in items %}\n{{ i }}\n{% endfor %}\n  {# n #}\nd"
    assert with_lines_kept(source) == (
        "a{% if on %}b{% endif %}c\n{% for i in items +%}\n{{ i }}\n{% endfor +%}\n  {#+ n +#}\nd"
    )


def test_a_condition_at_the_start_of_a_message_needs_none() -> None:
    assert (
        with_lines_kept("{% if a %}\nb\n{% else %}\nc\n{% endif %}\nd")
        == "{% if a %}\nb\n{% else %}\nc\n{% endif +%}\nd"
    )


@pytest.mark.parametrize(
    ("theirs", "ours"),
    [
        ("{{ x | safe }}", "{{ x }}"),
        ("{{ x.strip() }}{{ x.upper() }}", "{{ x | trim }}{{ x | upper }}"),
        ("{{ xs|count }}{{ y | d('z') }}", "{{ xs|length }}{{ y | default('z') }}"),
        ("{{ 'x.strip() | safe' }} x.strip()", "{{ 'x.strip() | safe' }} x.strip()"),
    ],
)
def test_spellings_with_an_equal_form_get_it(theirs: str, ours: str) -> None:
    assert in_our_words(theirs) == (ours, ())


def test_json_loses_its_line_breaks_and_that_is_told() -> None:
    text, told = in_our_words("{{ x | tojson(indent=2) }}")
    assert text == "{{ x | tojson }}"
    assert len(told) == 1


@pytest.mark.parametrize("source", ["{{ x", "{% if x", "{# x", "{% raw %} x"])
def test_a_tag_that_is_never_closed_is_no_template(source: str) -> None:
    assert tags(source) is None


@given(st.text("{}%#'\"()[]-+ \nxraw", max_size=60))
def test_any_text_is_taken_apart_in_order(source: str) -> None:
    found = tags(source)
    if found is not None:
        assert all(first.end <= second.start for first, second in pairwise(found))
    with_lines_kept(source)
