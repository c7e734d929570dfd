"""Whatever the pieces, text comes out to the last space."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from registry.importing.templates.exact import JinjaText
from serve.core.render import compile_template

TEXTS = st.text(st.sampled_from(["\n", " ", "{", "}", "%", "#", "a", "-", "\t", '"']), max_size=6)
PIECES = st.lists(
    st.tuples(st.sampled_from(["text", "value", "if", "comment"]), TEXTS, st.booleans()), max_size=8
)


@given(PIECES)
def test_a_template_prints_its_pieces(pieces: list[tuple[str, str, bool]]) -> None:
    made, wanted = JinjaText(), ""
    for kind, text, alone in pieces:
        if kind == "text":
            made.text(text)
            wanted += text
        elif kind == "value":
            made.value("x")
            wanted += "<X>"
        elif kind == "comment":
            made.comment(text)
        else:
            made.tag("if yes", alone=alone)
            made.text(text)
            made.tag("endif", alone=alone)
            wanted += text
    made.text("end")
    assert compile_template(made.template())({"x": "<X>", "yes": True}) == f"{wanted}end"


def test_it_prints_once_there_is_more_than_blanks_and_tags() -> None:
    made = JinjaText()
    made.text(" \n")
    made.tag("if x")
    made.comment("c")
    assert not made.prints
    made.value("x")
    assert made.prints


def test_a_partial_at_the_beginning_of_a_line_has_it_alone() -> None:
    made = JinjaText()
    made.include("partials/a.md")
    made.text("b ")
    made.include("partials/c.md")
    assert made.template() == '{% include "partials/a.md" %}\nb {% include "partials/c.md" %}'
