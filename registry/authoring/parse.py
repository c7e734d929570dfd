"""YAML to plain values with their places, the one file that knows YAML.

YAML is read as its 1.2 core says (``no`` is text, a date is text), and what makes a file surprising
is refused: anchors, tags, merge keys, doubled keys.
It must never build anything but plain values, and never lose the line that a value came from.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, Literal, NamedTuple

import yaml

from registry.diagnostics import Diagnostic, Place
from serve.core.model import Json

Steps = tuple[str | int, ...]
# A key without a value; plain text over several lines; a number not written as it is read; a key below a text block
# that is not spelt like ours.
Sign = Literal["null", "folded", "numeral", "below block"]
_Spot = tuple[Any, Any, bool]  # libyaml's marks of a key and of its value, whether that is a text block
_Spots = dict[str, _Spot] | list[_Spot]
_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_SCALAR, _SEQUENCE_END, _MAPPING_END = yaml.ScalarEvent, yaml.SequenceEndEvent, yaml.MappingEndEvent
_BLOCK = frozenset("|>")
OURS = re.compile(r"[a-z][A-Za-z0-9]*\Z")  # how the keys of our files are spelt
_VALUES = (yaml.ScalarEvent, yaml.MappingStartEvent, yaml.SequenceStartEvent, yaml.AliasEvent)
_LIMIT_BYTES = 8 * 2**20
_DEPTH = 40
_NULL = frozenset(("", "~", "null", "Null", "NULL"))
_TRUE = frozenset(("true", "True", "TRUE"))
_FALSE = frozenset(("false", "False", "FALSE"))
_NUMERIC = frozenset("+-.0123456789")
_ODD_BREAK = re.compile("\r(?!\n)|[\x85\u2028\u2029]")  # ends of a line to YAML, and to no editor
_INT = re.compile(r"[-+]?[0-9]{1,400}\Z")
_BASED = re.compile(r"0(o[0-7]{1,200}|x[0-9a-fA-F]{1,200})\Z")
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?\Z")


class Mark(NamedTuple):
    """Where a value stands: its key's place, its own line, whether it is a text block (``|`` or ``>``)."""

    line: int
    column: int
    value_line: int
    block: bool


@dataclass(frozen=True, slots=True)
class Document:
    """A file that was read: its plain value, and a mark for every step into it.

    ``signs`` says what its values came from, so that most files need no closer look; a value that was not read from
    the source as it stands has None, which says nothing.
    """

    path: str
    data: Json
    marks: Mapping[Steps, Mark] = field(repr=False)
    source: str = field(repr=False, default="")
    signs: frozenset[Sign] | None = field(repr=False, default=None)

    def may_hold(self, *signs: Sign) -> bool:
        """False where none of these was seen."""
        return self.signs is None or not self.signs.isdisjoint(signs)

    def place(self, *steps: str | int) -> Place:
        """Where a value stands, or the nearest thing around it that does."""
        for end in range(len(steps), -1, -1):
            mark = self.marks.get(steps[:end])
            if mark is not None:
                return Place(self.path, mark.line, mark.column)
        return Place(self.path)

    def place_in_text(self, steps: Steps, line: int) -> Place:
        """Where line ``line`` (from 1) of a text value stands."""
        mark = self.marks.get(steps)
        if mark is None or not mark.block:
            return self.place(*steps)
        at = mark.value_line + line
        rows = rows_of(self.source)
        row = rows[at - 1] if at <= len(rows) else ""
        return Place(self.path, at, len(row) - len(row.lstrip()) + 1)


@lru_cache(maxsize=4)
def rows_of(source: str) -> list[str]:
    """The rows of a text; kept for the few texts that are looked at one after the other."""
    return source.split("\n")


class _Refused(Exception):
    def __init__(self, code: str, mark: Any, message: str, hint: str) -> None:
        super().__init__(code)
        self.finding = (code, mark, message, hint)


def read_yaml(path: str, data: bytes) -> tuple[Document | None, tuple[Diagnostic, ...]]:
    """The document in some bytes, or what is wrong with them (codes YML001 to YML006)."""
    try:
        if len(data) > _LIMIT_BYTES:
            return None, (_finding(path, "YML006", None, "The file is over 8 MiB.", "Split it."),)
        text = data.decode("utf-8")
        loader = _LOADER(text)
        try:
            builder = _Builder(loader.get_event)
            value = builder.build()
            return Document(
                path, value, _Marks(text, value, builder.spots), text, frozenset(builder.signs)
            ), ()
        finally:
            loader.dispose()
    except UnicodeDecodeError as error:
        place = _place_of(path, data[: error.start].decode("utf-8"))
        return None, (
            Diagnostic("YML001", "error", place, "The file is not UTF-8 text.", "Save it as UTF-8."),
        )
    except _Refused as refused:
        return None, (_finding(path, *refused.finding),)
    except yaml.MarkedYAMLError as error:
        return None, (_syntax(path, error, data),)
    except yaml.YAMLError as error:
        place = _place_of(path, data[: getattr(error, "position", 0)].decode("utf-8", "ignore"))
        message = f"The file cannot be read as YAML: {str(error).splitlines()[0]}."
        return None, (Diagnostic("YML001", "error", place, message, "Keep to printable text."),)


def _place_of(path: str, before: str) -> Place:
    """Where the text goes on after ``before``."""
    return Place(path, before.count("\n") + 1, len(before) - before.rfind("\n"))


def _syntax(path: str, error: yaml.MarkedYAMLError, data: bytes) -> Diagnostic:
    problem = error.problem or "it does not parse"
    hint = "Check the indentation around this line, and quote text that holds ': ' or ' #'."
    if "expected <block end>" in problem or "could not find expected ':'" in problem:
        hint = "If this line is prose, it left its text block: indent it like the lines above."
    if _begins_with_tab(data, error.problem_mark):
        problem, hint = (
            "a tab stands where the line is indented",
            "Indent with spaces; YAML takes no tabs there.",
        )
    return _finding(path, "YML001", error.problem_mark, f"This is not YAML: {problem}.", hint)


def _begins_with_tab(data: bytes, mark: Any) -> bool:
    rows = data.split(b"\n")
    row = rows[mark.line] if mark is not None and mark.line < len(rows) else b""
    return b"\t" in row[: len(row) - len(row.lstrip())]


def _finding(path: str, code: str, mark: Any, message: str, hint: str) -> Diagnostic:
    place = Place(path) if mark is None else Place(path, mark.line + 1, mark.column + 1)
    return Diagnostic(code, "error", place, message, hint)


class _Marks(Mapping[Steps, Mark]):
    """The marks of a document, made when they are asked for: of most files nobody asks.

    ``spots`` are those of the items of each list and object in ``data``, by its identity; under 0 stands the root's.
    """

    def __init__(self, text: str, data: Json, spots: Mapping[int, _Spots]) -> None:
        self._data = data
        self._spots = spots
        odd = not (text.isascii() and "\r" not in text) and _ODD_BREAK.search(text) is not None
        self._starts = [0, *(found.end() for found in re.finditer("\n", text))] if odd else ()
        self._lead = 1 if text.startswith("\ufeff") else 0

    def __getitem__(self, steps: Steps) -> Mark:
        spots: Any = self._spots.get(0, {})
        key: str | int = ""
        inner = self._data
        try:
            for step in steps:
                spots, key, inner = self._spots[id(inner)], step, inner[step]
            return self._made(spots[key])
        except (LookupError, TypeError):
            raise KeyError(steps) from None

    def __iter__(self) -> Iterator[Steps]:
        return self._walk(self._data, ()) if self._spots else iter(())

    def __len__(self) -> int:
        return sum(map(len, self._spots.values()))

    def _walk(self, value: Json, steps: Steps) -> Iterator[Steps]:
        yield steps
        pairs = (
            value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
        )
        for step, inner in pairs:
            yield from self._walk(inner, (*steps, step))

    def _made(self, spot: _Spot) -> Mark:
        key, value, block = spot
        line, column, value_line = key.line, key.column, value.line
        if self._starts:
            line, column = self._counted(key.index)
            value_line, _ = self._counted(value.index)
        return Mark(line + 1, column + 1, value_line + 1, block)

    def _counted(self, index: int) -> tuple[int, int]:
        """Line and column from 0 of an index, as editors count them: YAML has further ends of a line."""
        line = bisect_right(self._starts, index + self._lead) - 1
        return line, index + self._lead - self._starts[line]


class _Builder:
    """Builds plain values from the parser's events; each costs a microsecond, most of it libyaml's."""

    def __init__(self, advance: Callable[[], Any]) -> None:
        self.spots: dict[int, _Spots] = {}
        self.signs: set[Sign] = set()
        self._advance = advance

    def build(self) -> Json:
        value: Json = None
        documents = 0
        while (event := self._advance()) is not None:
            if isinstance(event, yaml.DocumentStartEvent):
                documents += 1
                if documents > 1:
                    raise _Refused(
                        "YML005",
                        event.start_mark,
                        "A second document begins here.",
                        "One file, one document.",
                    )
            elif isinstance(event, _VALUES):
                block = type(event) is _SCALAR and event.style in _BLOCK
                self.spots[0] = {"": (event.start_mark, event.start_mark, block)}
                value = self._value(event, 0)
        return value

    def _value(self, event: Any, depth: int) -> Json:
        if event.anchor is not None or event.tag is not None:  # an alias has an anchor too
            raise _clever(event)
        if depth > _DEPTH:
            raise _Refused("YML006", event.start_mark, f"Nested deeper than {_DEPTH} levels.", "Flatten it.")
        kind = type(event)
        if kind is _SCALAR:  # a plain one has the style None in pure Python and an empty one in C
            return event.value if event.style else self._plain(event, event.value)
        return self._sequence(depth + 1) if kind is yaml.SequenceStartEvent else self._mapping(depth + 1)

    def _sequence(self, depth: int) -> list[Json]:
        advance = self._advance
        out: list[Json] = []
        spots: list[_Spot] = []
        while type(event := advance()) is not _SEQUENCE_END:
            mark = event.start_mark
            spots.append((mark, mark, type(event) is _SCALAR and event.style in _BLOCK))
            out.append(self._value(event, depth))
        self.spots[id(out)] = spots
        return out

    def _mapping(self, depth: int) -> dict[str, Json]:
        advance = self._advance
        out: dict[str, Json] = {}
        spots: dict[str, _Spot] = {}
        below_block = False
        while type(event := advance()) is not _MAPPING_END:
            key = event.value if type(event) is _SCALAR else ""
            if key == "<<" or key in out or event.anchor is not None or event.tag is not None or not key:
                self._refuse_odd(event, key, out)
            if below_block and not OURS.match(key):
                self.signs.add("below block")
            value = advance()
            below_block = type(value) is _SCALAR and value.style in _BLOCK
            spots[key] = (event.start_mark, value.start_mark, below_block)
            out[key] = self._value(value, depth)
        self.spots[id(out)] = spots
        return out

    def _refuse_odd(self, event: Any, key: str, seen: Collection[str]) -> None:
        if event.anchor is not None or event.tag is not None:
            raise _clever(event)
        if type(event) is not _SCALAR:
            raise _Refused("YML004", event.start_mark, "A key must be plain text.", "Write a simple key.")
        if key == "<<":
            raise _Refused("YML002", event.start_mark, "Merge keys are not read.", "Write the keys out.")
        if key in seen:
            raise _Refused(
                "YML003", event.start_mark, f"The key {key} stands here twice.", "Keep one of the two."
            )

    def _plain(self, event: Any, text: str) -> Json:
        if " " in text or "\n" in text:
            if event.start_mark.line != event.end_mark.line:
                self.signs.add("folded")
            return text
        if text in _NULL:
            self.signs.add("null")
            return None
        if text[0] in _NUMERIC:
            value = _number(event, text)
            if repr(value) != text or "e" in text:
                self.signs.add("numeral")
            return value
        if text in _TRUE or text in _FALSE:
            return text in _TRUE
        return text


def _clever(event: Any) -> _Refused:
    if event.anchor is not None:
        hint = "Write the value out."
        return _Refused("YML002", event.start_mark, "Anchors and aliases are not read.", hint)
    return _Refused("YML002", event.start_mark, f"The tag {event.tag} is not read.", "Remove it.")


def _number(event: Any, text: str) -> Json:
    if _INT.match(text):
        return int(text)
    if _BASED.match(text):
        return int(text, 0)
    if _FLOAT.match(text):
        number = float(text)
        if number in (float("inf"), float("-inf")):
            raise _Refused("YML004", event.start_mark, "The number is too large.", "Quote it if it is text.")
        return number
    return text
