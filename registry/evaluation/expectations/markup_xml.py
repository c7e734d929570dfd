"""Checks of XML in an answer: is-xml, contains-xml.

Read by expat, well-formed and with every prefix bound; the value is a list of elements that must be there, each
as a path of names from the root: ``order.lines.line``.
It must never follow a document type: entities can make a small text huge or read a file.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from xml.parsers import expat

from registry.evaluation.expectations.outcome import (
    ExpectationType,
    Outcome,
    Subject,
    bad_value,
    excerpt,
)
from registry.evaluation.expectations.text import list_problems
from registry.evaluation.problem import Problem
from registry.evaluation.records import Expectation
from serve.core.model import Json

_TAG = re.compile(
    r"<!--.*?(?:-->|\Z)|<!\[CDATA\[.*?(?:\]\]>|\Z)|<\?.*?(?:\?>|\Z)"
    r"|<(?P<close>/)?(?P<name>[^\W\d][\w:.\-]*)(?P<rest>(?:[^<>\"']|\"[^\"]*\"|'[^']*')*)>",
    re.DOTALL,
)
_Paths = frozenset[str]


class NotXml(ValueError):
    """A text that is not well-formed; says where and why in half a line."""


def paths_of(text: str, *, namespaces: bool = True) -> _Paths:
    """The path of every element of a document, names joined by dots.

    Raises:
        NotXml: when the text is not one well-formed document, or brings a document type with declarations.
    """
    stack: list[str] = []
    found: set[str] = set()

    def begin(name: str, _attributes: object) -> None:
        written = _as_written(name)
        stack.append(f"{stack[-1]}.{written}" if stack else written)
        found.add(stack[-1])

    def refuse(_name: str, _system: object, _public: object, has_declarations: int) -> None:
        if has_declarations:
            raise NotXml("it declares its own document type")

    parser = expat.ParserCreate(namespace_separator=" " if namespaces else None)
    parser.namespace_prefixes = namespaces
    parser.StartElementHandler = begin
    parser.EndElementHandler = lambda _name: stack.pop() and None
    parser.StartDoctypeDeclHandler = refuse
    try:
        parser.Parse(text.encode("utf-8", "replace"), True)
    except expat.ExpatError as error:
        raise NotXml(f"{expat.ErrorString(error.code)} (line {error.lineno})") from error
    return frozenset(found)


def _as_written(name: str) -> str:
    """``prefix:name`` again, of expat's ``address name prefix``."""
    _, _, rest = name.partition(" ")
    local, _, prefix = (rest or name).partition(" ")
    return f"{prefix}:{local}" if prefix else local


def _is_xml(expectation: Expectation, subject: Subject) -> Outcome:
    try:
        found = paths_of(subject.text)
    except NotXml as problem:
        return Outcome(False, f"is not XML: {problem}")
    return _with_elements(expectation, found, "is XML")


def _contains_xml(expectation: Expectation, subject: Subject) -> Outcome:
    found = frozenset[str]().union(*_pieces(subject.text))
    if not found:
        return Outcome(False, "holds no well-formed XML element")
    return _with_elements(expectation, found, "holds XML")


def _with_elements(expectation: Expectation, found: _Paths, told: str) -> Outcome:
    value = expectation.value
    lacking = [path for path in ([value] if isinstance(value, str) else value or []) if path not in found]
    fact = (
        f"{told} without {', '.join(map(excerpt, lacking))}" if lacking else f"{told} with all that is asked"
    )
    return Outcome(not lacking, fact)


def _pieces(text: str) -> Iterator[_Paths]:
    """The paths of every outermost well-formed element, each from its own root."""
    for start, end in _spans(text):
        try:
            yield paths_of(text[start:end], namespaces=False)
        except NotXml:
            continue


def _spans(text: str) -> list[tuple[int, int]]:
    """Where outermost elements begin and end; what is opened and never closed is passed over."""
    open_tags: list[tuple[str, int]] = []
    opened: Counter[str] = Counter()
    spans: list[tuple[int, int]] = []
    for tag in _TAG.finditer(text):
        name = tag["name"]
        if name is None:
            continue
        if tag["close"]:
            if not opened[name]:
                continue
            while open_tags[-1][0] != name:
                opened[open_tags.pop()[0]] -= 1
            start = open_tags.pop()[1]
            opened[name] -= 1
            while spans and spans[-1][0] > start:
                spans.pop()
            spans.append((start, tag.end()))
        elif tag["rest"].endswith("/"):
            spans.append((tag.start(), tag.end()))
        else:
            open_tags.append((name, tag.start()))
            opened[name] += 1
    return spans


def _element_problems(value: Json) -> Iterator[Problem]:
    if value is None:
        return
    if isinstance(value, str):
        if not value or "," in value:
            hint = "Write [order.id, order.lines]; text is not split at commas."
            yield bad_value("The value must be a path of elements, or a list of them.", hint)
    elif isinstance(value, dict):
        yield bad_value("The value must be a list of elements.", "Write [order.id, order.lines].")
    else:
        yield from list_problems(value)


TYPES = (
    ExpectationType("is-xml", _is_xml, _element_problems),
    ExpectationType("contains-xml", _contains_xml, _element_problems),
)
