"""GitHub's text as a template: what it renders to is what GitHub would send, character for character."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from registry.authoring.github.text import Names, Spot, translate
from registry.validation.template_policy import examine
from serve.core.render import compile_template

PIECES = st.sampled_from(
    ["{", "}", "{{", "}}", "{%", "%}", "{#", "#}", "{{name}}", "{{ a-b }}", "{{x.y}}", "{{ if }}", "\n", "\r\n", " ",
     "{% raw %}", "{% endraw %}", "{{'", "-", "text", "{{name | upper}}", "include", '{% include "a.md" %}', "ü"]
)  # fmt: skip
TEXTS = st.lists(PIECES | st.text(max_size=4), max_size=12).map("".join)
FILLED = re.compile(r"\{\{[ \t]*([A-Za-z0-9_][A-Za-z0-9_.-]*)[ \t]*\}\}")


def as_github_sends(text: str) -> str:
    """GitHub's own way: look for {{name}}, put a value there, look at nothing else."""
    plain = re.sub(r"\r\n|\r", "\n", text)  # YAML and Jinja2 alike know one kind of line end
    return FILLED.sub(lambda found: f"<{found[1]}>", plain)


@given(TEXTS)
def test_a_template_renders_to_what_github_sends(text: str) -> None:
    names = Names()
    made = translate(text, names)
    values = {ours: f"<{theirs}>" for theirs, ours in names.ours.items()}
    assert compile_template(made.template)(values) == as_github_sends(text)


@given(TEXTS)
def test_every_template_is_one_that_the_policy_allows(text: str) -> None:
    names = Names()
    made = translate(text, names)
    inputs = {ours: {"type": "string", "maxLength": 10} for ours in names.ours.values()}
    found = examine(made.template, inputs)
    assert found.faults == ()
    assert found.bound is not None
    assert {use.name for use in found.uses} == set(made.variables)


@given(TEXTS)
def test_lines_stay_where_they_were(text: str) -> None:
    added = 1 if text.endswith("\n") else 0  # a template loses one line end at its very end
    assert translate(text, Names()).template.count("\n") == text.count("\n") + added


def test_a_text_without_anything_special_stays_as_it_is() -> None:
    made = translate('Say {"a": {"b": 1}} to {{name}} in 5%.', Names())
    assert made.template == 'Say {"a": {"b": 1}} to {{ name }} in 5%.'
    assert (made.variables, made.spaced, made.code) == (("name",), (), ())


def test_what_jinja_would_run_is_told_with_its_line() -> None:
    made = translate("a\n{% if x %}b{% endif %}\n{{ x | upper }} {# c #}\n", Names())
    assert [(spot.line, spot.text) for spot in made.code] == [
        (2, "{% if x %}"),
        (2, "{% endif %}"),
        (3, "{{ x | upper }}"),
        (3, "{# c #}"),
    ]


def test_a_variable_with_spaces_is_told() -> None:
    assert translate("a\n{{ x }} {{x}}", Names()).spaced == (Spot(2, "{{ x }}"),)


@pytest.mark.parametrize(
    ("theirs", "ours"),
    [
        ("name", "name"),
        ("user-name", "user_name"),
        ("user.name", "user_name"),
        ("if", "v_if"),
        ("1", "v_1"),
        ("_x", "x"),
        ("__", "v_"),
        ("loop", "v_loop"),
    ],
)
def test_a_name_that_cannot_be_ours_is_changed(theirs: str, ours: str) -> None:
    assert Names().of(theirs) == ours


def test_two_names_never_become_one() -> None:
    names = Names()
    assert names.of("user_name") == "user_name"
    assert names.of("user-name") == "user_name_"
    assert names.of("user.name") == "user_name__"
    assert names.of("user-name") == "user_name_"


def test_a_name_that_comes_after_its_look_alike_keeps_apart_too() -> None:
    names = Names()
    assert (names.of("a-b"), names.of("a_b")) == ("a_b", "a_b_")
