"""A template and the one that it extends become one."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jinja2 import DictLoader, Environment

from registry.importing.templates.blocks import merged

BASE = (
    "A {% block one %}1{% endblock %} {% block two %}2{% block inner %}i{% endblock inner %}{% endblock %} Z"
)


@pytest.mark.parametrize(
    "child",
    [
        "{% extends 'base' %}",
        "{% extends 'base' %}{% block one %}new{% endblock %} ignored",
        "{% extends 'base' %}{% block one %}<{{ super() }}>{% endblock %}",
        "{% extends 'base' %}{% block inner %}I{% endblock %}",
        "{% extends 'base' %}{% block two %}T{% endblock %}{% block none %}n{% endblock %}",
        "alone {% block one %}x{% endblock %}",
    ],
)
def test_the_whole_prints_what_both_print_together(child: str) -> None:
    whole = Environment(loader=DictLoader({"base": BASE, "child": child})).get_template("child").render()
    assert Environment().from_string(merged(child, BASE)).render() == whole


def test_what_extends_an_unknown_template_is_left_as_it_is() -> None:
    child = "{% extends 'base' %}{% block one %}new{% endblock %}"
    assert merged(child, "") == child


@given(
    st.lists(
        st.sampled_from(["{% block a %}", "{% endblock %}", "{% extends 'b' %}", "{{ super() }}", "x"]),
        max_size=10,
    )
)
def test_any_text_comes_back_as_text(words: list[str]) -> None:
    assert isinstance(merged("".join(words), BASE), str)
