"""What looks like a variable: only declared names, only plain text, and no tags around a text."""

from __future__ import annotations

import pytest

from registry.validation.lookalikes import Lookalike, lookalikes


def names(template: str, used: tuple[str, ...] = ()) -> list[str]:
    return [found.written for found in lookalikes(template, ("name",), used)]


@pytest.mark.parametrize(
    "written", ["{name}", "${name}", "$name", "{ {name} }", "[[name]]", "%name%", "<name>"]
)
def test_a_declared_name_in_other_brackets_is_found(written):
    assert names(f"Dear {written},") == [written]


@pytest.mark.parametrize(
    "text",
    ["{{ name }}", "{other}", '{"name": 1}', "{% raw %}{name}{% endraw %}", "{# {name} #}", "<name>{{ name }}</name>",
     "{% if name %}x{% endif %}", "plain name", "$5", "100%", "{% broken"],
)  # fmt: skip
def test_everything_else_passes(text):
    assert names(text) == []


def test_a_tag_of_a_used_name_is_a_tag():
    assert names("<name> is here", used=("name",)) == []


def test_the_line_is_counted_in_the_template():
    assert list(lookalikes("a\n{{ x }}\nb {name}\n{name}", ("name",), ())) == [
        Lookalike("name", "{name}", 3),
        Lookalike("name", "{name}", 4),
    ]
