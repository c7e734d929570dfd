"""Our templates as plain Jinja2, for a tool that has the language with other settings.

White space is ours already in the syntax tree, so no tag depends on how the other tool trims; what its filters
do otherwise is refused.
It must never write a template that another Jinja2 renders to anything else.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping

from jinja2 import nodes

from registry.importing.export.port import Unheld
from registry.importing.export.text import Scope, item_of
from serve.core.model import Json
from serve.core.render import environment

_OPENING = re.compile(r"\{(?=[{%#])")
_OPERATORS = {
    "eq": "==",
    "ne": "!=",
    "lt": "<",
    "lteq": "<=",
    "gt": ">",
    "gteq": ">=",
    "in": "in",
    "notin": "not in",
}
_NOT_ALIKE = ("string", "array", "object")
_BRACE = '{{ "{" }}'


def plain_jinja(template: str, inputs: Mapping[str, Mapping[str, Json]]) -> str:
    """The template for a Jinja2 that trims nothing and keeps the last newline.

    Raises:
        Unheld: for what another Jinja2 renders differently.
    """
    return _Writer(Scope(inputs)).block(environment().parse(template).body)


class _Writer:
    def __init__(self, scope: Scope) -> None:
        self._scope = scope

    def block(self, body: Iterable[nodes.Node]) -> str:
        return _joined(map(self._statement, body))

    def _statement(self, node: nodes.Node) -> str:
        match node:
            case nodes.Output():
                return _joined(map(self._output, node.nodes))
            case nodes.For():
                return self._for(node)
            case nodes.If():
                return self._if(node)
            case nodes.Assign(target=nodes.Name() as target):
                self._scope = self._scope.assigned(target.name, node.node)
                return f"{{% set {target.name} = {self._expression(node.node)} %}}"
        raise Unheld(f"has a {type(node).__name__.lower()} tag", node.lineno)

    def _output(self, part: nodes.Expr) -> str:
        if isinstance(part, nodes.TemplateData):
            return _OPENING.sub(_BRACE, part.data)
        return f"{{{{ {self._printed(part)} }}}}"

    def _printed(self, node: nodes.Expr) -> str:
        """An expression that prints as ours: truth values in JSON's words, not in Python's."""
        text = self._expression(node)
        if not self._scope.can_be(node, "boolean"):
            return text
        if any(self._scope.can_be(node, kind) for kind in _NOT_ALIKE):
            raise Unheld(
                f"prints {text}, which may be true or false and is written otherwise there", node.lineno
            )
        return f"{self._inner(node)} | tojson"

    def _for(self, node: nodes.For) -> str:
        if not isinstance(node.target, nodes.Name):
            raise Unheld("has a loop over pairs", node.lineno)
        inner = _Writer(self._scope.inside(node.target.name, item_of(self._scope.schema(node.iter))))
        test = f" if {inner._expression(node.test)}" if node.test is not None else ""
        head = f"{{% for {node.target.name} in {self._expression(node.iter)}{test} %}}"
        other = f"{{% else %}}{self.block(node.else_)}" if node.else_ else ""
        return f"{head}{inner.block(node.body)}{other}{{% endfor %}}"

    def _if(self, node: nodes.If) -> str:
        text = f"{{% if {self._expression(node.test)} %}}{self.block(node.body)}"
        for other in node.elif_:
            text += f"{{% elif {self._expression(other.test)} %}}{self.block(other.body)}"
        return f"{text}{f'{{% else %}}{self.block(node.else_)}' if node.else_ else ''}{{% endif %}}"

    def _expression(self, node: nodes.Node) -> str:
        match node:
            case nodes.Name():
                return node.name
            case nodes.Const():
                return _constant(node.value)
            case nodes.List():
                return f"[{', '.join(map(self._expression, node.items))}]"
            case nodes.Getattr():
                return f"{self._inner(node.node)}.{node.attr}"
            case nodes.Getitem():
                return f"{self._inner(node.node)}[{self._expression(node.arg)}]"
            case nodes.Filter(node=nodes.Expr() as inner):
                self._check_filter(node, inner)
                return f"{self._inner(inner)} | {node.name}{self._arguments(node)}"
        return self._condition(node)

    def _condition(self, node: nodes.Node) -> str:
        match node:
            case nodes.Not():
                return f"not {self._inner(node.node)}"
            case nodes.And() | nodes.Or():
                word = "and" if isinstance(node, nodes.And) else "or"
                return f"{self._inner(node.left)} {word} {self._inner(node.right)}"
            case nodes.Compare():
                return f"{self._inner(node.expr)} {' '.join(self._operand(part) for part in node.ops)}"
            case nodes.CondExpr():
                other = f" else {self._inner(node.expr2)}" if node.expr2 is not None else ""
                return f"{self._inner(node.expr1)} if {self._inner(node.test)}{other}"
            case nodes.Test():
                return f"{self._inner(node.node)} is {node.name}{self._arguments(node)}"
        raise Unheld(f"holds a {type(node).__name__.lower()}", node.lineno)

    def _inner(self, node: nodes.Node) -> str:
        text = self._expression(node)
        simple = isinstance(node, nodes.Name | nodes.Const | nodes.Getattr | nodes.Getitem | nodes.List)
        return text if simple else f"({text})"

    def _operand(self, node: nodes.Operand) -> str:
        return f"{_OPERATORS[node.op]} {self._inner(node.expr)}"

    def _arguments(self, node: nodes.Filter | nodes.Test) -> str:
        given = [self._expression(item) for item in node.args]
        given += [f"{pair.key}={self._expression(pair.value)}" for pair in node.kwargs]
        return f"({', '.join(given)})" if given else ""

    def _check_filter(self, node: nodes.Filter, inner: nodes.Expr) -> None:
        if node.name == "tojson" and any(self._scope.can_be(inner, kind) for kind in _NOT_ALIKE):
            why = "writes JSON with other escapes and in other order there"
        elif node.name == "join" and item_of(self._scope.schema(inner)).get("type") not in (
            "string",
            "integer",
        ):
            why = "joins what may be no text, which is written otherwise there"
        else:
            return
        raise Unheld(f"uses the filter {node.name}, which {why}", node.lineno)


def _joined(pieces: Iterable[str]) -> str:
    """Pieces in a row, of which no two make a tag together."""
    out: list[str] = []
    for piece in pieces:
        if out and out[-1].endswith("{") and piece[:1] in ("{", "%", "#"):
            out[-1] = out[-1][:-1] + _BRACE
        out.append(piece)
    return "".join(out)


def _constant(value: Json) -> str:
    if isinstance(value, bool) or value is None:
        return str(value).lower()
    return json.dumps(value, ensure_ascii=False)
