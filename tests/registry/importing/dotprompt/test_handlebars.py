"""Handlebars is read as Handlebars reads it, its white space included."""

from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from registry.importing.dotprompt.handlebars import Block, Call, Output, Partial, Path, Text, Value, parse
from registry.importing.dotprompt.handlebars_tokens import HandlebarsError, tokens_of


def test_names_lead_outwards_inwards_and_to_data() -> None:
    nodes = parse("{{../a.b}}{{this/c}}{{@root.d}}{{[odd name].e}}{{.}}")
    assert [node.call.name for node in nodes if isinstance(node, Output)] == [
        Path(("a", "b"), up=1),
        Path(("c",), scoped=True),
        Path(("root", "d"), data=True),
        Path(("odd name", "e")),
        Path((), scoped=True),
    ]


def test_arguments_are_constants_names_and_calls() -> None:
    (node,) = parse('{{f "a \\"b\\"" -1.5 true null (g x) k=\'v\' }}')
    assert isinstance(node, Output)
    assert node.call == Call(
        Path(("f",)),
        (Value('a "b"'), Value(-1.5), Value(True), Value(None), Call(Path(("g",)), (Path(("x",)),))),
        {"k": Value("v")},
    )


def test_an_else_if_is_a_block_inside() -> None:
    (node,) = parse("{{#if a}}1{{else if b}}2{{else}}3{{/if}}")
    assert isinstance(node, Block)
    (inner,) = node.inverse
    assert isinstance(inner, Block)
    assert (node.body, inner.body, inner.inverse) == ((Text("1"),), (Text("2"),), (Text("3"),))


def test_an_inverse_section_has_its_sides_swapped() -> None:
    (node,) = parse("{{^a}}1{{else}}2{{/a}}")
    assert isinstance(node, Block)
    assert (node.body, node.inverse) == ((Text("2"),), (Text("1"),))


def test_block_parameters_and_the_indent_of_a_partial() -> None:
    block, _, partial = parse("{{#each rows as |row at|}}{{/each}}\n  {{> line }}\n")
    assert isinstance(block, Block)
    assert block.names == ("row", "at")
    assert isinstance(partial, Partial)
    assert (partial.indent, partial.alone) == ("  ", True)


@pytest.mark.parametrize(
    ("source", "printed"),
    [
        ("a \n{{#if x}}\n b\n{{/if}}\nc", ["a \n", " b\n", "c"]),
        ("a {{~#if x~}} b {{~/if~}} c", ["a", "b", "c"]),
        ("a {{#if x}} b {{/if}} c", ["a ", " b ", " c"]),
        ("\\{{a}} b {{c}}", ["{{a}} b "]),
        ("\\\\{{a}} b", ["\\", " b"]),
        ("{{!-- }} --}}\nx", ["x"]),
        ("{{#if x}}\n a\n  {{else if y}}\n b\n  {{/if}}\nc", [" a\n", " b\n  ", "c"]),
    ],
)
def test_lines_that_hold_a_tag_alone_go(source: str, printed: list[str]) -> None:
    assert [token.printed for token in tokens_of(source) if token.printed] == printed


@pytest.mark.parametrize(
    ("source", "line", "problem"),
    [
        ("a\n{{#if x}}", 2, "{{#if x}} is never closed"),
        ("{{/if}}", 1, "{{/if}} closes or divides nothing"),
        ("{{#if x}}\n{{/each}}", 2, "{{/each}} closes {{#if}} of line 1"),
        ("\n\n{{ x", 3, "{{ is never closed by }}"),
        ("{{}}", 1, "{{}} names nothing"),
        ("{{a | b}}", 1, "{{a | b}} is no expression of Handlebars"),
        ("{{#> x}}{{/x}}", 1, "partial blocks and decorators are not read"),
    ],
)
def test_what_is_no_handlebars_is_named_at_its_line(source: str, line: int, problem: str) -> None:
    with pytest.raises(HandlebarsError) as caught:
        parse(source)
    assert (caught.value.line, caught.value.problem) == (line, problem)


def test_blocks_without_end_are_refused_not_followed() -> None:
    with pytest.raises(HandlebarsError):
        parse("{{#if a}}" * 500 + "{{/if}}" * 500)


PIECES = [
    "{{",
    "}}",
    "#if a",
    "/if",
    "else",
    "~",
    "\\",
    "{",
    "}",
    "!",
    "--",
    ">",
    "(",
    ")",
    '"',
    "x",
    " ",
    "\n",
    "@",
    ".",
    "=",
]


@given(st.lists(st.sampled_from(PIECES), max_size=30).map("".join))
def test_any_text_is_read_or_refused(text: str) -> None:
    with suppress(HandlebarsError):
        parse(text)
