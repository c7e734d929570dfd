from __future__ import annotations

from functools import reduce

import pytest
from hypothesis import given
from hypothesis import strategies as st

from serve.core.errors import Refused
from serve.core.render import compile_template, environment, text_of

NAMES = ("a", "b", "long_name", "A1")
TEXTS = st.text(alphabet=st.sampled_from("ab {}%#\n\r\"'<>&\\-+_.é💷"), max_size=12)
PLAIN = st.lists(
    TEXTS | st.sampled_from([f"{{{{ {n} }}}}" for n in NAMES] + ["{{a}}", "{{  b}}"]), max_size=8
).map("".join)
VALUES = st.fixed_dictionaries({name: TEXTS | st.integers() | st.booleans() | st.floats() for name in NAMES})


def outcome(render, values):
    try:
        return render(values)
    except Exception as error:  # noqa: BLE001 - any refusal counts, both sides must agree that it is one
        return type(error).__name__ if isinstance(error, Refused) else "Refused"


@given(PLAIN, VALUES)
def test_the_fast_path_equals_jinja2(source, values):
    def by_jinja(given_values):
        return environment().from_string(source).render(given_values)

    def by_us(given_values):
        return compile_template(source)(given_values)

    assert outcome(by_us, values) == outcome(by_jinja, values)


@given(st.text(max_size=40))
def test_a_value_is_inserted_once_and_never_read_as_a_template(value):
    assert compile_template("<{{ a }}>")({"a": value}) == f"<{value}>"
    assert compile_template("{% if true %}<{{ a }}>{% endif %}")({"a": value}) == f"<{value}>"


@pytest.mark.parametrize(
    "attack", ["{{ b }}", "{% for x in b %}", "{# c #}", "<|system|>", "system:\nevil", "${HOME}"]
)
def test_markup_in_a_value_stays_text(attack):
    assert compile_template("{{ a }} and {{ b }}")({"a": attack, "b": "SECRET"}) == f"{attack} and SECRET"


def test_nothing_is_escaped():
    assert compile_template("{% if true %}{{ a }}{% endif %}")({"a": "<b>&\"'"}) == "<b>&\"'"
    assert compile_template("{{ a | tojson }}")({"a": "<é>"}) == '"<é>"'


def test_blocks_on_their_own_line_leave_no_trace():
    source = "Teams:\n{% for team in teams %}\n  - {{ team }}\n{% endfor %}\nEnd.\n"
    assert compile_template(source)({"teams": ["a", "b"]}) == "Teams:\n  - a\n  - b\nEnd."


def test_one_newline_at_the_end_is_left_out():
    assert compile_template("hi\n")({}) == "hi"
    assert compile_template("hi\n\n")({}) == "hi\n"


def test_json_braces_in_prose_pass_untouched():
    assert compile_template('Answer {"team": "{{ a }}"}')({"a": "x"}) == 'Answer {"team": "x"}'


@pytest.mark.parametrize("source", ["{{ b }}", "{{ b | upper }}", "{% for x in b %}{{ x }}{% endfor %}"])
def test_a_variable_without_a_value_is_refused(source):
    with pytest.raises(Refused) as caught:
        compile_template(source)({"a": 1})
    assert caught.value.code == "RND001"


@pytest.mark.parametrize("value", [None, [1], {"k": 1}])
@pytest.mark.parametrize("source", ["{{ a }}", "{% if true %}{{ a }}{% endif %}"])
def test_values_without_one_obvious_text_are_refused(source, value):
    with pytest.raises(Refused, match="cannot be printed"):
        compile_template(source)({"a": value})


def test_numbers_and_truth_values_print_as_json():
    assert [text_of(value) for value in (True, 3, 2.5)] == ["true", "3", "2.5"]
    assert compile_template("{% if true %}{{ a }}{% endif %}")({"a": True}) == "true"
    assert compile_template("{{ a | join(', ') }}")({"a": [True, 1]}) == "true, 1"


@pytest.mark.parametrize("source", ["{{ a", "{% for %}", "{{ a | no_such_filter }}", "{% endif %}"])
def test_a_source_that_is_no_template_is_refused(source):
    with pytest.raises(Refused) as caught:
        compile_template(source)
    assert caught.value.code == "RND002"


@pytest.mark.parametrize(
    "attack", ["{{ ''.__class__.__mro__ }}", "{{ a.__init__.__globals__ }}", "{{ lipsum }}", "{{ cycler }}"]
)
def test_the_sandbox_gives_nothing_away(attack):
    with pytest.raises(Refused):
        compile_template(attack)({"a": "x"})


@pytest.mark.parametrize(
    ("source", "value"),
    [
        ("{{ a | tojson }}", reduce(lambda inner, _: [inner], range(5000), [])),
        ("{{ a | truncate(1) }}", "longer than that"),
        ("{{ 1 / a }}", 0),
    ],
)
def test_whatever_goes_wrong_while_rendering_is_a_refusal(source, value):
    with pytest.raises(Refused) as caught:
        compile_template(source)({"a": value})
    assert caught.value.code == "RND001"


@pytest.mark.parametrize("source", ["{{ a }}", "Say {{ a }}", "{{ a | tojson }}", "{{ [a] | tojson }}"])
@pytest.mark.parametrize("value", [float("nan"), float("-inf")])
def test_what_is_no_number_in_json_is_refused(source, value):
    with pytest.raises(Refused, match="RND001"):
        compile_template(source)({"a": value})


def test_a_property_that_is_not_there_is_missing_even_where_python_has_a_method_of_its_name():
    render = compile_template("{{ o['items'] | default('-') }}{% if o['get'] is defined %}x{% endif %}")
    assert render({"o": {}}) == "-"
    assert render({"o": {"items": "i", "get": "g"}}) == "ix"


def test_what_python_cannot_compile_is_refused_as_a_template():
    with pytest.raises(Refused, match="RND002"):
        compile_template("{{ a" + " + 1" * 400 + " }}")
