"""Python's format strings print the same as Jinja2, or the difference is told."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from registry.importing.langchain.fstring import converted
from serve.core.render import compile_template


@given(
    st.lists(
        st.sampled_from(["{a}", "{b}", "{{", "}}", "{%", " %}", "{#", "#}", "text", "\n", "$", "{{a}}"]),
        max_size=12,
    ).map("".join)
)
def test_a_template_prints_what_format_prints(source: str) -> None:
    try:
        want = source.format(a="{A}", b="%}B")
    except (ValueError, KeyError, IndexError):
        return
    template, notes = converted(source, "text")
    assert notes == ()
    assert compile_template(f"{template}\n")({"a": "{A}", "b": "%}B"}) == want


@pytest.mark.parametrize("source", ["{x:.2f}", "{x!r}", "{x:>{y}}"])
def test_a_format_is_told_as_lost(source: str) -> None:
    template, notes = converted(source, "text")
    assert template == "{{ x }}"
    assert [note.level for note in notes] == ["lost"]


@pytest.mark.parametrize("source", ["{}", "{0}", "{a b}", "{ x }", "{'a'}"])
def test_a_field_without_a_name_is_text_and_told(source: str) -> None:
    template, notes = converted(source, "text")
    assert compile_template(template)({}) == source
    assert [note.level for note in notes] == ["fault"]


def test_a_lone_brace_is_a_fault_and_loses_nothing() -> None:
    template, notes = converted("a { b {x} }", "text")
    assert compile_template(template)({}) == "a { b {x} }"
    assert [note.level for note in notes] == ["fault"]


@given(st.text("{}ab.[]!:'_ 0", max_size=30))
def test_any_text_is_a_template_and_a_report(source: str) -> None:
    converted(source, "text")
