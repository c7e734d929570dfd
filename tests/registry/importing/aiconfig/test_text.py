"""AIConfig's Handlebars as Jinja2, and a parameter that is called like a helper stays a parameter."""

import pytest

from registry.importing.aiconfig.text import converted
from serve.core.render import compile_template


@pytest.mark.parametrize(
    ("source", "template"),
    [
        ("Hi {{name}} {{{name}}}", "Hi {{ name }} {{ name }}\n"),
        ("{{history}} {{role}} {{media}}", "{{ history }} {{ role }} {{ media }}\n"),
        ("{{a.output}} {x} {% y %}", '{{ a.output }} {x} {{ "{" }}% y %}\n'),
        ("{{#if a}}b{{else}}c{{/if}}", "{% if a %}b{% else %}c{% endif %}\n"),
    ],
)
def test_a_text_is_a_template(source, template):
    assert converted(source, {})[0] == template


def test_what_is_no_handlebars_is_text_and_a_fault():
    template, notes = converted("{{#if a}}b", {})
    assert compile_template(template)({}) == "{{#if a}}b"
    assert [note.level for note in notes] == ["fault"]
