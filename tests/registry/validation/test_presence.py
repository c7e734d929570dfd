"""What may be missing is told exactly where a render can fail."""

from __future__ import annotations

from itertools import product
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from registry.validation import shapes
from registry.validation.outcomes import Absence, Misfit
from registry.validation.presence import failures
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


def absences(template: str, inputs: Any) -> tuple[Absence, ...]:
    held = {name: shapes.of_input(name, schema) for name, schema in inputs.items()}
    return tuple(found for found in failures(template, held) if isinstance(found, Absence))


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


KINDS: dict[str, Any] = {
    "word": {"type": "string", "maxLength": 9},
    "tags": {"type": "array", "maxItems": 3, "items": {"type": "string", "maxLength": 9}},
    "either": {
        "oneOf": [
            {"type": "string", "maxLength": 9},
            {"type": "array", "maxItems": 2, "items": {"type": "number", "minimum": 0, "maximum": 9}},
        ]
    },
    "mixed": {"type": ["integer", "string", "boolean"], "maxLength": 4},
    "rows": {
        "type": "array",
        "maxItems": 3,
        "items": {
            "type": "object",
            "required": ["a", "b"],
            "properties": {
                "a": {"type": ["string", "number"], "maxLength": 3},
                "b": {"type": "number", "minimum": 0, "maximum": 9},
            },
        },
    },
    "loose": {"type": "object", "required": ["a"], "properties": {}},
    "named": {
        "type": "object",
        "additionalProperties": {"type": "string", "maxLength": 3},
        "required": ["a"],
    },
}


def misfits(template: str) -> list[tuple[str, tuple[str, ...]]]:
    held = {name: shapes.of_input(name, schema) for name, schema in KINDS.items()}
    return [(found.name, found.kinds) for found in failures(template, held) if isinstance(found, Misfit)]


@pytest.mark.parametrize(
    ("template", "name", "kinds"),
    [
        ("{{ either }}", "either", ("array",)),
        ("{{ tags and word }}", "tags", ("array",)),
        ("{{ word or tags }}", "tags", ("array",)),
        ("{{ word if tags else tags }}", "tags", ("array",)),
        ("{{ word | default(tags) }}{{ tags | first | default(tags) }}", "tags", ("array",)),
        ("{% if mixed > 5 %}x{% endif %}", "mixed", ("string",)),
        ("{% if word > mixed %}x{% endif %}", "mixed", ("boolean", "number")),
        ("{% if tags in named %}x{% endif %}", "tags", ("array",)),
        ("{% if mixed in word %}x{% endif %}", "mixed", ("boolean", "number")),
        ("{% if word in mixed %}x{% endif %}", "mixed", ("boolean", "number")),
        ("{{ rows | sort(attribute='a') | tojson }}", "rows[0].a", ("string",)),
        ("{{ loose.a }}", "loose.a", ("array", "null", "object")),
        ("{% set x = tags %}{% if word %}{% set x = word %}{% endif %}{{ x }}", "x", ("array",)),
        ("{{ [word, tags] | first }}", "", ("array",)),
    ],
)
def test_what_may_be_of_another_kind_is_named_with_its_kinds(template, name, kinds):
    assert misfits(template) == [(name, kinds)]


@pytest.mark.parametrize(
    "template",
    [
        "{% if either is string %}{{ either }}{% else %}{{ either | join }}{% endif %}",
        "{% if mixed is string or mixed is boolean %}{{ mixed }}{% endif %}",
        "{% if mixed is number and mixed > 5 %}x{% endif %}",
        "{% if not mixed is string and mixed > 5 %}x{% endif %}",
        "{{ rows | sort(attribute='b') | tojson }}",
        "{{ 'x' if tags else word }}",
        "{{ named.a }}",
        "{% if loose.a is string %}{{ loose.a }}{% endif %}",
        "{% if tags > ['a'] %}x{% endif %}",
    ],
)
def test_a_kind_that_a_test_leaves_out_or_that_fits_is_not_told(template):
    assert misfits(template) == []
