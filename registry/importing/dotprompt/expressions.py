"""The expressions of a dotprompt body as ours: names, constants, comparisons, JSON.

dotprompt brings few helpers; an application's own are taken only where their name has one meaning everywhere.
It must never take a helper for another untold.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from registry.importing.dotprompt.handlebars import Call, Expression, Path, Value
from registry.importing.dotprompt.names import Known, Names, Scope
from registry.importing.dotprompt.tags import compared, constant, guarded, plain_name

COMPARED: Mapping[str, str] = {
    "eq": "==", "ne": "!=", "neq": "!=", "lt": "<", "gt": ">", "lte": "<=", "gte": ">=",
}  # fmt: skip
_FILTERS: Mapping[str, str] = {
    **dict.fromkeys(("upper", "uppercase", "toUpperCase"), "upper"),
    **dict.fromkeys(("lower", "lowercase", "toLowerCase"), "lower"),
    "length": "length",
    "trim": "trim",
}


class Expressions:
    """Reads expressions; ``lost`` and ``changed`` take what is to be told: its name and why."""

    def __init__(
        self, names: Names, lost: Callable[[str, str], None], changed: Callable[[str, str], None]
    ) -> None:
        self._names = names
        self._lost = lost
        self._changed = changed

    def value(self, name: Path | Value, scope: Scope) -> Known:
        """What a name or a constant stands for."""
        if isinstance(name, Path):
            return self._names.find(name, scope)
        kind = {str: "string", bool: "boolean", type(None): "null"}.get(type(name.value), "number")
        return Known(constant(name.value), {"type": kind}, constant=name.value)

    def of(self, expression: Expression, scope: Scope) -> Known:
        """What an expression stands for; what is to be told of its helpers is told."""
        if not isinstance(expression, Call):
            return self.value(expression, scope)
        name = plain_name(expression) or str(expression.name)
        given = [self.of(each, scope) for each in expression.params]
        if not given and not expression.hash:
            return self.value(expression.name, scope)
        if name == "json" and given:
            return self._json(expression, given[0])
        if name == "lookup" and len(given) == 2 and isinstance(key := expression.params[1], Value):
            return given[0].at(str(key.value))
        if (made := self._of_the_application(name, given)) is not None:
            return made
        self._lost(f"helper {name}", "is the application's own; write here what it does")
        return Known(_as_filter(name, given))

    def _of_the_application(self, name: str, given: list[Known]) -> Known | None:
        """A helper that dotprompt does not bring, but whose name has one meaning everywhere."""
        made: Known | None = None
        if name in COMPARED and len(given) == 2:
            made = Known(compared(COMPARED[name], *given), {"type": "boolean"})
        elif name in ("and", "or") and len(given) > 1:
            made = Known(f" {name} ".join(f"({each.truth})" for each in given), {"type": "boolean"})
        elif name == "not" and len(given) == 1:
            made = Known(f"not ({given[0].truth})", {"type": "boolean"})
        elif name in _FILTERS and len(given) == 1:
            made = Known(f"{given[0].whole} | {_FILTERS[name]}", {"type": "string"})
        if made is not None:
            self._changed(f"helper {name}", f"is the application's own; taken as {made.expression}")
        return made

    def _json(self, call: Call, value: Known) -> Known:
        if "indent" in call.hash:
            self._changed(
                "json", "its indent is left out; JSON here is on one line, with spaces after , and :"
            )
        else:
            self._changed("json", "has a space after , and : here")
        return Known(guarded(value, f"{value.whole} | tojson"), {"type": "string"})


def _as_filter(name: str, given: list[Known]) -> str:
    """A helper that is not known, as a filter of that name, so that lint names it at its line."""
    first, *others = given or [Known("none")]
    arguments = ", ".join(each.expression for each in others)
    plain = re.sub(r"[^A-Za-z0-9_]", "_", name)
    return f"{first.whole} | {plain}({arguments})" if others else f"{first.whole} | {plain}"
