"""How a file of this house is set: indentation, quotes, blocks, what stays on one line.

Two spaces, items indented below their key, one blank line at most, quotes only where YAML needs them, text of
several lines as a block. What was written on one line stays there while it fits.
It must never change a value, nor need to know what a key means.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby

from registry.authoring.syntax import Collection, Entry, Node, Page, Scalar

WIDTH = 120
_SPECIAL = frozenset(("null", "true", "false", "yes", "no", "on", "off", "y", "n"))
_ESCAPES = {"\n": "\\n", "\t": "\\t", "\r": "\\r", '"': '\\"', "\\": "\\\\"}
_WORD = re.compile(r"[A-Za-z][A-Za-z0-9_./-]*\Z")
_NEVER_PLAIN = re.compile(r":(\s|\Z)|\s#|\s\Z|[\\\[\]{}|*^$]")
_FOLDS = re.compile(r"(?<=\S) (?=\S)")


def set_page(page: Page, order: Sequence[str] = ()) -> str:
    """The text of a file; keys of ``order`` come first and in that order, all others after them as they were."""
    if page.root.mapping:
        rank = {key: at for at, key in enumerate(order)}
        page.root.entries.sort(key=lambda entry: rank.get(entry.key.value if entry.key else "", len(rank)))
    setting = _Setting()
    setting.above(page.head, 0)
    setting.block(page.root, 0)
    return "".join(f"{line}\n" for line in _aligned(setting.lines))


class _Setting:
    """Lines set so far, each with the comment behind it."""

    def __init__(self) -> None:
        self.lines: list[tuple[str, str]] = []

    def above(self, lines: Iterable[str], indent: int) -> None:
        """Comment lines, and blank ones where none is yet."""
        for line in lines:
            if line:
                self.lines.append((" " * indent + line, ""))
            elif self.lines and self.lines[-1] != ("", ""):
                self.lines.append(("", ""))

    def block(self, node: Collection, indent: int) -> None:
        """A collection, one entry after the other."""
        for at, entry in enumerate(node.entries):
            above = [*entry.above, *_inside_nothing(entry.node)]
            while at == 0 and above and not above[0]:
                above.pop(0)
            self.above(above, indent)
            self._entry(
                entry, " " * indent + (f"{_inline(entry.key, flow=True)}:" if entry.key else "-"), indent
            )
        self.above(node.below, indent)

    def _entry(self, entry: Entry, lead: str, indent: int) -> None:
        node = entry.node
        line = _on_one_line(node, lead)
        if line is not None:
            self.lines.append((line, entry.beside))
        elif isinstance(node, Scalar):
            header, body = _text_block(node, WIDTH - indent - 2)
            self.lines.append((f"{lead} {header}", entry.beside))
            self.lines += ((" " * (indent + 2) + row if row else "", "") for row in body)
        elif entry.key is not None:
            self.lines.append((lead, entry.beside))
            self.block(node, indent + 2)
        else:
            self._item(node, entry.beside, lead, indent)

    def _item(self, node: Collection, beside: str, lead: str, indent: int) -> None:
        """A collection behind its dash; comments that would stand between the two go above both."""
        start = len(self.lines)
        self.block(node, indent + 2)
        child, self.lines = self.lines[start:], self.lines[:start]
        first = next(at for at, (text, _) in enumerate(child) if text and not text.lstrip().startswith("#"))
        self.above([*filter(None, [beside]), *(text.lstrip() for text, _ in child[:first])], indent)
        text, behind = child[first]
        self.lines += [(f"{lead} {text.lstrip()}", behind), *child[first + 1 :]]


def _inside_nothing(node: Node) -> list[str]:
    """Comments inside an empty collection, which has no line for them."""
    return node.below if isinstance(node, Collection) and not node.entries else []


def _on_one_line(node: Node, lead: str) -> str | None:
    """The entry as one line, or None where it needs more."""
    if isinstance(node, Collection):
        text = _flow(node)
        return None if text is None or (node.entries and len(f"{lead} {text}") > WIDTH) else f"{lead} {text}"
    if not node.raw:
        return lead if lead.endswith(":") else f"{lead} null"
    if _is_block(node):
        return None
    line = f"{lead} {_inline(node, flow=False)}"
    return None if len(line) > WIDTH and "\n" in node.raw and _can_fold(node.value) else line


def _flow(node: Node) -> str | None:
    """A node between its neighbours on one line; None where comments, blocks or its writer forbid it."""
    if isinstance(node, Scalar):
        return None if _is_block(node) else _inline(node, flow=True)
    if node.entries and not node.flow:
        return None
    if (node.below and node.entries) or any(entry.above or entry.beside for entry in node.entries):
        return None
    parts: list[str] = []
    for entry in node.entries:
        value = _flow(entry.node)
        if value is None:
            return None
        parts.append(f"{_inline(entry.key, flow=True)}: {value}" if entry.key else value)
    return f"{{{', '.join(parts)}}}" if node.mapping else f"[{', '.join(parts)}]"


def _inline(scalar: Scalar, *, flow: bool) -> str:
    value = scalar.value
    if not scalar.style and scalar.raw == value:
        return value or "null"
    if _reads_plain(value, flow=flow):
        return value
    if not value.isprintable():
        return scalar.raw if scalar.style == '"' and "\n" not in scalar.raw else _escaped(value)
    if "'" not in value and ("\\" in value or '"' in value):
        return f"'{value}'"
    return _escaped(value)


def _reads_plain(value: str, *, flow: bool) -> bool:
    """True for quoted text that needs no quotes: every YAML reader, and a hasty person, takes it as this text.

    Between neighbours on one line that is a single word; a sentence there is easier to see in its quotes.
    """
    if value.lower() in _SPECIAL:
        return False
    if flow:
        return _WORD.match(value) is not None
    return value[:1].isalpha() and value.isprintable() and _NEVER_PLAIN.search(value) is None


def _escaped(value: str) -> str:
    return '"' + "".join(_ESCAPES.get(char) or _visible(char) for char in value) + '"'


def _visible(char: str) -> str:
    if char.isprintable():
        return char
    code = ord(char)
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def _is_block(scalar: Scalar) -> bool:
    """True for text that is set as a block: what was one, and what has several lines and fits into one."""
    if scalar.style in ("|", ">"):
        return bool(scalar.value.strip("\n "))
    value = scalar.value
    lines = value.split("\n")
    return (
        len(lines) > 1
        and bool(value.strip())
        and value[0] not in "\n\t "
        and not value.endswith("\n\n")
        and all(line.replace("\t", " ").isprintable() for line in lines)
    )


def _text_block(scalar: Scalar, width: int) -> tuple[str, list[str]]:
    """The header and the lines of a text block."""
    value = scalar.value
    if scalar.style == ">" and not re.match(r">[-+]?\d", scalar.raw):
        return _folded_as_written(scalar)
    if "\n" not in value and scalar.style not in ("|", ">"):
        return ">-", _wrapped(value, width)
    body = value.removesuffix("\n").split("\n")
    first = next((line for line in body if line), "")
    indicator = "2" if first[:1] in (" ", "\t") else ""
    chomping = "-" if not value.endswith("\n") else "+" if value.endswith("\n\n") else ""
    return f"|{indicator}{chomping}", body


def _folded_as_written(scalar: Scalar) -> tuple[str, list[str]]:
    header, *rows = scalar.raw.split("\n")
    chomping = "+" if "+" in header.split("#")[0] else "-" if "-" in header.split("#")[0] else ""
    if not chomping and not scalar.value.endswith("\n"):
        chomping = "-"  # the file ends with the text, without a line break
    while rows and not rows[-1].strip() and chomping != "+":
        rows.pop()
    first = next(row for row in rows if row.strip())
    indent = len(first) - len(first.lstrip(" "))
    body = [row[indent:] for row in rows]
    return f">{chomping}", body[:-1] if chomping == "+" and not body[-1] else body


def _can_fold(value: str) -> bool:
    return value.isprintable() and value == value.strip() and _FOLDS.search(value) is not None


def _wrapped(value: str, width: int) -> list[str]:
    lines: list[str] = []
    for word in _FOLDS.split(value):
        if lines and len(lines[-1]) + 1 + len(word) <= width:
            lines[-1] += f" {word}"
        else:
            lines.append(word)
    return lines


def _aligned(lines: Iterable[tuple[str, str]]) -> Iterator[str]:
    """The lines as text; comments behind lines that follow each other at one depth stand below each other."""
    for depth, group in groupby(lines, key=_depth_of_commented):
        run = list(group)
        column = max(len(text) for text, _ in run)
        yield from (text if depth is None else f"{text:{column}}  {comment}" for text, comment in run)


def _depth_of_commented(line: tuple[str, str]) -> int | None:
    text, comment = line
    return len(text) - len(text.lstrip(" -")) if comment else None
