"""The body of a dotprompt file as our messages, its Handlebars as our Jinja2.

Source: the dotprompt specification; helpers role, history, media, section, json, ifEquals and unlessEquals.
It must never run anything, and never drop a tag without a note.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from registry.importing.dotprompt.expressions import COMPARED, Expressions
from registry.importing.dotprompt.handlebars import (
    Block,
    Call,
    Comment,
    Expression,
    Node,
    Output,
    Partial,
    Path,
    Text,
    Value,
    parse,
)
from registry.importing.dotprompt.handlebars_tokens import HandlebarsError
from registry.importing.dotprompt.messages import Messages
from registry.importing.dotprompt.names import Known, Names, Scope, singular
from registry.importing.dotprompt.tags import (
    MARKERS,
    compared,
    guarded,
    in_loop,
    is_history,
    looks_inside,
    plain_name,
    roots,
    slug,
)
from registry.importing.port import Note
from serve.core.model import Json

_DEPTH = 6
PartialOf = Callable[[str], str | None]


class Body:
    """Turns one body into messages; ``notes`` says what did not come over as it was."""

    def __init__(
        self, schemas: Mapping[str, Mapping[str, Json]], partial: PartialOf, first_line: int = 1
    ) -> None:
        self.notes: list[Note] = []
        self.names = Names(schemas, self._lost)
        self.expressions = Expressions(self.names, self._lost, self._changed)
        self.messages = Messages(self.notes)
        self.histories: set[str] = set()
        self._partial = partial
        self._first_line = first_line
        self._line = 1
        self._depth = 0

    def read(self, source: str) -> list[dict[str, Json]]:
        """The messages of a body.

        Raises:
            HandlebarsError: where Handlebars would not read it either.
        """
        nodes = parse(source)
        self.names.taken |= set(roots(nodes))
        self._nodes(nodes, Scope())
        return self.messages.finished()

    def _lost(self, what: str, why: str) -> None:
        self.notes.append(Note("lost", what, why, self._line + self._first_line - 1))

    def _changed(self, what: str, why: str) -> None:
        self.notes.append(Note("changed", what, why, self._line + self._first_line - 1))

    def _fault(self, what: str, why: str) -> None:
        self.notes.append(Note("fault", what, why, self._line + self._first_line - 1))

    def _nodes(self, nodes: tuple[Node, ...], scope: Scope) -> None:
        for node in nodes:
            if not isinstance(node, Text) and not self._depth:
                self._line = node.line
                self.messages.line = node.line + self._first_line - 1
            match node:
                case Text(text):
                    self.messages.text(text)
                case Comment(text):
                    self.messages.comment(text)
                case Output():
                    self._output(node.call, scope)
                case Partial():
                    self._include(node, scope)
                case Block():
                    self._block(node, scope)

    def _output(self, call: Call, scope: Scope) -> None:
        name = plain_name(call)
        if name == "role":
            self._role(call, scope)
        elif name == "history" and not call.params:
            self.messages.history("history", self.names.taken)
        elif name == "media":
            self._media(call, scope)
        elif name == "section":
            section = call.params[0] if call.params else None
            shown = section.value if isinstance(section, Value) else "?"
            self._lost(
                f"section {shown}",
                "marks a place that the application fills; messages here have no such place",
            )
        elif name == "log":
            self._lost("log", "writes to the application's log and prints nothing")
        elif isinstance(call.name, Value) and not call.params:
            shown = f"{{{{{call.name.value!r}}}}}"
            self._fault(shown, "prints nothing: a text or a number in braces is the name of a variable")
        elif call.params or call.hash:
            self.messages.value(self.expressions.of(call, scope).expression)
        else:
            self._print(self.expressions.value(call.name, scope), str(call.name))

    def _print(self, known: Known, shown: str) -> None:
        if not known.there:
            self._fault(f"{{{{{shown}}}}}", "prints nothing: its schema has no such property")
            return
        if isinstance(known.constant, str):
            self.messages.text(known.constant)
            return
        expression = known.expression
        if known.kinds & {"array"}:
            items = Known("", known.schema and _mapping(known.schema.get("items")))
            if items.kinds & {"object", "array"}:
                self._fault(
                    f"{{{{{shown}}}}}", "is a list of objects, which Handlebars prints as [object Object]"
                )
                expression = f"{known.whole} | tojson"
            else:
                expression = f'{known.whole} | join(",")'
        elif known.kinds & {"object"}:
            self._fault(
                f"{{{{{shown}}}}}",
                "is an object, which Handlebars prints as [object Object]; here it is JSON",
            )
            expression = f"{known.whole} | tojson"
        self.messages.value(guarded(known, expression))

    def _role(self, call: Call, scope: Scope) -> None:
        role = call.params[0] if call.params else None
        if role is None:
            self._fault("{{role}}", "calls the helper of that name; it was taken for the property, this.role")
            self._print(self.expressions.value(Path(("role",), scoped=True), scope), "role")
            return
        if not isinstance(role, Value) or not isinstance(role.value, str):
            self._lost("role", "its name is worked out when it renders; roles here are fixed")
            return
        self.messages.role(role.value)

    def _media(self, call: Call, scope: Scope) -> None:
        url, kind = call.hash.get("url"), call.hash.get("contentType")
        if url is None:
            self._fault("media", "names no url")
            return
        source = (
            url.value if isinstance(url, Value) else f"{{{{ {self.expressions.of(url, scope).expression} }}}}"
        )
        media = kind.value if isinstance(kind, Value) and isinstance(kind.value, str) else None
        if kind is not None and media is None:
            self._lost("media: contentType", "is worked out when it renders; media types here are fixed")
        if scope.loop or in_loop(scope):
            self._lost("media", "stands in a loop; a message here has a fixed number of pictures")
            return
        self.messages.media(str(source), media)

    def _include(self, node: Partial, scope: Scope) -> None:
        name = (
            str(node.call.name.value)
            if isinstance(node.call.name, Value)
            else str(node.call.name).lstrip("/")
        )
        text = self._partial(name)
        if text is None:
            self._fault(f"partial {name}", f"there is no file _{name}.prompt beside it")
            self.messages.include(f"partials/{slug(name)}.md")
            return
        if self._depth >= _DEPTH:
            self._fault(f"partial {name}", "includes itself, or goes too deep")
            return
        if node.indent:
            text = re.sub(r"(?m)^(?=.)", node.indent, text)
        inner = self._inner(node.call, scope)
        try:
            nodes = parse(text.replace("\r\n", "\n"))
        except HandlebarsError as error:
            self._fault(f"partial {name}", f"line {error.line}: {error.problem}")
            return
        self._changed(f"partial {name}", "was put in place")
        self._depth += 1
        self._nodes(nodes, inner)
        self._depth -= 1

    def _inner(self, call: Call, scope: Scope) -> Scope:
        fields = {name: self.expressions.of(value, scope) for name, value in call.hash.items()}
        if call.params:
            this = self.expressions.of(call.params[0], scope)
            return Scope(this, scope, fields=fields)
        return Scope(scope.this, scope.outer, scope.names, {**scope.fields, **fields}, scope.loop, scope.key)

    def _block(self, node: Block, scope: Scope) -> None:
        name = plain_name(node.call) or str(node.call.name)
        subject = node.call.params[0] if node.call.params else None
        if (
            name in ("if", "unless")
            and isinstance(subject, Path)
            and self.expressions.value(subject, scope).constant
        ):
            self._nodes(node.body if name == "if" else node.inverse, scope)
        elif name in ("if", "unless") and subject is not None:
            test = self.expressions.of(subject, scope).truth
            self._choice(node, scope, test, negated=name == "unless")
        elif name in ("ifEquals", "unlessEquals") and len(node.call.params) > 1:
            left, right = (self.expressions.of(each, scope) for each in node.call.params[:2])
            self._choice(node, scope, compared("==", left, right), negated=name == "unlessEquals")
        elif name == "each" and subject is not None:
            self._each(node, subject, scope)
        elif name == "with" and subject is not None:
            known = self.expressions.of(subject, scope)
            this = Known(known.expression, known.schema)
            names = {node.names[0]: this} if node.names else {}
            self._choice(node, scope, known.truth, inner=Scope(this, scope, names))
        elif name in COMPARED and len(node.call.params) > 1:
            self._choice(node, scope, self.expressions.of(node.call, scope).truth)
        elif not node.call.params and not node.call.hash:
            self._section(node, scope)
        else:
            self._unknown(node, name, scope)

    def _section(self, node: Block, scope: Scope) -> None:
        """``{{#x}}``: a loop for a list, a look inside for an object, else a condition."""
        known = self.expressions.value(node.call.name, scope)
        if known.kinds & {"array"}:
            self._loop(node, known, str(node.call.name), scope)
        elif known.kinds & {"object"}:
            self._choice(node, scope, known.truth, inner=Scope(Known(known.expression, known.schema), scope))
        elif known.kinds or not looks_inside(node.body):
            self._choice(node, scope, known.truth)
        else:
            self._changed(f"#{node.call.name}", "is taken for a loop over a list; no schema says what it is")
            self._loop(node, known, str(node.call.name), scope)

    def _unknown(self, node: Block, name: str, scope: Scope) -> None:
        if isinstance(node.call.name, Path) and not node.call.params and not node.call.hash:
            return
        self._lost(f"helper {name}", "is the application's own; write here what it does")
        self.messages.value(self.expressions.of(node.call, scope).expression)
        self._nodes(node.body, scope)

    def _choice(
        self, node: Block, scope: Scope, test: str, *, negated: bool = False, inner: Scope | None = None
    ) -> None:
        body, inverse = (node.inverse, node.body) if negated else (node.body, node.inverse)
        inside = (scope, inner or scope) if negated else (inner or scope, scope)
        if self._marks(node.body) or self._marks(node.inverse):
            for statement, nodes, each in (
                (f"if {test}", body, inside[0]),
                (f"if not ({test})", inverse, inside[1]),
            ):
                if nodes:
                    with self.messages.under(statement, "endif"):
                        self._nodes(nodes, each)
            return
        if not body:
            self.messages.tag(f"if not ({test})" if " " in test else f"if not {test}", alone=node.alone[0])
            self._nodes(inverse, inside[1])
        else:
            self.messages.tag(f"if {test}", alone=node.alone[0])
            self._nodes(body, inside[0])
            self._otherwise(inverse, inside[1], node.alone[1])
        self.messages.tag("endif", alone=node.alone[2])

    def _otherwise(self, inverse: tuple[Node, ...], scope: Scope, alone: bool) -> None:
        """What stands below ``else``; one lone condition there becomes an ``elif``."""
        if not inverse:
            return
        only = inverse[0]
        if (
            len(inverse) == 1
            and isinstance(only, Block)
            and plain_name(only.call) == "if"
            and only.call.params
        ):
            test = self.expressions.of(only.call.params[0], scope).truth
            self.messages.tag(f"elif {test}", alone=alone)
            self._nodes(only.body, scope)
            self._otherwise(only.inverse, scope, only.alone[1])
            return
        self.messages.tag("else", alone=alone)
        self._nodes(inverse, scope)

    def _each(self, node: Block, subject: Expression, scope: Scope) -> None:
        known = self.expressions.of(subject, scope)
        shown = str(subject) if isinstance(subject, Path) else "each"
        if (
            isinstance(subject, Path)
            and is_history(node.body)
            and scope.this is None
            and len(subject.parts) == 1
        ):
            self.histories.add(subject.parts[0])
            self.messages.history(known.expression, set())
            why = "takes the earlier messages, each with role (user or assistant) and content"
            self._changed(f"input {known.expression}", why)
            return
        self._loop(node, known, shown, scope)

    def _loop(self, node: Block, known: Known, shown: str, scope: Scope) -> None:
        if not known.there:
            self._fault(f"#each {shown}", "goes over nothing: its schema has no such property")
            return
        last = re.sub(r"[^A-Za-z0-9_]", "_", shown.split(".")[-1].lstrip("@./"))
        item = self.names.fresh(node.names[0] if node.names else singular(last))
        schema = known.schema or {}
        is_object = bool(known.kinds & {"object"})
        held = Known(item, _mapping(schema.get("items")))
        key = Known(item, {"type": "string"}) if is_object else None
        if is_object:
            self._lost(f"#each {shown}", "goes over an object; a loop here gives its keys, not its values")
        names = dict(zip(node.names, (held, key or Known("loop.index0", {"type": "integer"})), strict=False))
        if self._marks(node.body, {"role", "history"}):
            self._lost(f"#each {shown}", "makes messages in a loop; they are one message here")
        over = f"{known.whole} | default([])" if known.guards == (known.expression,) else known.whole
        guards = [guard for guard in known.guards if over == known.whole]
        if guards:
            self.messages.tag(
                f"if {' and '.join(f'{guard} is defined' for guard in guards)}", alone=node.alone[0]
            )
        self.messages.tag(f"for {item} in {over}", alone=node.alone[0])
        with self.messages.one_message():
            self._nodes(node.body, Scope(held, scope, names, loop=True, key=key))
        if node.inverse:
            self.messages.tag("else", alone=node.alone[1])
            self._nodes(node.inverse, scope)
        self.messages.tag("endfor", alone=node.alone[2])
        if guards:
            self.messages.tag("endif")

    def _marks(
        self, nodes: tuple[Node, ...], wanted: frozenset[str] | set[str] = MARKERS, depth: int = 0
    ) -> bool:
        for node in nodes:
            if isinstance(node, Output) and plain_name(node.call) in wanted:
                return True
            if isinstance(node, Block) and (
                self._marks(node.body, wanted, depth) or self._marks(node.inverse, wanted)
            ):
                return True
            if (
                isinstance(node, Partial)
                and depth < _DEPTH
                and self._marks(self._peek(node), wanted, depth + 1)
            ):
                return True
        return False

    def _peek(self, node: Partial) -> tuple[Node, ...]:
        text = self._partial(str(node.call.name))
        try:
            return parse(text) if text else ()
        except HandlebarsError:
            return ()


def _mapping(value: Json) -> Mapping[str, Json] | None:
    return value if isinstance(value, Mapping) else None
