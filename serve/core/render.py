"""Templates to text: compiled once per digest, values inserted once, never escaped, never rendered again.

A template of text and plain variables takes a path without Jinja2; property tests hold it equal to Jinja2.
It must never search rendered text for anything: roles, markers and tags in a value stay text.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from functools import cache
from math import isfinite
from typing import TYPE_CHECKING, Any

from serve.core.errors import PromptyardError, Refused

if TYPE_CHECKING:
    from jinja2 import Environment

Renderer = Callable[[Mapping[str, Any]], str]
FILTERS = (
    "default", "first", "indent", "join", "last", "length", "lower", "replace", "sort", "title", "tojson", "trim",
    "truncate", "upper",
)  # fmt: skip
TESTS = (
    "defined",
    "undefined",
    "none",
    "string",
    "number",
    "boolean",
    "mapping",
    "sequence",
    "in",
    "eq",
    "ne",
)
LOOP = frozenset(("index", "index0", "length", "revindex", "revindex0", "first", "last"))
_OPENING = re.compile(r"\{[{%#]")
_VARIABLE = re.compile(r"\{\{ *([a-zA-Z_][a-zA-Z0-9_]*) *\}\}")
_KEYWORDS = frozenset(
    (
        "true",
        "false",
        "none",
        "True",
        "False",
        "None",
        "not",
        "and",
        "or",
        "in",
        "is",
        "if",
        "else",
        "loop",
        "self",
    )
)
_NEWLINE = re.compile(r"\r\n|\r")


def compile_template(source: str) -> Renderer:
    """A function from checked inputs to text.

    One newline at the very end of the source is left out, and blocks on a line of their own leave
    no trace (Jinja2's ``trim_blocks`` and ``lstrip_blocks``).

    Raises:
        Refused: RND002 when the source is not a template.
    """
    pieces = _plain_pieces(source)
    return _jinja(source) if pieces is None else _joiner(*pieces)


def _plain_pieces(source: str) -> tuple[list[str], list[tuple[int, str]]] | None:
    """Text pieces with the slots between them, or None where only Jinja2 will do."""
    text = _NEWLINE.sub("\n", source)
    text = text.removesuffix("\n")
    pieces: list[str] = []
    slots: list[tuple[int, str]] = []
    position = 0
    while opening := _OPENING.search(text, position):
        variable = _VARIABLE.match(text, opening.start())
        if variable is None or variable[1] in _KEYWORDS:
            return None
        pieces += [text[position : opening.start()], ""]
        slots.append((len(pieces) - 1, variable[1]))
        position = variable.end()
    pieces.append(text[position:])
    return pieces, slots


def _joiner(pieces: list[str], slots: list[tuple[int, str]]) -> Renderer:
    if not slots:
        whole = "".join(pieces)
        return lambda _: whole
    join = "".join
    if len(slots) == 1 and pieces[0] == pieces[2] == "":
        name = slots[0][1]
        return lambda values: _value(values, name)

    def render(values: Mapping[str, Any]) -> str:
        out = pieces.copy()
        for index, name in slots:
            out[index] = _value(values, name)
        return join(out)

    return render


def _value(values: Mapping[str, Any], name: str) -> str:
    try:
        value = values[name]
    except KeyError as error:
        raise Refused(
            "RND001", f"the template's variable {name} has no value", "Declare it under inputs."
        ) from error
    return value if type(value) is str else text_of(value)


def text_of(value: Any) -> str:
    """The text that a value prints as: text itself, numbers and truth values as in JSON.

    Raises:
        Refused: RND001 for null, lists and objects, which have no one obvious text, and for what is no number.
    """
    if isinstance(value, str):
        return value
    if isinstance(value, (bool, int, float)):
        if isinstance(value, float) and not isfinite(value):
            raise Refused("RND001", "a number cannot be printed: JSON has none such", "Pass finite numbers.")
        return json.dumps(value)
    kind = "null" if value is None else "a list" if isinstance(value, (list, tuple)) else "an object"
    raise Refused(
        "RND001", f"{kind} cannot be printed as it is", "Use a loop, join or tojson in the template."
    )


@cache
def environment() -> Environment:
    """The one Jinja2 environment: sandboxed, strict, without escaping, with named filters and tests only."""
    from jinja2 import StrictUndefined

    made = _sandbox()(
        autoescape=False, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True, finalize=_finalize
    )
    made.globals.clear()
    made.filters = {name: made.filters[name] for name in FILTERS}
    made.filters |= {"tojson": _to_json, "join": _join}
    made.tests = {name: made.tests[name] for name in TESTS}
    return made


def _sandbox() -> type[Environment]:
    """Jinja2's sandbox, where a name finds data only: an absent property called items is no method."""
    from jinja2 import Undefined
    from jinja2.runtime import LoopContext
    from jinja2.sandbox import ImmutableSandboxedEnvironment

    class DataOnly(ImmutableSandboxedEnvironment):
        def getitem(self, obj: Any, argument: Any) -> Any:
            if isinstance(obj, (dict, list, tuple, Mapping)):
                try:
                    return obj[argument]
                except (LookupError, TypeError):
                    return self.undefined(obj=obj, name=argument)
            if isinstance(obj, Undefined):
                return obj[argument]  # which says what is not there
            if isinstance(obj, LoopContext) and argument in LOOP:
                return getattr(obj, argument)
            return self.undefined(obj=obj, name=argument)

        def getattr(self, obj: Any, attribute: str) -> Any:
            return self.getitem(obj, attribute)

    return DataOnly


def _finalize(value: Any) -> Any:
    from jinja2 import Undefined

    return value if isinstance(value, Undefined) else text_of(value)


def _to_json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, allow_nan=False)


def _join(value: Any, separator: str = "") -> str:
    return separator.join(text_of(item) for item in value)


def _jinja(source: str) -> Renderer:
    from jinja2 import TemplateError

    try:
        template = environment().from_string(source)
    except (
        TemplateError,
        SyntaxError,
        RecursionError,
        ValueError,
    ) as error:  # the last three: Python's limits
        raise Refused("RND002", f"a template cannot be read: {error}", "Run promptyard lint.") from error

    def render(values: Mapping[str, Any]) -> str:
        try:
            return template.render(values)
        except PromptyardError:
            raise
        except Exception as error:  # filters assert, values nest deeper than Python goes: all are refusals
            what = f"a template cannot be rendered ({type(error).__name__})"
            raise Refused("RND001", what, "Run promptyard lint; check the inputs' types.") from error

    return render
