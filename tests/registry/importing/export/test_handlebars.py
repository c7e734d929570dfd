"""Templates of ours as Handlebars: read back by our reader of dotprompt, they render the same."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from registry.importing.export.handlebars import handlebars
from registry.importing.export.port import Unheld

INPUTS: Any = {
    "name": {"type": "string"},
    "flag": {"type": "boolean"},
    "items": {"type": "array", "items": {"type": "string"}},
    "docs": {
        "type": "array",
        "items": {
            "type": "object",
            "properties": {
                "title": {"type": "string"},
                "tags": {"type": "array", "items": {"type": "string"}},
            },
        },
    },
    "who": {"type": "object", "properties": {"first": {"type": "string"}, "last-name": {"type": "string"}}},
}


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        ("Hello {{ name }}!", "Hello {{name}}!"),
        ("{{ who.first }} {{ who['last-name'] }}", "{{who.first}} {{who.[last-name]}}"),
        ("{% if flag %}yes{% endif %}", "{{#if flag}}\nyes{{/if}}"),
        ("is {% if flag %}yes{% else %}no{% endif %}.", "is {{#if flag}}yes{{else}}no{{/if}}."),
        ("{% if not flag %}\nno\n{% endif %}\nend", "{{#unless flag}}\nno\n{{/unless}}\nend"),
        ("a {% if name == 'x' %}1{% elif flag %}2{% endif %}",
         'a {{#ifEquals name "x"}}1{{else}}{{#if flag}}2{{/if}}{{/ifEquals}}'),
        ("a {% if name != 'say \"x\"' %}1{% endif %}", "a {{#unlessEquals name 'say \"x\"'}}1{{/unlessEquals}}"),
        ("a {% if flag and name %}1{% endif %}", "a {{#if flag}}{{#if name}}1{{/if}}{{/if}}"),
        ("{% for x in items %}\n- {{ x }}\n{% endfor %}", "{{#each items}}\n- {{this}}\n{{/each}}\n"),
        ("{% for x in items %}{{ loop.index0 }}{{ x }} of {{ name }};{% else %}none{% endfor %}",
         "{{#each items}}\n{{@index}}{{this}} of {{@root.name}};{{else}}none{{/each}}"),
        ("{% for d in docs %}{% for t in d.tags %}{{ d.title }}{{ t }}{% endfor %}{% endfor %}",
         "{{#each docs as |d|}}\n{{#each d.tags}}\n{{d.title}}{{this}}{{/each}}{{/each}}"),
        ("{% for d in docs %}{% for t in d.tags | default([]) %}{{ t }}{% endfor %}{% endfor %}",
         "{{#each docs}}\n{{#each this.tags}}\n{{this}}{{/each}}{{/each}}"),
        ("All: {{ items | join(', ') }}", "All: {{#each items}}{{#unless @first}}, {{/unless}}{{this}}{{/each}}"),
        ("{{ 'a' if flag else 'b' }}", "{{#if flag}}\na{{else}}b{{/if}}"),
        ("{{ '{' }}{name}} and {{ '{' }}{ x }}", "\\{{name}} and \\{{ x }}"),
        ("{{ name }}}", "{{name}}{{!}}}"),
        ("C:\\{{ name }}", "C:\\\\{{name}}"),
    ],
)  # fmt: skip
def test_a_template_is_written_so(ours: str, theirs: str) -> None:
    assert handlebars(ours, INPUTS) == theirs


@pytest.mark.parametrize(
    ("template", "what"),
    [
        ("{{ name | upper }}", "the filter upper"),
        ("{% for x in items %}{{ loop.index }}{% endfor %}", "loop.index"),
        ("{% for x in items if x %}{% endfor %}", "with a condition"),
        ("{% for x in who %}{% endfor %}", "keys of an object"),
        ("{% if who %}x{% endif %}", "an object is empty"),
        ("{% if name or flag %}x{% endif %}", "or"),
        ("{% if flag and name %}x{% else %}y{% endif %}", "and"),
        ("{% if name == 'a{{b' %}x{% endif %}", "cannot quote"),
        ("{% if flag is defined %}x{% endif %}", "test"),
        ("{% set a = name %}{{ a }}", "assign"),
        ("{{ name | default('x') }}", "default"),
        ("{{ '{' }}{{ name }}", "three braces"),
        ("a\n  {%+ if flag %}\n\nb{% endif %}", "spaces"),
        ("{{ items | join(name) }}", "no constant"),
    ],
)
def test_what_handlebars_has_not_is_refused(template: str, what: str) -> None:
    with pytest.raises(Unheld) as caught:
        handlebars(template, INPUTS)
    assert what in caught.value.what


WORDS = st.text(st.sampled_from("ab \n}%#'\"é."), max_size=8)
TEMPLATE = st.recursive(
    st.one_of(WORDS, st.sampled_from(["{{ name }}", "{{ who.first }}", "{{ items | join('; ') }}", "{{ flag }}"])),
    lambda inner: st.one_of(
        st.lists(inner, max_size=4).map("".join),
        inner.map(lambda body: f"{{% if flag %}}{body}{{% else %}}no\n{{% endif %}}\n"),
        inner.map(lambda body: f"{{% for item in items %}}\n{body}{{{{ item }}}}{{{{ name }}}}{{% endfor %}}\n"),
        inner.map(
            lambda body: "x{% for doc in docs %}{% for t in doc.tags %}{{ doc.title }}{{ t }}{% endfor %}" + body + "{% endfor %}"
        ),
    ),
    max_leaves=8,
)  # fmt: skip
VALUES = {
    "name": "N", "flag": True, "items": ["x", "y"], "who": {"first": "Ada", "last-name": "L"},
    "docs": [{"title": "T", "tags": ["1", "2"]}, {"title": "U", "tags": []}],
}  # fmt: skip


@given(TEMPLATE)
def test_our_reader_of_dotprompt_renders_it_the_same(template: str) -> None:
    from jinja2 import TemplateSyntaxError

    from registry.importing.dotprompt import reader as dotprompt
    from registry.importing.port import Foreign
    from serve.core.render import compile_template

    whole = f"begin {template} end"
    try:
        want = compile_template(whole)(VALUES)
        text = handlebars(whole, INPUTS)
    except (TemplateSyntaxError, Unheld):
        return
    except Exception as error:  # noqa: BLE001  # ours refuses what is no template
        assert "RND002" in str(error)  # noqa: PT017
        return
    imported = dotprompt.read(Foreign("a.prompt", text.encode(), lambda _: None), entry_id="a")
    content = next(entry for entry in imported.entries if entry.kind == "prompt").data["messages"][0][
        "content"
    ]
    assert compile_template(content)(VALUES) == want
