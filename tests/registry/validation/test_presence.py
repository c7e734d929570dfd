"""What may be missing is told exactly where a render can fail."""

from __future__ import annotations

from itertools import product
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from registry.validation.presence import absences
from serve.core.errors import Refused
from serve.core.render import compile_template

TEXT = {"type": "string"}
INPUTS: dict[str, Any] = {
    "page": {
        "type": "object",
        "required": ["title"],
        "properties": {
            "title": TEXT,
            "note": TEXT,
            "nil": {"type": ["string", "null"]},
            "sub": {"type": "object", "properties": {"x": TEXT}},
            "tags": {"type": "array", "items": TEXT},
        },
    },
    "rows": {
        "type": "array",
        "items": {"type": "object", "required": ["a"], "properties": {"a": TEXT, "b": TEXT}},
    },
    "pair": {"type": "array", "minItems": 2, "items": TEXT},
    "name": {"type": ["string", "null"]},
}
PAGES = [
    {"title": "T", **note, **nil, **sub, **tags}
    for note, nil, sub, tags in product(
        ({}, {"note": ""}, {"note": "N"}),
        ({}, {"nil": None}, {"nil": "V"}),
        ({}, {"sub": {}}, {"sub": {"x": "X"}}),
        ({}, {"tags": []}, {"tags": ["t"]}),
    )
]
VALUES = [
    {"page": page, "rows": rows, "pair": ["1", "2"], "name": name}
    for page, rows, name in product(
        PAGES, ([], [{"a": "A"}], [{"a": "A", "b": "B"}, {"a": "A"}]), (None, "", "N")
    )
]


def fails(template: str) -> bool:
    render = compile_template(template)
    for values in VALUES:
        try:
            render(values)
        except Refused:
            return True
    return False


@pytest.mark.parametrize(
    "template",
    ["{{ page.title }}", "{{ page.note | default('') }}", "{% if page.note is defined %}{{ page.note }}{% endif %}",
     "{% if page.note is undefined %}x{% else %}{{ page.note }}{% endif %}",
     "{% if not page.note is defined %}x{% else %}{{ page.note }}{% endif %}",
     "{% if page.note is defined and page.note %}{{ page.note }}{% endif %}",
     "{% if page.note is undefined or page.note %}x{% endif %}",
     "{% if page.note | default('') %}{{ page.note }}{% endif %}",
     "{% if page.note | default('') | trim %}{{ page.note }}{% endif %}",
     "{% if 'note' in page %}{{ page.note }}{% endif %}", "{{ page.note if page.note is defined else 'x' }}",
     "{% if page.sub is defined and page.sub.x is defined %}{{ page.sub.x }}{% endif %}",
     "{% for row in rows %}{{ row.a }}{% endfor %}", "{% for row in rows if row.b is defined %}{{ row.b }}{% endfor %}",
     "{% if rows %}{{ (rows | first).a }}{% endif %}", "{{ pair[1] }}{{ pair | last }}", "{% if name %}{{ name }}{% endif %}",
     "{% if name is not none %}{{ name }}{% endif %}", "{% if name != none %}{{ name }}{% endif %}",
     "{{ name | default('', true) }}", "{{ name | tojson }}", "{{ page | tojson }}",
     "{% for tag in page.tags | default([]) %}{{ tag }}{% endfor %}", "{% if page.nil is string %}{{ page.nil }}{% endif %}",
     "{% if page.nil is none %}x{% elif page.note is defined %}{{ page.note }}{% endif %}"],
)  # fmt: skip
def test_what_is_taken_care_of_passes(template):
    assert absences(template, INPUTS) == ()
    assert not fails(template)


@pytest.mark.parametrize(
    ("template", "name", "kind"),
    [
        ("{{ page.note }}", "page.note", "missing"),
        ('{{ page["note"] }}', "page.note", "missing"),
        ("{% if page.note %}x{% endif %}", "page.note", "missing"),
        ("{{ page.note | upper }}", "page.note", "missing"),
        ("{% for tag in page.tags %}{{ tag }}{% endfor %}", "page.tags", "missing"),
        ("{% for row in rows %}{{ row.b }}{% endfor %}", "row.b", "missing"),
        ("{{ (rows | first).a }}", "rows[0]", "missing"),
        ("{{ pair[2] }}", "pair[2]", "missing"),
        ("{{ name }}", "name", "null"),
        ("{% set x = page.note %}{{ x }}", "page.note", "missing"),
        ("{{ page.sub.x }}", "page.sub", "missing"),
        ("{% if page.note is defined %}x{% endif %}{{ page.note }}", "page.note", "missing"),
    ],
)
def test_what_may_be_missing_is_named(template, name, kind):
    first = absences(template, INPUTS)[0]
    assert (first.name, first.kind) == (name, kind)
    assert fails(template)


PATHS = st.sampled_from(
    ["page.title", "page.note", "page.nil", "page.sub.x", "name", "pair[0]", "pair | first"]
)
TESTS = st.one_of(
    st.builds(
        "{} is {}".format, PATHS, st.sampled_from(["defined", "undefined", "none", "not none", "string"])
    ),
    st.builds("{} | default('')".format, PATHS),
    st.just("'note' in page"),
    PATHS,
)
CONDITIONS = st.recursive(
    TESTS,
    lambda inner: st.one_of(
        st.builds("({} and {})".format, inner, inner),
        st.builds("({} or {})".format, inner, inner),
        st.builds("not ({})".format, inner),
    ),
    max_leaves=3,
)
PRINTS = st.builds(
    "{{{{ {}{} }}}}".format, PATHS, st.sampled_from(["", " | default('x')", " | default('', true)"])
)
TEMPLATES = st.recursive(
    PRINTS,
    lambda inner: st.one_of(
        st.builds("{}{}".format, inner, inner),
        st.builds("{{% if {} %}}{}{{% else %}}{}{{% endif %}}".format, CONDITIONS, inner, inner),
        st.builds("{{% for r in rows %}}{{{{ r.a }}}}{}{{% endfor %}}".format, inner),
    ),
    max_leaves=4,
)


@given(TEMPLATES)
def test_a_template_without_findings_never_fails_for_inputs_that_fit(template):
    if not absences(template, INPUTS):
        assert not fails(template)


@pytest.mark.parametrize(
    ("template", "name"),
    [
        ("{% if page %}{% set line = 'x' %}{% endif %}{{ line }}", "line"),
        (
            "{% if page %}{% set line = none %}{% elif count %}{% set line = 'x' %}{% endif %}{{ line }}",
            "line",
        ),
        ("{{ choice }}", "choice"),
        ("{% if count > 5 %}x{% endif %}", "count"),
        ("{% if 'a' in word %}x{% endif %}", "word"),
        ("{{ page and word }}", "word"),
    ],
)
def test_null_and_what_is_set_on_one_way_only_are_found(template, name):
    inputs = {
        "page": {"type": "string", "maxLength": 9},
        "choice": {"enum": ["a", None]},
        "count": {"type": ["integer", "null"]},
        "word": {"type": ["string", "null"], "maxLength": 9},
    }
    assert [found.name for found in absences(template, inputs)] == [name]


@pytest.mark.parametrize(
    "template",
    [
        "{% if page %}{% set line = 'x' %}{% else %}{% set line = 'y' %}{% endif %}{{ line }}",
        "{% set line = '' %}{% if page %}{% set line = 'x' %}{% endif %}{{ line }}",
        "{% if count is not none and count > 5 %}x{% endif %}",
        "{% if count and count > 5 %}x{% endif %}",
        "{% if word and 'a' in word %}x{% endif %}",
        "{{ word or 'none' }}",
        "{% if choice == none %}-{% else %}{{ choice }}{% endif %}",
    ],
)
def test_what_is_looked_after_is_not_told(template):
    inputs = {
        "page": {"type": "string", "maxLength": 9},
        "choice": {"enum": ["a", None]},
        "count": {"type": ["integer", "null"]},
        "word": {"type": ["string", "null"], "maxLength": 9},
    }
    assert absences(template, inputs) == ()
