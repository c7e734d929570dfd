r"""Our templates as Handlebars: look-ups, conditions and loops, with the same white space.

A tag that would stand on a line of its own gets that line, which Handlebars takes away again; any other stays
where it is. Filters, sums and counting from one have no place there.
Source: the grammar and the white-space rules of Handlebars 4.
It must never write a template that renders to anything else.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from jinja2 import nodes

from registry.importing.export.port import Unheld
from registry.importing.export.text import Scope, item_of, path_of
from serve.core.model import Json
from serve.core.render import environment

_LOOP = {"index0": "@index", "first": "@first", "last": "@last"}
_KEY = re.compile(r"[A-Za-z_][A-Za-z0-9_]*\Z")
_BLANK_LINE_AHEAD = re.compile(r"[ \t]*(\n|\Z)")


@dataclass(frozen=True, slots=True)
class Token:
    """Text as it is rendered, a value in its braces, or a tag that prints nothing."""

    kind: Literal["text", "value", "tag"]
    text: str


def handlebars(template: str, inputs: Mapping[str, Mapping[str, Json]]) -> str:
    """The template in Handlebars, to stand at the beginning of a line.

    Raises:
        Unheld: for what Handlebars has not, or writes otherwise.
    """
    body = environment().parse(template).body
    return "".join(_laid_out(list(_merged(_Writer(Scope(inputs)).block(body)))))


class _Writer:
    def __init__(self, scope: Scope, named: frozenset[str] = frozenset()) -> None:
        self._scope = scope
        self._named = named  # loop variables that go by a name of their own, not by ``this``

    def block(self, body: Iterable[nodes.Node]) -> Iterator[Token]:
        for node in body:
            yield from self._statement(node)

    def _statement(self, node: nodes.Node) -> Iterator[Token]:
        match node:
            case nodes.Output():
                for part in node.nodes:
                    yield from self._printed(part)
            case nodes.For():
                yield from self._for(node)
            case nodes.If():
                yield from self._if(node)
            case _:
                raise Unheld(f"has a tag {type(node).__name__.lower()}", node.lineno)

    def _printed(self, node: nodes.Expr) -> Iterator[Token]:
        match node:
            case nodes.TemplateData():
                yield Token("text", node.data)
            case nodes.Const(value=str() as text):
                yield Token("text", text)
            case nodes.CondExpr():
                other = [nodes.Output([node.expr2])] if node.expr2 is not None else []
                chosen = [nodes.Output([node.expr1])]
                yield from self._choice(node.test, list(self.block(chosen)), list(self.block(other)))
            case nodes.Filter(name="join", node=nodes.Expr() as inner):
                yield from self._joined(node, inner)
            case _:
                yield Token("value", f"{{{{{self._path(node)}}}}}")

    def _joined(self, node: nodes.Filter, inner: nodes.Expr) -> Iterator[Token]:
        separator = node.args[0] if node.args else nodes.Const("")
        if not isinstance(separator, nodes.Const) or not isinstance(separator.value, str):
            raise Unheld("joins with what is no constant", node.lineno)
        yield Token("value", f"{{{{#each {self._path(inner)}}}}}")
        if separator.value:
            yield Token("value", "{{#unless @first}}")
            yield Token("text", separator.value)
            yield Token("value", "{{/unless}}")
        yield Token("value", "{{this}}{{/each}}")

    def _for(self, node: nodes.For) -> Iterator[Token]:
        over = _without_empty_default(node.iter)
        if not isinstance(node.target, nodes.Name) or node.test is not None:
            raise Unheld("has a loop over pairs, or with a condition", node.lineno)
        if self._scope.can_be(over, "object"):
            raise Unheld("loops over the keys of an object", node.lineno)
        name = node.target.name
        named = self._named | {name} if _is_used_in_inner_loop(node, name) else self._named - {name}
        inner = _Writer(self._scope.inside(name, item_of(self._scope.schema(over))), named)
        yield Token("tag", f"{{{{#each {self._path(over)}{f' as |{name}|' if name in named else ''}}}}}")
        yield from inner.block(node.body)
        if node.else_:
            yield Token("tag", "{{else}}")
            yield from self.block(node.else_)
        yield Token("tag", "{{/each}}")

    def _if(self, node: nodes.If) -> Iterator[Token]:
        other = node.else_
        if node.elif_:
            first, *rest = node.elif_
            other = [nodes.If(first.test, first.body, rest, node.else_, lineno=first.lineno)]
        yield from self._choice(node.test, list(self.block(node.body)), list(self.block(other)))

    def _choice(self, test: nodes.Node, yes: list[Token], no: list[Token]) -> Iterator[Token]:
        if isinstance(test, nodes.And) and not no:
            yield from self._choice(test.left, list(self._choice(test.right, yes, [])), [])
            return
        opened = self._condition(test)
        yield Token("tag", f"{{{{#{opened}}}}}")
        yield from yes
        if no:
            yield Token("tag", "{{else}}")
            yield from no
        yield Token("tag", f"{{{{/{opened.split(' ', 1)[0]}}}}}")

    def _condition(self, test: nodes.Node) -> str:
        match test:
            case nodes.Not():
                inner = self._condition(test.node)
                word, rest = inner.split(" ", 1)
                opposite = {
                    "if": "unless",
                    "unless": "if",
                    "ifEquals": "unlessEquals",
                    "unlessEquals": "ifEquals",
                }
                return f"{opposite[word]} {rest}"
            case nodes.Compare(
                ops=[nodes.Operand(op="eq" | "ne" as operator, expr=nodes.Const() as constant)]
            ):
                word = "ifEquals" if operator == "eq" else "unlessEquals"
                return f"{word} {self._path(test.expr)} {_constant(constant)}"
        asked = _without_empty_default(test)
        if path_of(asked) is not None and self._scope.can_be(asked, "object"):
            raise Unheld("asks whether an object is empty, which is never so there", test.lineno)
        return f"if {self._path(asked)}"

    def _path(self, node: nodes.Node) -> str:
        path = path_of(node)
        if path is None:
            what = (
                f"the filter {node.name}"
                if isinstance(node, nodes.Filter)
                else f"a {type(node).__name__.lower()}"
            )
            raise Unheld(f"uses {what}, which Handlebars has not", node.lineno)
        if path[0] == "loop":
            if path[1:] and path[1] in _LOOP:
                return _LOOP[path[1]]
            raise Unheld(f"uses {'.'.join(path)}, which Handlebars has not", node.lineno)
        steps = [step if _KEY.match(step) else f"[{step}]" for step in path]
        loops = self._scope.loops
        if path[0] not in loops:
            return ".".join(["@root", *steps] if loops else steps)
        if path[0] not in self._named:
            return ".".join(["this", *steps[1:]])
        return ".".join(steps)


def _is_used_in_inner_loop(node: nodes.For, name: str) -> bool:
    """True where a loop inside names the variable in its body; what it goes over is still outside of it."""
    inner = [
        loop
        for child in node.body
        for loop in (child, *child.find_all(nodes.For))
        if isinstance(loop, nodes.For)
    ]
    return any(
        used.name == name for loop in inner for part in loop.body for used in part.find_all(nodes.Name)
    )


def _without_empty_default(node: nodes.Node) -> nodes.Node:
    """What a default of nothing stands behind: where only emptiness counts, it changes nothing."""
    if (
        isinstance(node, nodes.Filter)
        and node.name == "default"
        and node.node is not None
        and len(node.args) == 1
    ):
        instead = node.args[0]
        empty = (isinstance(instead, nodes.Const) and not instead.value) or (
            isinstance(instead, nodes.List) and not instead.items
        )
        return node.node if empty else node
    return node


def _constant(node: nodes.Const) -> str:
    value = node.value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        quote = "'" if '"' in value else '"'
        if quote in value or "\n" in value or "\\" in value or "{{" in value or "}}" in value:
            raise Unheld("compares with a text that Handlebars cannot quote", node.lineno)
        return f"{quote}{value}{quote}"
    if isinstance(value, int):
        return str(value)
    raise Unheld(f"compares with {value}", node.lineno)


def _merged(tokens: Iterable[Token]) -> Iterator[Token]:
    """The same with neighbouring texts as one, so that what two make together is seen."""
    text = ""
    for token in tokens:
        if token.kind == "text":
            text += token.text
            continue
        if text:
            yield Token("text", text)
            text = ""
        yield token
    if text:
        yield Token("text", text)


def _laid_out(tokens: list[Token]) -> Iterator[str]:
    line = ""  # what stands on the line so far
    for number, token in enumerate(tokens):
        follows = tokens[number + 1] if number + 1 < len(tokens) else None
        if token.kind == "text":
            yield _escaped(token.text, follows)
            line = token.text.rpartition("\n")[2] if "\n" in token.text else line + token.text
        elif token.kind == "tag" and not line:
            yield f"{token.text}\n"
        else:
            after = (
                follows.text
                if follows is not None and follows.kind == "text"
                else ""
                if follows is None
                else "x"
            )
            if token.kind == "tag" and not line.strip() and _BLANK_LINE_AHEAD.match(after):
                raise Unheld("has a tag among spaces on a line of its own, which Handlebars takes away")
            yield f"{token.text}{'{{!}}' if after.startswith('}') else ''}"
            line += token.text


def _escaped(text: str, follows: Token | None) -> str:
    """Text that Handlebars leaves as it is; backslashes before braces are its escapes."""
    if follows is not None and text.endswith("{"):
        raise Unheld("has { right before a value or a tag; Handlebars reads the three braces as one")
    if "\\{{" in text or "{{{{" in text:
        raise Unheld("has braces that Handlebars takes for its own escapes")
    quoted = text.replace("{{", "\\{{")
    return f"{quoted}\\" if follows is not None and quoted.endswith("\\") else quoted
