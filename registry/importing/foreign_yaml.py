"""YAML of other tools to plain values: anchors written out, tags refused, scalars as their own tool reads them.

Our own reader refuses what makes a file surprising; files of others are full of it, and are read as they are.
Beside ``authoring.parse`` and ``emit`` the one file that knows YAML.
It must never build anything but plain values, never grow past its bound, and never change a value untold.
"""

from __future__ import annotations

import copy
import json
import math
import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

import yaml

from registry.importing.port import Note
from serve.core.model import Json

Flavour = Literal["1.1", "1.2"]
LIMIT = 8 * 2**20  # bytes of a file, and again of what its aliases add
_DEPTH = 60
_NODE = 16  # what a value costs beside its characters, so that empty ones are not free
_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_TAG = "tag:yaml.org,2002:"
_NULLS = frozenset(("", "~", "null", "Null", "NULL"))
_BOOLEANS = {word: word.lower() == "true" for word in ("true", "True", "TRUE", "false", "False", "FALSE")}
_INTEGER = re.compile(r"[-+]?[0-9]{1,400}\Z")
_BASED = re.compile(r"0(o[0-7]{1,200}|x[0-9a-fA-F]{1,200})\Z")
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?\Z")
_ENDLESS = re.compile(r"([-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN))\Z")
_COMMENT = re.compile(r"(?:^|(?<=\s))(#[^\n]*\S[^\n]*)", re.MULTILINE)
_EDITOR = re.compile(r"#\s*(yaml-language-server|vim?:|-\*-)|#+\s*\Z")
_RESOLVER: Any = yaml.resolver.Resolver()
_CONSTRUCTOR = yaml.constructor.SafeConstructor()
_BUILDS: Mapping[str, Callable[[Any, yaml.ScalarNode], Json]] = {
    f"{_TAG}null": yaml.constructor.SafeConstructor.construct_yaml_null,
    f"{_TAG}bool": yaml.constructor.SafeConstructor.construct_yaml_bool,
    f"{_TAG}int": yaml.constructor.SafeConstructor.construct_yaml_int,
    f"{_TAG}float": yaml.constructor.SafeConstructor.construct_yaml_float,
}


def load_foreign(
    path: str, data: bytes, *, flavour: Flavour = "1.2", first_line: int = 1
) -> tuple[Json | None, tuple[Note, ...]]:
    """The value of a YAML (or JSON) text, and what is not as it was written; None with a fault if unreadable.

    Anchors and merge keys are written out. A doubled key keeps its last value; a value with a tag that is not of
    YAML's core becomes null; both are faults. Dates stay text, and so do the names of all keys.

    Args:
        path: what a note names when the whole file is meant.
        data: the bytes, UTF-8.
        flavour: ``1.1`` where the format's own tool reads with PyYAML (``no`` is false), ``1.2`` where it is
            a JavaScript tool.
        first_line: the line of the first byte, for a text that begins inside a file.
    """
    if len(data) > LIMIT:
        return None, (Note("fault", path, f"is over {LIMIT // 2**20} MiB; split it"),)
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return None, (Note("fault", path, "is not UTF-8 text; save it as UTF-8"),)
    builder = _Builder(flavour, first_line)
    if text.lstrip()[:1] in ("{", "["):
        value, read = _as_json(text, builder)
        if read:
            return value, builder.told()
    try:
        value = builder.document(yaml.parse(text, Loader=_LOADER))
    except _Unreadable as error:
        return None, (Note("fault", path, error.why, error.line),)
    except yaml.MarkedYAMLError as error:
        line = builder.line(error.problem_mark) if error.problem_mark else None
        return None, (Note("fault", path, f"is not YAML: {error.problem or error.context}", line),)
    except yaml.YAMLError as error:
        return None, (Note("fault", path, f"is not YAML: {str(error).splitlines()[0]}"),)
    return value, (*builder.told(), *_comments(text, builder))


def _comments(text: str, builder: _Builder) -> Iterator[Note]:
    """What stands behind ``#`` outside of all values, but for lines that speak to an editor."""
    ends = [0, *(end for _, end in builder.spans)]
    starts = [*(start for start, _ in builder.spans), len(text)]
    found = [
        (start + match.start(1), match[1])
        for start, end in zip(ends, starts, strict=True)
        for match in _COMMENT.finditer(text[start:end])
        if not _EDITOR.match(match[1])
    ]
    if found:
        place, first = found[0]
        many = "one comment is" if len(found) == 1 else f"{len(found)} comments are"
        line = builder.first_line + text.count("\n", 0, place)
        yield Note("lost", "comments", f"{many} not carried; the first is {first[:60].strip()}", line)


def _as_json(text: str, builder: _Builder) -> tuple[Json, bool]:
    """JSON by JSON's own reader, which knows escapes that YAML's refuses; False where it is something else."""

    def pairs(items: list[tuple[str, Json]]) -> dict[str, Json]:
        builder.notes += [
            Note("fault", key, "stands here twice; the last one was taken")
            for key, count in Counter(key for key, _ in items).items()
            if count > 1
        ]
        return dict(items)

    try:
        value = json.loads(text, object_pairs_hook=pairs)
        # half of a surrogate pair is no text, and NaN is no number: YAML's reader says what they are
        json.dumps(value, ensure_ascii=False, allow_nan=False).encode()
    except (ValueError, RecursionError):
        builder.notes.clear()
        return None, False
    if _nests(value, _DEPTH):
        return value, True
    builder.notes.clear()
    return None, False


def _nests(value: Json, levels: int) -> bool:
    """True where a value is nested at most so many levels deep."""
    inside = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return levels >= 0 and all(_nests(item, levels - 1) for item in inside)


class _Unreadable(Exception):
    def __init__(self, why: str, line: int | None) -> None:
        super().__init__(why)
        self.why = why
        self.line = line


@dataclass(slots=True)
class _Anchored:
    """A value with a name, how large it is, and whether it is whole yet."""

    value: Json = None
    size: int = 0
    whole: bool = False


@dataclass(slots=True)
class _Builder:
    flavour: Flavour
    first_line: int
    size: int = 0
    copied: int = 0
    aliases: int = 0
    anchors: dict[str, _Anchored] = field(default_factory=dict)
    notes: list[Note] = field(default_factory=list)
    spans: list[tuple[int, int]] = field(default_factory=list)

    def told(self) -> tuple[Note, ...]:
        out = list(self.notes)
        if self.aliases:
            times = "one alias was" if self.aliases == 1 else f"{self.aliases} aliases were"
            out.append(Note("changed", "anchors", f"{times} written out; files here hold none"))
        return tuple(out)

    def line(self, mark: Any) -> int:
        return int(mark.line) + self.first_line

    def document(self, events: Iterator[Any]) -> Json:
        value: Json = None
        documents = 0
        for event in events:
            if isinstance(event, yaml.DocumentStartEvent):
                documents += 1
                if documents > 1:
                    self._fault("second document", "begins here; only the first was read", event)
                    break
            elif isinstance(event, yaml.NodeEvent):
                value = self._value(event, events, 0, "")
        return value

    def _value(self, event: Any, events: Iterator[Any], depth: int, where: str) -> Json:
        if depth > _DEPTH:
            raise _Unreadable(f"is nested deeper than {_DEPTH} levels", self.line(event.start_mark))
        if isinstance(event, yaml.AliasEvent):
            return self._alias(event)
        anchored = _Anchored(size=self.size)
        if event.anchor is not None:
            self.anchors[event.anchor] = anchored
        value = self._built(event, events, depth, where)
        if event.tag is not None and not _is_core(event):
            name = where or "the file"
            self._fault(name, f"has the tag {event.tag}, which is not read; its value was left out", event)
            value = None
        anchored.value, anchored.size, anchored.whole = value, self.size - anchored.size, True
        return value

    def _built(self, event: Any, events: Iterator[Any], depth: int, where: str) -> Json:
        if isinstance(event, yaml.ScalarEvent):
            self.size += _NODE + len(event.value)
            start: Any = event.start_mark
            end: Any = event.end_mark
            self.spans.append((start.index, end.index))
            return self._scalar(event, where)
        self.size += _NODE
        if isinstance(event, yaml.SequenceStartEvent):
            return self._sequence(events, depth, where)
        return self._mapping(events, depth, where)

    def _sequence(self, events: Iterator[Any], depth: int, where: str) -> list[Json]:
        out: list[Json] = []
        for event in events:
            if isinstance(event, yaml.SequenceEndEvent):
                break
            out.append(self._value(event, events, depth + 1, f"{where}[{len(out)}]"))
        return out

    def _mapping(self, events: Iterator[Any], depth: int, where: str) -> dict[str, Json]:
        own: dict[str, Json] = {}
        merged: dict[str, Json] = {}
        for event in events:
            if isinstance(event, yaml.MappingEndEvent):
                break
            key = self._key(event, events, depth)
            inside = f"{where}.{key}" if where else str(key)
            value = self._value(next(events), events, depth + 1, inside)
            if key is None:
                self._fault(where or "the file", "has a key that is no plain text; it was left out", event)
            elif key == "<<" and not event.style:
                self._merge(merged, value, inside, event)
            else:
                if key in own:
                    self._fault(inside, "stands here twice; the last one was taken", event)
                own[key] = value
        return merged | own

    def _key(self, event: Any, events: Iterator[Any], depth: int) -> str | None:
        value = self._value(event, events, depth + 1, "a key")
        if isinstance(event, yaml.ScalarEvent):
            return str(event.value)
        return value if isinstance(event, yaml.AliasEvent) and isinstance(value, str) else None

    def _merge(self, merged: dict[str, Json], value: Json, where: str, event: Any) -> None:
        for part in value if isinstance(value, list) else [value]:
            if isinstance(part, dict):
                merged.update({key: item for key, item in part.items() if key not in merged})
            else:
                self._fault(where, "merges what is no mapping; it was left out", event)

    def _alias(self, event: Any) -> Json:
        anchored = self.anchors.get(event.anchor)
        if anchored is None:
            why = f"names an anchor that is not there: *{event.anchor}"
            raise _Unreadable(why, self.line(event.start_mark))
        if not anchored.whole:
            raise _Unreadable(f"holds itself: *{event.anchor}", self.line(event.start_mark))
        self.size += anchored.size
        self.copied += anchored.size
        if self.copied > LIMIT:
            raise _Unreadable("grows too large when its aliases are written out", self.line(event.start_mark))
        self.aliases += 1
        return copy.deepcopy(anchored.value)

    def _scalar(self, event: Any, where: str) -> Json:
        text = str(event.value)
        if event.tag is not None:
            value = _tagged(event.tag, text)
        elif event.style:  # a plain scalar has None in pure Python and an empty style in C
            return text
        else:
            value = _scalar_1_1(text) if self.flavour == "1.1" else _scalar_1_2(text)
        if isinstance(value, float) and not math.isfinite(value):
            self.notes.append(Note("changed", where, f"{text} is no number of JSON; it is text now"))
            return text
        return value

    def _fault(self, what: str, why: str, event: Any) -> None:
        self.notes.append(Note("fault", what, why, self.line(event.start_mark)))


def _is_core(event: Any) -> bool:
    tag = str(event.tag)
    if isinstance(event, yaml.ScalarEvent):
        return tag in {"!", *(f"{_TAG}{name}" for name in ("str", "int", "float", "bool", "null"))}
    return tag == f"{_TAG}{'seq' if isinstance(event, yaml.SequenceStartEvent) else 'map'}"


def _tagged(tag: str, text: str) -> Json:
    """A scalar with a core tag: what its text is under that tag, or the text where it is not that at all."""
    if tag in ("!", f"{_TAG}str"):
        return text
    value = _scalar_1_2(text)
    is_whole = isinstance(value, int) and not isinstance(value, bool) and abs(value) < 2**53
    return float(value) if tag == f"{_TAG}float" and is_whole else value


def _scalar_1_2(text: str) -> Json:
    if text in _NULLS:
        return None
    if text in _BOOLEANS:
        return _BOOLEANS[text]
    if _INTEGER.match(text):
        return int(text)
    if _BASED.match(text):
        return int(text, 0)
    if _ENDLESS.match(text):
        return math.inf
    return float(text) if _FLOAT.match(text) else text


def _scalar_1_1(text: str) -> Json:
    tag = _RESOLVER.resolve(yaml.ScalarNode, text, (True, False))
    build = _BUILDS.get(tag)
    try:
        return text if build is None else build(_CONSTRUCTOR, yaml.ScalarNode(tag, text))
    except ValueError:  # more digits than Python reads, or digits that are none
        return text
