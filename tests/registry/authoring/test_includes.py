"""Partials in place, as text, with the origin of every line."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from registry.authoring import includes
from registry.authoring.includes import DEPTH, IncludeError, Origin, expand, trace

FILES = {
    "tone.md": "Be calm.\nBe brief.\n\n",
    "outer.md": 'Start {% include "tone.md" %} end\n{% include "inner.md" %}\nLast',
    "inner.md": "Inner\r\n",
    "empty.md": "\n",
    "a.md": 'A\n  {% include "b.md" %}',
    "b.md": '{% include "a.md" %}',
    **{f"deep{n}.md": f'{{% include "deep{n + 1}.md" %}}' for n in range(DEPTH + 1)},
    f"deep{DEPTH + 1}.md": "bottom",
    "huge.md": "x" * 600_000,
}


def read(name: str) -> str:
    if name not in FILES:
        raise FileNotFoundError(name)
    return FILES[name]


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ('One\n{% include "tone.md" %}\nTwo\n', "One\nBe calm.\nBe brief.\nTwo\n"),
        ('One\n  {%- include "tone.md" -%}  \nTwo', "OneBe calm.\nBe brief.Two"),
        ("  {% include 'tone.md' %}  ", "Be calm.\nBe brief.\n"),
        ('Say: {% include "inner.md" %}!', "Say: Inner!"),
        ('One\n{% include "empty.md" %}\nTwo', "One\nTwo"),
        ('{% include "outer.md" %}', "Start Be calm.\nBe brief. end\nInner\nLast\n"),
        ('{% include "inner.md" %}{% include "inner.md" %}', "InnerInner"),
        ('{% raw %}{% include "tone.md" %}{% endraw %}', '{% raw %}{% include "tone.md" %}{% endraw %}'),
        ('{# {% include "tone.md" %} #}x', '{# {% include "tone.md" %} #}x'),
        ('{{ "{% include x %}" }}', '{{ "{% include x %}" }}'),
        ("{% if include %}", "{% if include %}"),
        ("Plain {{ x }} include", "Plain {{ x }} include"),
        ("a\r\nb\rc", "a\nb\nc"),
    ],
)
def test_a_partial_takes_the_place_of_its_tag(source, text):
    assert expand(source, read)[0] == text


def test_the_texts_of_all_partials_are_given_as_they_were_read():
    assert expand('{% include "outer.md" %}', read)[1] == {
        name: FILES[name] for name in ("outer.md", "tone.md", "inner.md")
    }


@pytest.mark.parametrize(
    ("source", "line", "problem"),
    [
        ('\n{% include "nothing.md" %}', 2, "names no file"),
        ('{% include "../tone.md" %}', 1, "plain path"),
        ('{% include "/etc/passwd" %}', 1, "plain path"),
        ('{% include "a//b.md" %}', 1, "plain path"),
        ('{% include "" %}', 1, "plain path"),
        ("x\n\n{% include name %}", 3, "plain form"),
        ('{% include ["tone.md"] %}', 1, "plain form"),
        ('{% include "tone.md" ignore missing %}', 1, "plain form"),
        ('{% include "to" ~ "ne.md" %}', 1, "plain form"),
        ('{% include "huge.md" %}{% include "huge.md" %}', 1, "longer than"),
    ],
)
def test_what_cannot_be_put_in_place_is_refused_with_its_line(source, line, problem):
    with pytest.raises(IncludeError, match=problem) as told:
        expand(source, read)
    assert told.value.line == line
    assert told.value.missing == (problem == "names no file")


def test_a_cycle_is_told_whole_and_where_it_closes():
    with pytest.raises(IncludeError, match=r"a\.md → b\.md → a\.md") as told:
        expand('{% include "a.md" %}', read)
    assert (told.value.file, told.value.line) == ("b.md", 1)


def test_five_levels_are_the_most():
    assert expand('{% include "deep2.md" %}', read)[0] == "bottom\n"
    with pytest.raises(IncludeError, match="5 levels"):
        expand('{% include "deep1.md" %}', read)


def test_every_line_knows_where_it_was_written():
    traced = trace('One\n{% include "outer.md" %}\nTwo {{ x }}', read)
    assert [(origin.file, origin.line) for origin in traced.origins] == [
        (None, 1),
        ("outer.md", 1),
        ("tone.md", 2),
        ("inner.md", 1),
        ("outer.md", 3),
        (None, 3),
    ]
    assert traced.origin(99) == Origin(None, 3)


PIECES = st.sampled_from(
    [
        '{% include "tone.md" %}',
        '{%- include "inner.md" -%}',
        "\n",
        " ",
        "text",
        "{{ x }}",
        "{% raw %}",
        "{% endraw %}",
        "{#",
        "#}",
        "{%",
        "%}",
    ]
)


@given(st.lists(PIECES, max_size=12).map("".join))
def test_there_is_one_origin_for_each_line(source):
    traced = trace(source, read)
    assert len(traced.origins) == traced.text.count("\n") + 1


@given(st.text())
def test_text_without_an_include_stays_as_it_is(text):
    assert expand(text, read)[0] == text.replace("\r\n", "\n").replace("\r", "\n")


PIECES = st.sampled_from((
    '{% include "tone.md" %}', "{% include 'tone.md' %}", '{%- include "tone.md" -%}', '{%include"tone.md"%}',
    "{% include name %}", "{% included %}", "{% if include %}", "{% endif %}", "{% raw %}", "{% endraw %}", "{{", "}}",
    "{%", "%}", "{#", "#}", "{{ x }}", "{{ include }}", "{{ 'a' }}", '{{ "{% include %}" }}', "{{ x ; y }}", "{{ x | f(1) }}",
    "{", "}", "%", "#", '"', "'", "\\", "(", ")", "!", "include", "raw", " ", "\n", "word", "{{{ x }}}", "{{ x }}}", "-%}",
))  # fmt: skip


@given(st.lists(PIECES, max_size=12).map("".join))
def test_plain_tags_are_those_that_the_lexer_finds(source):
    with pytest.MonkeyPatch.context() as patch:
        found = list(includes._tags(source))
        patch.setattr(includes, "_plain_tags", lambda _: None)
        assert found == list(includes._tags(source))


def test_the_templates_that_people_write_need_no_lexer():
    source = 'A {{ x | default("none") }}\n{% include "tone.md" %}\n{% for a in b.c %}{{ a }}, {% endfor %}'
    assert includes._plain_tags("{{ f(x) }}") is None
    assert [tag.name for tag in includes._plain_tags(source.replace('("none")', ""))] == ["tone.md"]
