"""A template of ours renders the same in a Jinja2 that trims nothing and keeps the last newline."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jinja2.sandbox import ImmutableSandboxedEnvironment

from registry.importing.export.jinja import plain_jinja
from registry.importing.export.port import Unheld
from serve.core.render import compile_template

OTHER = ImmutableSandboxedEnvironment(keep_trailing_newline=True)
INPUTS: Any = {
    "name": {"type": "string"},
    "count": {"type": "integer"},
    "flag": {"type": "boolean"},
    "either": {"type": ["boolean", "string"]},
    "items": {"type": "array", "items": {"type": "string"}},
    "docs": {
        "type": "array",
        "items": {
            "type": "object",
            "properties": {
                "title": {"type": "string"},
                "new": {"type": "boolean"},
                "note": {"type": "string"},
            },
        },
    },
    "who": {"type": "object", "properties": {"first": {"type": "string"}}},
}
VALUES = {
    "name": "A <b> & {{ c }}", "count": 3, "flag": True, "either": "x", "items": ["x", "y"],
    "docs": [{"title": "T", "new": False, "note": "n"}, {"title": "U", "new": True}], "who": {"first": "Ada"},
}  # fmt: skip
EXPRESSIONS = [
    "name", "count", "flag", "who.first", "who['first']", "items | join(', ')", "name | upper | trim", "items[0]",
    "name | replace('A', '\"')", "docs[0].new", "name | default('nobody')", "'x' if flag else 'y'", "items | length",
    "flag | tojson", "count | tojson", "items | first", "name | truncate(5)", "'{' ", "not flag", "count == 3 and flag",
]  # fmt: skip
PIECE = st.one_of(
    st.text(st.sampled_from("ab \n{}%#\\'\"é"), max_size=6).filter(
        lambda text: not any(it in text for it in ("{{", "{%", "{#", "%}", "#}"))
    ),
    st.sampled_from(EXPRESSIONS).map(lambda text: f"{{{{ {text} }}}}"),
)
TEMPLATE = st.recursive(
    PIECE,
    lambda inner: st.one_of(
        st.lists(inner, max_size=4).map("".join),
        inner.map(lambda body: f"{{% if flag %}}{body}{{% elif count > 2 %}}e{{% else %}}no\n{{% endif %}}\n"),
        inner.map(lambda body: "  {% for item in items %}\n" + body + "{{ loop.index }}{{ loop.last }}{% else %}none{% endfor %}"),
        inner.map(lambda body: f"{{% for doc in docs if doc.new %}}{{{{ doc.title }}}}{{{{ doc.new }}}}{body}{{% endfor %}}\n"),
        inner.map(lambda body: f"{{% set it = name %}}{{{{ it }}}}{body}"),
    ),
    max_leaves=8,
)  # fmt: skip


def theirs(template: str, values: dict[str, Any] = VALUES) -> str:
    return OTHER.from_string(plain_jinja(template, INPUTS)).render(values)


@given(TEMPLATE)
def test_any_template_renders_the_same_there(template: str) -> None:
    from jinja2 import TemplateSyntaxError

    from serve.core.render import environment

    try:
        environment().parse(template)
    except TemplateSyntaxError:  # two pieces made a tag together
        return
    assert theirs(template) == compile_template(template)(VALUES)


@pytest.mark.parametrize(
    "template",
    ["a\n", "a\n\n", "{% if flag %}\nyes\n{% endif %}\nend\n", "{ {{ name }} }", "{{ '{' }}{ x }}",
     "{% raw %}{{ x }}{% endraw %}", "x {#- c -#} y"],
)  # fmt: skip
def test_white_space_and_braces_stay(template: str) -> None:
    assert theirs(template) == compile_template(template)(VALUES)


@pytest.mark.parametrize(
    ("template", "what"),
    [
        ("{{ docs | tojson }}", "tojson"),
        ("{{ either }}", "true or false"),
        ("{{ docs | join }}", "join"),
        ("a\n{% macro m() %}{% endmacro %}", "macro"),
    ],
)
def test_what_another_jinja_writes_otherwise_is_refused(template: str, what: str) -> None:
    with pytest.raises(Unheld) as caught:
        plain_jinja(template, INPUTS)
    assert what in caught.value.what
    assert caught.value.line == template.count("\n") + 1
