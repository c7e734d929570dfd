"""Mustache prints the same as Jinja2; what a section was taken for is told."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from registry.importing.samples import schema_of
from registry.importing.templates.mustache import Converter
from serve.core.render import compile_template

# what the Mustache specification demands of each template, with these values
VALUES = {
    "a": "A",
    "on": True,
    "off": False,
    "xs": ["1", "2"],
    "none": [],
    "os": [{"n": "p", "ts": ["q"]}],
    "o": {"n": "N"},
}
SPECIFIED = {
    "{{a}} {{{a}}} {{&a}} {{ a }}": "A A A A",
    "{{#on}}yes{{/on}}{{#off}}no{{/off}}{{^off}}not{{/off}}": "yesnot",
    "{{#xs}}<{{.}}>{{/xs}}{{^none}}empty{{/none}}": "<1><2>empty",
    "{{#os}}{{n}}:{{#ts}}{{.}}{{a}}{{/ts}}{{/os}}": "p:qA",
    "{{#o}}{{n}}{{a}}{{/o}} {{o.n}}": "NA N",
    "x{{! note }}y": "xy",
    "1\n{{! alone }}\n2": "1\n2",
    "1\n  {{#on}}\n  in\n  {{/on}}\n2": "1\n  in\n2",
    "1 {{#on}}\nin\n{{/on}} 2": "1 \nin\n 2",
    "{{#xs}}\n- {{.}}\n{{/xs}}\nend": "- 1\n- 2\nend",
    "{{=<% %>=}}<%a%>{{a}}<%={{ }}=%>{{a}}": "A{{a}}A",
    "\n{{=| |=}}\n|a|": "\nA",
    "{% if x %}{# y #}{{a}}": "{% if x %}{# y #}A",
    "{{{{a}}}}": None,
}


@pytest.mark.parametrize(
    ("source", "want"), [(source, want) for source, want in SPECIFIED.items() if want is not None]
)
def test_a_template_prints_what_the_specification_demands(source: str, want: str) -> None:
    converter = Converter({name: schema_of(value) for name, value in VALUES.items()})
    assert compile_template(f"{converter.converted(source)}\n")(VALUES) == want
    assert all(note.what == '& < > "' for note in converter.notes)


@pytest.mark.parametrize(
    ("source", "template", "taken_for"),
    [
        ("{{#x}}{{y}}{{/x}}", "{% for item in x %}{{ item.y }}{% endfor %}", "list"),
        ("{{#x}}{{.}}{{/x}}", "{% for item in x %}{{ item }}{% endfor %}", None),
        ("{{y}}{{#x}}{{y}}{{/x}}", "{{ y }}{% if x %}{{ y }}{% endif %}", "condition"),
        ("{{#x}}{{x}}{{/x}}", "{% if x %}{{ x }}{% endif %}", "condition"),
        ("{{#x}}words{{/x}}", "{% if x %}words{% endif %}", "condition"),
    ],
)
def test_what_a_section_was_taken_for_is_told(source: str, template: str, taken_for: str | None) -> None:
    converter = Converter({})
    assert converter.converted(source) == template
    told = [note.why for note in converter.notes if note.what.startswith("section")]
    assert len(told) == (taken_for is not None)
    assert all(f"taken for a {taken_for}" in why for why in told)


@pytest.mark.parametrize("source", ["{{/x}}", "{{#x}}", "{{x y}}", "{{#x}}{{/y}}", "{{x"])
def test_a_tag_that_is_wrong_is_a_fault(source: str) -> None:
    converter = Converter({})
    compile_template(converter.converted(source))
    assert "fault" in {note.level for note in converter.notes}


def test_a_partial_is_lost_and_told() -> None:
    converter = Converter({})
    assert converter.converted("a{{> b}}c") == "ac"
    assert [(note.level, note.what) for note in converter.notes] == [("lost", "partial b")]


@given(st.text("{}#^/!>=&.x y\n", max_size=40))
def test_any_text_is_a_template_and_a_report(source: str) -> None:
    compile_template(Converter({}).converted(source))
