"""YAML to plain values with their places, the one file that knows YAML.

YAML is read as its 1.2 core says (``no`` is text, a date is text), and what makes a file surprising
is refused: anchors, tags, merge keys, doubled keys.
It must never build anything but plain values, and never lose the line that a value came from.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, NamedTuple

import yaml

from registry.diagnostics import Diagnostic, Place
from serve.core.model import Json

Steps = tuple[str | int, ...]
_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
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
    """A file that was read: its plain value, and a mark for every step into it."""

    path: str
    data: Json
    marks: Mapping[Steps, Mark] = field(repr=False)
    source: str = field(repr=False, default="")

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
        builder = _Builder(text)
        value = builder.build(_events(text))
        return Document(path, value, builder.marks, text), ()
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


def _events(text: str) -> Iterator[Any]:
    """What ``yaml.parse`` gives, without its second call for each event."""
    loader = _LOADER(text)
    try:
        while (event := loader.get_event()) is not None:
            yield event
    finally:
        loader.dispose()


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


class _Builder:
    """Builds plain values from the parser's events."""

    def __init__(self, text: str) -> None:
        self.marks: dict[Steps, Mark] = {}
        odd = _ODD_BREAK.search(text) is not None
        self._starts = [0, *(found.end() for found in re.finditer("\n", text))] if odd else ()
        self._lead = 1 if text.startswith("\ufeff") else 0

    def build(self, events: Iterator[Any]) -> Json:
        value: Json = None
        documents = 0
        for event in events:
            if isinstance(event, yaml.DocumentStartEvent):
                documents += 1
                if documents > 1:
                    raise _Refused(
                        "YML005",
                        event.start_mark,
                        "A second document begins here.",
                        "One file, one document.",
                    )
            elif isinstance(
                event, (yaml.ScalarEvent, yaml.MappingStartEvent, yaml.SequenceStartEvent, yaml.AliasEvent)
            ):
                self._mark((), event.start_mark, event)
                value = self._value(event, events, ())
        return value

    def _value(self, event: Any, events: Iterator[Any], steps: Steps) -> Json:
        _refuse_cleverness(event)
        if len(steps) > _DEPTH:
            raise _Refused("YML006", event.start_mark, f"Nested deeper than {_DEPTH} levels.", "Flatten it.")
        if isinstance(event, yaml.ScalarEvent):
            return _scalar(event)
        if isinstance(event, yaml.SequenceStartEvent):
            return self._sequence(events, steps)
        return self._mapping(events, steps)

    def _sequence(self, events: Iterator[Any], steps: Steps) -> list[Json]:
        out: list[Json] = []
        for event in events:
            if isinstance(event, yaml.SequenceEndEvent):
                break
            here = (*steps, len(out))
            self._mark(here, event.start_mark, event)
            out.append(self._value(event, events, here))
        return out

    def _mapping(self, events: Iterator[Any], steps: Steps) -> dict[str, Json]:
        out: dict[str, Json] = {}
        for event in events:
            if isinstance(event, yaml.MappingEndEvent):
                break
            key = self._key(event, out)
            here = (*steps, key)
            value = next(events)
            self._mark(here, event.start_mark, value)
            out[key] = self._value(value, events, here)
        return out

    def _key(self, event: Any, seen: Mapping[str, Json]) -> str:
        _refuse_cleverness(event)
        if not isinstance(event, yaml.ScalarEvent):
            raise _Refused("YML004", event.start_mark, "A key must be plain text.", "Write a simple key.")
        key = str(event.value)
        if key == "<<":
            raise _Refused("YML002", event.start_mark, "Merge keys are not read.", "Write the keys out.")
        if key in seen:
            raise _Refused(
                "YML003", event.start_mark, f"The key {key} stands here twice.", "Keep one of the two."
            )
        return key

    def _mark(self, steps: Steps, mark: Any, value: Any) -> None:
        block = isinstance(value, yaml.ScalarEvent) and value.style in ("|", ">")
        line, column, value_line = mark.line, mark.column, value.start_mark.line
        if self._starts:
            line, column = self._counted(mark.index)
            value_line, _ = self._counted(value.start_mark.index)
        self.marks[steps] = Mark(line + 1, column + 1, value_line + 1, block)

    def _counted(self, index: int) -> tuple[int, int]:
        """Line and column from 0 of an index, as editors count them: YAML has further ends of a line."""
        line = bisect_right(self._starts, index + self._lead) - 1
        return line, index + self._lead - self._starts[line]


def _refuse_cleverness(event: Any) -> None:
    if event.anchor is not None:  # an alias has one too
        raise _Refused(
            "YML002", event.start_mark, "Anchors and aliases are not read.", "Write the value out."
        )
    if event.tag is not None:
        raise _Refused("YML002", event.start_mark, f"The tag {event.tag} is not read.", "Remove it.")


def _scalar(event: Any) -> Json:
    text = str(event.value)
    if event.style:  # a plain scalar has None in pure Python and an empty style in C
        return text
    if text in _NULL:
        return None
    if text[0] in _NUMERIC:
        return _number(event, text)
    if text in _TRUE or text in _FALSE:
        return text in _TRUE
    return text


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
