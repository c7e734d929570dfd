"""What a name in a dotprompt template means here: an input, a property of one, a loop's own value.

Handlebars prints nothing for what is not there; ours is strict, so what may be missing is asked for first.
It must never make up a property that a schema rules out.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

from registry.importing.dotprompt.handlebars import Path
from serve.core.model import Json

_WORD = re.compile(r"[a-zA-Z][a-zA-Z0-9_]*\Z")
_METHODS = frozenset(dir(dict))
_RESERVED = frozenset((
    "true", "false", "none", "True", "False", "None", "not", "and", "or", "in", "is", "if", "else", "elif", "loop",
    "self", "for", "set", "endif", "endfor", "include", "import", "from", "macro", "call", "filter", "block",
))  # fmt: skip


@dataclass(frozen=True, slots=True)
class Known:
    """The expression of a value, what its schema says, and what of it may be missing.

    ``there`` is False where Handlebars would always find nothing; ``constant`` is what an argument names.
    """

    expression: str
    schema: Mapping[str, Json] | None = None
    guards: tuple[str, ...] = ()
    there: bool = True
    constant: Json = None

    @property
    def kinds(self) -> frozenset[str]:
        """The JSON types that its schema names, none where it says nothing."""
        written = (self.schema or {}).get("type", ())
        return frozenset((written,) if isinstance(written, str) else written)

    @property
    def whole(self) -> str:
        """The expression, in brackets where something can be put behind it."""
        return f"({self.expression})" if " " in self.expression else self.expression

    @property
    def truth(self) -> str:
        """A test that holds where the value is there and not empty."""
        return " and ".join([*(f"{guard} is defined" for guard in self.guards), self.whole])

    def at(self, name: str) -> Known:
        """A property of the value, or an item by its place."""
        if name.isdigit() and "object" not in self.kinds:
            item = f"{self.whole}[{int(name)}]"
            return Known(item, _mapping((self.schema or {}).get("items")), (*self.guards, item))
        if name == "length" and "object" not in self.kinds:
            return Known(f"{self.expression} | length", {"type": "integer"}, self.guards)
        plain = _WORD.match(name) and name not in _METHODS and name not in _RESERVED
        there = f"{self.whole}.{name}" if plain else f"{self.whole}[{json.dumps(name)}]"
        if not self.schema:
            return Known(there, None, self.guards)
        held = _mapping(self.schema.get("properties")) or {}
        if name in held:
            sure = name in (self.schema.get("required") or ())
            return Known(there, _mapping(held[name]), self.guards if sure else (*self.guards, there))
        closed = self.kinds and (
            "object" not in self.kinds or self.schema.get("additionalProperties") is False
        )
        return Known(there, None, (*self.guards, there), there=not closed)


@dataclass(slots=True)
class Scope:
    """What stands for ``this``, and the names that hold here; ``outer`` is what ``../`` leads to."""

    this: Known | None = None
    outer: Scope | None = None
    names: Mapping[str, Known] = field(default_factory=dict)
    fields: Mapping[str, Known] = field(default_factory=dict)
    loop: bool = False
    key: Known | None = None


class Names:
    """Finds what a path means; ``renamed`` gathers inputs that had to be called otherwise."""

    def __init__(
        self, schemas: Mapping[str, Mapping[str, Json]], missing: Callable[[str, str], None]
    ) -> None:
        self._schemas = schemas
        self._missing = missing
        self.renamed: dict[str, str] = {}
        self.used: dict[str, None] = {}
        self.taken: set[str] = set()

    def find(self, path: Path, scope: Scope) -> Known:
        """What a path leads to."""
        if path.data:
            return self._data(path, scope)
        here = scope
        for _ in range(path.up):
            here = here.outer or here
        parts = list(path.parts)
        if parts and not path.scoped and not path.up and (named := _named(here, parts[0])) is not None:
            return _inside(named, parts[1:])
        if parts and parts[0] in here.fields:
            return _inside(here.fields[parts[0]], parts[1:])
        if here.this is not None:
            return _inside(here.this, parts)
        if not parts:
            self._missing("this", "is the whole of all inputs, which has no one text")
            return Known('""', None, there=False)
        return _inside(self.input(parts[0]), parts[1:])

    def input(self, name: str) -> Known:
        """An input of the prompt, under a name that templates here can say."""
        plain = re.sub(r"[^a-zA-Z0-9_]", "_", name).lstrip("_0123456789")
        if not plain or plain in _RESERVED:
            plain = f"{plain or 'value'}_value" if plain else "value"
        if plain != name:
            self.renamed[name] = plain
        self.used[name] = None
        self.taken.add(plain)
        schema = self._schemas.get(name)
        return Known(plain, schema or None)

    def fresh(self, wanted: str) -> str:
        """A name for a loop's variable that nothing else has."""
        stem = re.sub(r"[^a-zA-Z0-9_]", "_", wanted).lstrip("_0123456789") or "item"
        number, name = 1, stem
        while name in self.taken or name in _RESERVED:
            number += 1
            name = f"{stem}_{number}"
        self.taken.add(name)
        return name

    def _data(self, path: Path, scope: Scope) -> Known:
        first, *rest = path.parts or ("root",)
        if first == "root":
            return _inside(self.input(rest[0]), rest[1:]) if rest else Known('""', None, there=False)
        here: Scope | None = scope
        while here is not None and not here.loop:
            here = here.outer
        if first in ("index", "first", "last", "key"):
            if here is None or path.up:
                self._missing(f"@{'../' * path.up}{first}", "names another loop than the innermost one")
                return Known('""', None, there=False)
            if first in ("index", "key"):
                return here.key or Known("loop.index0", {"type": "integer"})
            return Known(f"loop.{first}", {"type": "boolean"})
        return _inside(self.input(first), rest)


def singular(name: str) -> str:
    """What one of these is called."""
    if name.endswith("ies") and len(name) > 4:
        return f"{name[:-3]}y"
    return name[:-1] if name.endswith("s") and not name.endswith("ss") and len(name) > 2 else "item"


def _named(scope: Scope | None, name: str) -> Known | None:
    while scope is not None:
        if name in scope.names:
            return scope.names[name]
        scope = scope.outer
    return None


def _inside(known: Known, parts: Iterable[str]) -> Known:
    for part in parts:
        known = known.at(part)
    return known


def _mapping(value: Json) -> Mapping[str, Json] | None:
    return value if isinstance(value, Mapping) else None
