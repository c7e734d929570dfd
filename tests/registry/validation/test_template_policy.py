"""The whitelist against the attacks it was made for, and a size bound that no rendering beats."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.work import ending

from registry.validation.template_policy import Use, examine
from serve.core.errors import Refused
from serve.core.render import FILTERS, TESTS, compile_template

PASSAGE = {
    "type": "object",
    "additionalProperties": False,
    "required": ["id", "text"],
    "properties": {
        "id": {"type": "integer", "minimum": 0, "maximum": 99},
        "text": {"type": "string", "maxLength": 30},
        "items": {"type": "string", "maxLength": 3},
    },
}
INPUTS = {
    "ticket": {"type": "string", "maxLength": 80, "trust": "user"},
    "free": {"type": "string"},
    "count": {"type": "integer"},
    "urgent": {"type": "boolean"},
    "tone": {"enum": ["warm", "plain"]},
    "teams": {"type": "array", "items": {"type": "string", "maxLength": 10}, "maxItems": 4},
    "passages": {"type": "array", "items": PASSAGE, "maxItems": 3},
    "loose": {"type": "array", "items": {"type": "string"}},
}
ATTACKS = [
    "{{ ''.__class__.__mro__ }}",
    "{{ ticket.__init__ }}",
    "{{ ticket['__class__'] }}",
    "{{ self._TemplateReference__context }}",
    "{{ cycler.__init__.__globals__ }}",
    "{{ range(999999999) }}",
    "{{ lipsum(999) }}",
    "{{ 'a' * 999999999 }}",
    "{{ '%999999999d' % 1 }}",
    "{{ ticket ~ ticket }}",
    "{{ ticket + ticket }}",
    "{{ 9 ** 9 ** 9 }}",
    "{{ 1 / 0 }}",
    "{{ ticket | center(999999999) }}",
    "{{ '{:999999999}' | format(1) }}",
    "{{ ticket | replace('', 'aaaaaaaa') }}",
    "{{ ticket | replace('a', 'aa') | replace('a', 'aa') }}",
    "{{ (ticket | replace('a', 'aa') | upper) | replace('a', 'aa') }}",
    "{{ ticket | replace('a', ticket) }}",
    "{{ ticket | indent(999999999) }}",
    "{{ ticket | indent(ticket) }}",
    "{{ teams | join(ticket) }}",
    "{{ ticket | join(', ') }}",
    "{{ ticket | truncate(5, end='..........') }}",
    "{{ ticket | map('upper') }}",
    "{{ ticket | attr('__class__') }}",
    "{{ teams | sort(attribute=ticket) }}",
    "{% for a in ticket %}x{% endfor %}",
    "{% for a in free %}x{% endfor %}",
    "{% for a in teams %}{% for b in teams %}{% for c in teams %}x{% endfor %}{% endfor %}{% endfor %}",
    "{% for a in teams recursive %}{{ loop(teams) }}{% endfor %}",
    "{% for a in teams %}{% set x = a %}{% endfor %}",
    "{% for a, b in passages %}x{% endfor %}",
    "{% set ns = namespace(x=1) %}",
    "{% set ns.x = 1 %}",
    "{% set a, b = teams %}",
    "{% set x %}text{% endset %}",
    "{% macro m() %}{% endmacro %}",
    "{% call ticket() %}{% endcall %}",
    "{% import 'a.md' as a %}",
    "{% from 'a.md' import b %}",
    "{% extends 'a.md' %}",
    "{% block b %}{% endblock %}",
    "{% include ticket %}",
    "{% filter upper %}x{% endfilter %}",
    "{% with a = 1 %}{% endwith %}",
    "{% autoescape true %}{% endautoescape %}",
    "{% if ticket is divisibleby 2 %}{% endif %}",
    "{% for p in passages %}{{ p.items }}{% endfor %}",
    "{% for p in passages %}{{ p.nothing }}{% endfor %}",
    "{{ ticket.upper }}",
    "{{ ticket[0:5] }}",
    "{{ teams[count] }}",
    "{{ {'a': 1} }}",
    "{{ teams }}",
    "{{ teams | upper }}",
    "{{ none }}",
    "{{ " + "(" * 2000 + "1" + ")" * 2000 + " }}",
    "{{ " + "9" * 5000 + " }}",
    "{% if urgent %}" * 30 + "{% endif %}" * 30,
    "{{ ticket",
    "{% if ticket %}",
    "{% endfor %}",
]
HARMLESS = [
    "",
    "Plain text with { braces } and 100 %.",
    "{{ ticket }}",
    "{% for team in teams %}{{ loop.index }}. {{ team }}{% if not loop.last %}, {% endif %}{% endfor %}",
    "{% for p in passages %}[{{ p.id }}] {{ p.text }}{{ p['items'] | default('') }}{% endfor %}",
    "{% for a in teams %}{% for p in passages if p.id > 1 %}{{ a }}{{ p.text }}{% endfor %}{% else %}b{% endfor %}",
    "{% if ticket | length > 5 and urgent %}a{% elif tone == 'warm' %}b{% else %}c{% endif %}",
    "{% set short = ticket | truncate(20) %}{{ short }}{{ short | upper | trim }}",
    "{{ count + 1 }} {{ -count }} {{ count - 2 }}",
    "{{ teams | sort | join(', ') }} {{ teams | first }} {{ teams | last }} {{ teams[0] }}",
    "{{ passages[0].text }}",
    "{{ passages | tojson }} {{ ticket | tojson }} {{ urgent | tojson }}",
    "{{ ticket | replace('a', 'bbb') | indent(2, true) }} {{ tone | title }} {{ ticket | lower }}",
    "{{ free | truncate(10) }} {{ 'a' if urgent else 'b' }} {{ tone or 'plain' }}",
    "{% if tone is string and count is number and tone in ['warm'] and tone is not none %}x{% endif %}",
    "{% raw %}{{ anything() ** 9 }}{% endraw %}{# {{ a.b() }} #}",
]


@pytest.mark.parametrize("template", ATTACKS, ids=range(len(ATTACKS)))
def test_an_attack_is_refused_with_a_line_and_a_way_out(template):
    faults = examine(f"\n{template}", INPUTS).faults
    assert faults
    assert all(fault.problem and fault.hint and fault.line in (1, 2) for fault in faults)


@pytest.mark.parametrize("template", HARMLESS, ids=range(len(HARMLESS)))
def test_what_prompts_need_is_allowed_and_bounded(template):
    found = examine(template, INPUTS)
    assert found.faults == ()
    assert found.bound is not None


def test_doubling_by_set_is_caught_by_the_bound():
    doubled = "{% set x = [ticket, ticket] | join %}" + "{% set x = [x, x] | join %}" * 30
    assert examine(f"{doubled}{{{{ x | length }}}}", INPUTS).bound > 10**9


@pytest.mark.parametrize(
    ("template", "path", "key"),
    [
        ("{{ free }}", "free", "maxLength"),
        ("{{ free | upper }}", "free", "maxLength"),
        ("{% for x in loose %}-{% endfor %}", "loose", "maxItems"),
        ("{{ loose | join }}", "loose", "maxItems"),
        ("{{ loose | first }}", "loose[]", "maxLength"),
        ("{{ free if urgent else 'x' }}", "free", "maxLength"),
    ],
)
def test_a_size_without_bound_names_the_key_that_would_bound_it(template, path, key):
    found = examine(f"one\n{template}", INPUTS)
    assert found.bound is None
    assert [(gap.line, gap.size.path, gap.size.key) for gap in found.gaps] == [(2, path, key)]


def test_loops_that_print_nothing_are_bounded_too():
    idle = "{% for a in many %}{% for b in many %}{% endfor %}{% endfor %}"
    many = {"type": "array", "items": {"type": "boolean"}}
    assert examine(idle, {"many": many}).bound is None
    assert examine(idle, {"many": many | {"maxItems": 10_000}}).bound == 10**8


def test_a_condition_on_unbounded_text_is_no_gap():
    assert examine("{% if free == 'x' %}a{% endif %}{{ free | length }}", INPUTS).gaps == ()


def test_variables_are_told_apart_from_names_of_the_template():
    found = examine(
        "{% set a = ticket %}\n{% for t in teams %}{{ t }}{{ a }}{{ loop.index }}{% endfor %}\n{{ b }}",
        INPUTS,
    )
    assert found.uses == (Use("ticket", 1), Use("teams", 2), Use("b", 3))
    assert found.faults == ()


def test_only_what_reaches_the_text_counts_as_printed():
    template = (
        "{% if ticket %}{{ ticket | length }}{{ urgent }}{% endif %}\n{% set a = ticket | trim %}{{ a }}"
    )
    assert examine(template, INPUTS).prints == (Use("urgent", 1), Use("ticket", 2))


def test_every_filter_and_test_of_the_run_time_is_known():
    base = dict.fromkeys(("join", "sort", "first", "last"), "teams")
    arguments = {"replace": "('a', 'b')"}
    for name in FILTERS:
        template = f"{{{{ {base.get(name, 'ticket')} | {name}{arguments.get(name, '')} | tojson }}}}"
        assert examine(template, INPUTS).faults == ()
    for name in TESTS:
        argument = {"in": " ['a']", "eq": " 'a'", "ne": " 'a'"}.get(name, "")
        assert examine(f"{{% if tone is {name}{argument} %}}x{{% endif %}}", INPUTS).faults == ()


TEXT = st.text(max_size=80) | st.text(alphabet='aßΐ \n\t\x00"\\', max_size=80)
VALUES = st.fixed_dictionaries(
    {
        "ticket": TEXT,
        "free": TEXT,
        "count": st.integers(),
        "urgent": st.booleans(),
        "tone": st.sampled_from(["warm", "plain"]),
        "teams": st.lists(TEXT.map(lambda text: text[:10]), max_size=4),
        "passages": st.lists(
            st.fixed_dictionaries({"id": st.integers(0, 99), "text": TEXT.map(lambda text: text[:30])}),
            max_size=3,
        ),
        "loose": st.lists(TEXT, max_size=3),
    }
)
TEXTS = st.sampled_from(
    ["ticket", "tone", "free | truncate(9)", "teams | join('; ')", "'a' if urgent else ticket"]
)
CHANGES = st.sampled_from(
    ["upper", "lower", "title", "trim", "indent", "indent(7, true, true)", "replace('a', 'bcd')",
     "replace('ab', 'c')", "truncate(12)", "truncate(12, true, '…', 0)", "tojson", "default('x', true)"]
)  # fmt: skip
PRINTS = st.builds(
    lambda text, change, other: f"{{{{ ({text}) | {change} | {other} }}}}", TEXTS, CHANGES, CHANGES
)
OTHERS = st.sampled_from(
    [*HARMLESS, "{{ passages | sort(attribute='id') | tojson }}", "{{ [ticket, tone] | join('--') }}"]
)
LOOPS = st.builds(
    lambda over, body: f"{{% for item in {over} %}}{body}{{{{ loop.revindex }}}}\n{{% endfor %}}",
    st.sampled_from(["teams", "passages", "teams | sort"]),
    PRINTS,
)
TEMPLATES = st.lists(st.one_of(PRINTS, LOOPS, OTHERS, st.just("\n"), st.just("text ")), max_size=5).map(
    "".join
)


@given(TEMPLATES, VALUES)
def test_no_rendering_is_longer_than_the_bound(template, values):
    found = examine(template, INPUTS)
    if found.faults or found.bound is None:
        return
    try:
        text = compile_template(template)(values)
    except Refused:
        return
    assert len(text) <= found.bound, json.dumps(values)


@given(st.text() | st.text(alphabet="{%}# abcticket|.()[]'\"-+~*\n"))
def test_any_text_is_examined_without_a_crash(template):
    assert examine(template, INPUTS) is not None


def test_an_input_named_self_is_refused_since_jinja2_keeps_that_name():
    (fault,) = examine("{{ self }}", {"self": {"type": "string", "maxLength": 9}}).faults
    assert "self" in fault.problem


@pytest.mark.parametrize(
    ("template", "hint"),
    [
        ("{% if ticket %}{{ ticket }}", "Close {% if %} with {% endif %}."),
        ("{% for team in teams %}{% if team %}{% endfor %}", "Close {% if %} with {% endif %}."),
        ("{{ ticket", "Text with {{ or {% goes into {% raw %} … {% endraw %}."),
    ],
)
def test_what_is_not_jinja2_is_told_with_a_way_out(template, hint):
    (fault,) = examine(template, INPUTS).faults
    assert fault.problem.startswith("this is not Jinja2")
    assert fault.hint == hint


def test_a_list_that_is_printed_as_it_is_is_named():
    (fault,) = examine("{{ teams }}", INPUTS).faults
    assert fault.problem == "a list, an object or null, such as teams, cannot be printed as it is"


LONG = {"type": "string", "maxLength": 100}
WIDE = {"type": ["array", "object"], "items": LONG, "maxItems": 2, "additionalProperties": False}
EITHER = {
    "anyOf": [
        {"type": "object", "properties": {"x": {"const": "ab"}}, "additionalProperties": False},
        {"type": "object", "properties": {"y": LONG}},
    ]
}
CLOSED = {
    "type": "object",
    "additionalProperties": False,
    "properties": {"a": LONG, "b": LONG},
    "allOf": [{"properties": {"b": LONG}}],
}


@pytest.mark.parametrize(
    ("template", "schema", "value"),
    [
        ("{% if false %}{% set x = 'a' %}{% endif %}{{ x }}", LONG, "q" * 100),
        ("{% if true %}{% else %}{% set x = 'a' %}{% endif %}{{ x | tojson }}", LONG, "\0" * 100),
        ("{% for y in x %}{{ y }}{% endfor %}", WIDE, ["q" * 100] * 2),
        ("{{ x | tojson }}", WIDE, ["\0" * 100] * 2),
        ("{{ x.x }}", EITHER, {"x": "q" * 1000}),
        ("{{ x[0] }}", {}, ["q" * 1000]),
        ("{{ x[0][0] }}", {"type": "array", "maxItems": 1}, [["q" * 1000]]),
        ("{{ x | tojson }}", CLOSED, {"a": "\0" * 100, "b": "\0" * 100}),
    ],
)
def test_no_way_to_write_a_schema_or_a_branch_hides_a_size(template, schema, value):
    bound = examine(template, {"x": schema}).bound
    assert bound is None or bound >= len(compile_template(template)({"x": value}))


def test_words_of_a_stranger_are_seen_behind_a_branch_that_may_replace_them():
    template = "{% if urgent %}{% set ticket = 'none' %}{% endif %}{{ ticket }}"
    assert [use.name for use in examine(template, INPUTS).prints] == ["ticket"]


@pytest.mark.parametrize(
    "template",
    [
        "{{ mixed | upper }}",
        "{{ mixed | trim }}",
        "{{ count | truncate(5) }}",
        "{{ urgent | indent }}",
        "{{ count | length }}",
        "{{ passages | sort | tojson }}",
        "{{ various | sort | tojson }}",
        "{{ various | join(', ') }}",
        "{{ ticket | trim(5) }}",
        "{{ ticket | replace('a', 'b', 'c') }}",
        "{{ teams | sort(reverse='yes') | join }}",
        "{{ ticket | default('a', 'b', 'c') }}",
        "{{ ticket | default('a', urgent) }}",
        "{{ ticket | default(no=1) }}",
        "{% if ticket > 5 %}x{% endif %}",
        "{% if teams < 5 %}x{% endif %}",
        "{% if 'a' in count %}x{% endif %}",
        "{% if 5 in ticket %}x{% endif %}",
        "{% if 5 is in ticket %}x{% endif %}",
        "{% if ticket is eq %}x{% endif %}",
        "{% if ticket is string 5 %}x{% endif %}",
        "{{ 'a' if urgent }}",
        "{{ teams[4] }}",
        "{{ [][0] }}",
        "{{ [] | first }}",
    ],
)
def test_what_fails_for_every_call_or_for_some_that_no_test_can_keep_away_is_refused(template):
    inputs = {
        **INPUTS,
        "mixed": {"type": ["string", "object"], "maxLength": 9},
        "various": {"type": "array", "maxItems": 3, "items": {"type": ["string", "null"], "maxLength": 9}},
    }
    assert examine(template, inputs).faults


@pytest.mark.parametrize("text", ["{" * 1_000_000, "{% " * 300_000, "{{ a " * 200_000 + "}}"])
def test_many_openings_are_looked_through_at_once(text):
    with ending():
        assert examine(text, {}).faults


def test_a_tag_may_be_as_long_as_the_limit_and_no_longer():
    assert examine("{{ '" + "a" * (4000 - 6) + "' }}", {}).faults == ()
    assert "longer than" in examine("{{ '" + "a" * (4000 - 4) + "' }}", {}).faults[0].problem


@pytest.mark.parametrize(
    ("template", "problem"),
    [
        ("{% for t in teams if loop.first %}x{% endfor %}", "before the loop"),
        ("{% for t in teams %}{{ loop | tojson }}{% endfor %}", "no value of its own"),
        ("{% for t in teams %}{% for x in loop %}x{% endfor %}{% endfor %}", "no value of its own"),
        ("{% for t in teams %}{{ loop.previtem }}{% endfor %}", "no declared property previtem"),
        ("{% for loop in teams %}x{% endfor %}", "Jinja2's own"),
        ("{{ 1e999 }}", "too large"),
        ("{{ " + "9" * 400 + " + 0.5 }}", "too large"),
        ("{{ count" + " + 1" * 60 + " }}", "nests too deeply"),
        ("{{ ticket" + " | trim" * 60 + " }}", "nests too deeply"),
        ("{% if urgent %}" + "{% elif ticket %}x" * 60 + "{% endif %}", "branches at most"),
        ("{% set x = count %}" + "{% set x = x + x %}" * 40 + "{{ x }}", "greater than any number"),
        ("{{ '\\ud800' }}", "half of a character"),
        ("{% for t in teams %}{{ ticket }}{% endfor %}{% set ticket = 'a' %}", "after a loop that reads it"),
        ("{{ ticket | replace('a', 'b', 99999999999999999999) }}", "number of times"),
        ("{{ passages | sort(attribute='') | tojson }}", "name of a property"),
    ],
)
def test_what_compiles_or_renders_for_no_one_or_not_for_all_is_refused(template, problem):
    assert problem in "; ".join(fault.problem for fault in examine(template, INPUTS).faults)
