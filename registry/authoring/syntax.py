"""YAML with its comments: each one hung on the entry that it speaks of, as a formatter has to see it.

``parse`` keeps values alone and no YAML writer keeps comments in place, so this is the tree between the two.
It reads only what ``parse`` accepts.
It must never drop a comment, nor decide how anything is written.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import yaml

_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_COMMENT = re.compile(r"#[^\n]*")
_HEADER_COMMENT = re.compile(r"[|>][^\s#]*[ \t]+(#[^\n]*)")
_ONLY_DASHES = re.compile(r"[\s-]*\Z")
_EDITOR_LINE = re.compile(r"#\s*(yaml-language-server:|\$schema:|vim?:|-\*-)")


@dataclass(slots=True)
class Scalar:
    """A leaf: its text, the style it was written in (empty where plain) and the bytes it was written with."""

    value: str
    style: str
    raw: str


@dataclass(slots=True)
class Entry:
    """A key with its value, or an item of a sequence (no key), and the comments about it.

    ``above`` are whole lines, an empty one for a blank line; ``beside`` is the comment on its own line.
    """

    key: Scalar | None
    node: Node = field(default_factory=lambda: Scalar("", "", ""))
    above: list[str] = field(default_factory=list)
    beside: str = ""


@dataclass(slots=True)
class Collection:
    """A mapping or a sequence; ``below`` are the comment lines after its last entry."""

    mapping: bool
    flow: bool
    column: int
    entries: list[Entry] = field(default_factory=list)
    below: list[str] = field(default_factory=list)


Node = Scalar | Collection


@dataclass(slots=True)
class Page:
    """A whole file: ``head`` is what stands at its top whatever the first key is."""

    head: list[str]
    root: Collection


def read_page(text: str) -> Page | None:
    """The tree of a file whose line ends are those of Unix; None for one that is no mapping or sequence."""
    root = _Reader(text).read()
    if root is None or not root.entries:
        return None
    first = root.entries[0]
    blank = max((at + 1 for at, line in enumerate(first.above) if not line), default=0)
    lines = next(
        (at for at, line in enumerate(first.above) if not _EDITOR_LINE.match(line)), len(first.above)
    )
    cut = max(blank, lines)
    head, first.above = first.above[:cut], first.above[cut:]
    return Page(head, root)


def comments_of(text: str) -> list[str]:
    """Every comment of a file without trailing spaces, sorted."""
    return sorted(comment for _, comment in _comments(text, list(yaml.parse(text, Loader=_LOADER))))


def _comments(text: str, events: list[Any]) -> Iterator[tuple[int, str]]:
    """Comments with their index: what follows a hash outside of every scalar."""
    end = 0
    scalars: Iterator[Any] = (event for event in events if isinstance(event, yaml.ScalarEvent))
    for event in scalars:
        start = event.start_mark.index
        if start == event.end_mark.index:
            continue
        yield from ((m.start(), m[0].rstrip()) for m in _COMMENT.finditer(text, end, start))
        end = event.end_mark.index
        header = _HEADER_COMMENT.match(text, start, end) if event.style in ("|", ">") else None
        if header is not None:
            yield header.start(1), header[1].rstrip()
    yield from ((m.start(), m[0].rstrip()) for m in _COMMENT.finditer(text, end))


class _Reader:
    """Walks the parser's events; a comment is placed when the event after it is known.

    ``_open`` are the collections around the current place, ``_closed`` the block collections that ended since
    the last entry, innermost first: where the text goes on decides which of them a comment still belongs to.
    """

    def __init__(self, text: str) -> None:
        self._text = text
        self._starts = [0, *(match.end() for match in re.finditer("\n", text))]
        self._lines = text.split("\n")
        self._events = list(yaml.parse(text, Loader=_LOADER))
        self._comments = deque(_comments(text, self._events))
        self._open: list[Collection] = []
        self._closed: list[Collection] = []
        self._valueless: Entry | None = None

    def read(self) -> Collection | None:
        root: Collection | None = None
        for event in self._events:
            if isinstance(event, yaml.CollectionStartEvent):
                collection = self._begin(event)
                root = root or collection
            elif isinstance(event, yaml.CollectionEndEvent):
                self._end(event)
            elif isinstance(event, yaml.ScalarEvent) and self._open:
                self._scalar(event)
        if root is not None:
            root.below += self._above(len(self._text), -1)
        return root

    def _begin(self, event: Any) -> Collection:
        is_mapping = isinstance(event, yaml.MappingStartEvent)
        index = event.start_mark.index
        collection = Collection(is_mapping, bool(event.flow_style), self._column(index))
        if self._open:
            self._place(collection, index)
        self._open.append(collection)
        return collection

    def _end(self, event: Any) -> None:
        collection = self._open[-1]
        if collection.flow:
            collection.below += self._above(event.start_mark.index, -1)
            while collection.below and not collection.below[-1]:
                collection.below.pop()
        else:
            self._closed.append(collection)
        self._open.pop()

    def _scalar(self, event: Any) -> None:
        start, end = event.start_mark.index, event.end_mark.index
        scalar = Scalar(str(event.value), event.style or "", self._text[start:end])
        if self._open[-1].mapping and self._valueless is None:
            self._valueless = Entry(scalar, above=self._above(start, self._column(start)))
            self._open[-1].entries.append(self._valueless)
        else:
            self._place(scalar, start)

    def _place(self, node: Node, index: int) -> None:
        """Give a node to the key that waits for it, or make it an item."""
        if self._valueless is None:
            column = self._open[-1].column
            self._open[-1].entries.append(Entry(None, node, self._above(index, column)))
            return
        if isinstance(node, Scalar) and node.raw:
            between = [line for line in self._above(index, -1, blank=False) if line]
            self._valueless.above += between
        self._valueless.node = node
        self._valueless = None

    def _above(self, index: int, column: int, *, blank: bool = True) -> list[str]:
        """Place the comments before an index; those that belong to the entry that begins there are returned."""
        above: list[str] = []
        while self._comments and self._comments[0][0] < index:
            at, comment = self._comments.popleft()
            line = self._line(at)
            if not _ONLY_DASHES.match(self._text[self._starts[line] : at]) and self._beside(comment):
                continue
            home = None if above else self._ended_home(self._column(at), column)
            lines = above if home is None else home.below
            lines += ["", comment] if self._follows_blank(line) else [comment]
        if blank and index < len(self._text) and self._begins_after_blank(index):
            above.append("")
        if blank:
            self._closed.clear()
        return above

    def _beside(self, comment: str) -> bool:
        """Hang a comment on the last entry of the innermost collection; False where there is none yet."""
        for collection in (*self._closed, *reversed(self._open)):
            if collection.entries:
                last = collection.entries[-1]
                if last.beside:
                    last.above.append(comment)
                else:
                    last.beside = comment
                return True
        return False

    def _ended_home(self, comment_column: int, next_column: int) -> Collection | None:
        """The collection that just ended and that a comment, by its indentation, is still part of."""
        if comment_column <= next_column:
            return None
        for at, collection in enumerate(self._closed):
            if collection.column <= comment_column:
                del self._closed[:at]
                return collection
        return None

    def _line(self, index: int) -> int:
        return bisect_right(self._starts, index) - 1

    def _column(self, index: int) -> int:
        return index - self._starts[self._line(index)]

    def _begins_after_blank(self, index: int) -> bool:
        """True for what is the first thing on its line, below a blank one."""
        line = self._line(index)
        return self._follows_blank(line) and bool(_ONLY_DASHES.match(self._text[self._starts[line] : index]))

    def _follows_blank(self, line: int) -> bool:
        return line > 0 and not self._lines[line - 1].strip()
