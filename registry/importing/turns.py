"""One text with a whole conversation in it, taken apart into its messages before anything is rendered.

Formats that find their roles in rendered text let a value forge one; here each message is a template of its own.
It must never move a word from one role to another untold.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from registry.importing.port import Note
from registry.importing.templates.jinja import Tag, tags, texts

MARKER = re.compile(
    r"^[ \t]*#?[ \t]*(system|user|assistant|developer|function|tool)[ \t]*(\[[^\]\n]*\])?[ \t]*:[ \t]*$",
    re.IGNORECASE | re.MULTILINE,
)
_ITEM_ROLE = re.compile(
    r"^[ \t]*#?[ \t]*\{\{-?\s*(\w+)(\.(role|type|author|sender)|\[[\"'](role|type|author|sender)[\"']\])"
    r"(\s*\|\s*(lower|trim))*\s*-?\}\}[ \t]*:[ \t]*$",
    re.MULTILINE,
)
THREAD = "![thread]"
_THREAD = re.compile(r"^[ \t]*!\[thread\](\(\))?[ \t]*$", re.MULTILINE)
_FOR = re.compile(r"for\s+(\w+)\s+in\s+([A-Za-z_]\w*)(\s*\[[^\]]*\])?\s*\Z")
_WORD = re.compile(r"[A-Za-z_]\w*")
_SET = re.compile(r"set\s+(\w+)")
_NO_TEXT = re.compile(r"\{%.*?%\}|\{#.*?#\}|\0", re.DOTALL)
_EMPTY_ELSE = re.compile(r"\{% else %\}(?:\{% endif %\}|\s*\{% endif %\}\s*\Z)")


@dataclass(frozen=True, slots=True)
class Turn:
    """One message as the text has it: ``role`` in small letters, empty before the first marker."""

    role: str
    template: str
    line: int


@dataclass(frozen=True, slots=True)
class Earlier:
    """A loop over earlier messages, which is a placeholder here."""

    name: str
    line: int


@dataclass(slots=True)
class _Block:
    """A block from its opening tag to its end, with what divides it."""

    tags: list[Tag]
    inside: list[_Block] = field(default_factory=list)

    @property
    def start(self) -> int:
        return self.tags[0].start

    @property
    def end(self) -> int:
        return self.tags[-1].end


def taken_apart(source: str) -> tuple[tuple[Turn | Earlier, ...], tuple[Note, ...]]:
    """The messages of a text in Jinja2, in order, and what is not as it was; lines count from 1."""
    return _Cutter(source, tags(source) or ()).cut()


@dataclass(slots=True)
class _Cutter:
    source: str
    tags: Sequence[Tag]
    notes: list[Note] = field(default_factory=list)
    blocks: list[_Block] = field(default_factory=list)
    erased: list[tuple[int, int]] = field(default_factory=list)
    sets: list[tuple[Tag, str, list[_Block]]] = field(default_factory=list)

    def cut(self) -> tuple[tuple[Turn | Earlier, ...], tuple[Note, ...]]:
        self.blocks = _nested(self.tags)
        self.sets = self._sets()
        earlier = [region for block in self.blocks for region in self._regions(block)]
        cuts: list[tuple[int, int, str | _Block]] = [(region[0], region[1], region[2]) for region in earlier]
        marks = [*MARKER.finditer(self.source), *_THREAD.finditer(self.source)]
        cuts += [
            (found.start(), found.end(), found[1].lower() if found.re is MARKER else THREAD)
            for found in marks
            if self._is_text(found.start(), found.end(1))
            and not any(start <= found.start() < end for start, end, _ in earlier)
        ]
        cuts = [
            *self._one_for_all_branches(cuts),
            *(cut for cut in cuts if cut[1] not in {end for _, end in self.erased}),
        ]
        out: list[Turn | Earlier] = []
        role, position, marked = "", 0, False
        for start, end, what in sorted(cuts, key=lambda cut: cut[:2]):
            self._add(out, role, position, start, marked)
            position, marked = end, isinstance(what, str) and what != THREAD
            if what == THREAD:
                out.append(Earlier("thread", self._line(start)))
            elif isinstance(what, str):
                role = what
                self._at_marker(start, end)
            else:
                out.append(self._earlier(what))
        self._add(out, role, position, len(self.source), marked)
        return tuple(out), tuple(dict.fromkeys(self.notes))

    def _one_for_all_branches(
        self, cuts: Sequence[tuple[int, int, str | _Block]]
    ) -> list[tuple[int, int, str | _Block]]:
        """A marker before each condition of which every branch, an else too, begins the same role."""
        found: list[tuple[int, int, str | _Block]] = []
        for block in self.blocks:
            inside = [cut for cut in cuts if block.start < cut[0] < block.end]
            roles = {cut[2] if isinstance(cut[2], str) else "" for cut in inside}
            spans = list(zip(block.tags, block.tags[1:], strict=False))
            begin = [
                cut
                for first, last in spans
                for cut in inside
                if first.end <= cut[0] < last.start and not self.source[first.end : cut[0]].strip()
            ]
            has_else = any(tag.name == "else" for tag in block.tags)
            if (
                has_else
                and len(begin) == len(inside) == len(spans)
                and len(roles) == 1
                and THREAD not in roles
            ):
                found.append((block.start, block.start, roles.pop()))
                starts = (max(tag.end for tag in block.tags if tag.end <= cut[0]) for cut in inside)
                self.erased += [(start, cut[1]) for start, cut in zip(starts, inside, strict=True)]
        return found

    def _line(self, position: int) -> int:
        return self.source.count("\n", 0, position) + 1

    def _is_text(self, start: int, end: int) -> bool:
        return any(first <= start and end <= last for first, last in texts(self.source, self.tags))

    def _regions(self, block: _Block) -> list[tuple[int, int, _Block]]:
        """The loops over messages in a block, each as wide as the condition that holds nothing else."""
        if block.tags[0].name == "for":
            held = self.source[block.start : block.end]
            return [(block.start, block.end, block)] if MARKER.search(held) or _ITEM_ROLE.search(held) else []
        found = [region for inner in block.inside for region in self._regions(inner)]
        if len(found) == 1 and len(block.tags) == 2 and block.tags[0].name == "if":
            start, end, loop = found[0]
            around = self.source[block.tags[0].end : start] + self.source[end : block.tags[-1].start]
            if not around.strip():
                return [(block.start, block.end, loop)]
        return found

    def _earlier(self, loop: _Block) -> Earlier:
        line = self._line(loop.start)
        over = _FOR.match(loop.tags[0].inner(self.source))
        name = over[2] if over else "history"
        body = self.source[loop.tags[0].end : loop.tags[-1].start]
        item = over[1] if over else ""
        why = f"hands over earlier messages as {name}: a list of {{role, content}}"
        if not over or over[3]:
            why += ", and chooses them itself"
            self.notes.append(
                Note("changed", "loop over messages", f"is a placeholder here: the caller {why}", line)
            )
        elif not _is_plain(body, item):
            told = " ".join(re.sub(r"\{[{%#].*?[}%#]\}", "…", body, flags=re.DOTALL).split())[:120]
            why += f"; each turn was made of: {told}"
            self.notes.append(
                Note("changed", f"loop over {name}", f"is a placeholder here: the caller {why}", line)
            )
        return Earlier(name, line)

    def _at_marker(self, start: int, end: int) -> None:
        around = [block for block in _all(self.blocks) if block.start < start < block.end]
        if around and not self._text_of(around[-1], end, around[-1].end):
            why = "begins a message only under a condition; it always does here"
            self.notes.append(Note("changed", self.source[start:end].strip(), why, self._line(start)))
        found = MARKER.match(self.source, start, end)
        if found and found[2]:
            why = "stands at the marker of a message; messages here have no such property"
            self.notes.append(Note("lost", found[2], why, self._line(start)))

    def _add(self, out: list[Turn | Earlier], role: str, start: int, end: int, marked: bool) -> None:
        template = self._seen_from(start, end)
        first = start + len(self.source[start:end]) - len(self.source[start:end].lstrip())
        if not _NO_TEXT.sub("", template).strip():
            if marked:
                why = "has no text; it was left out"
                self.notes.append(Note("changed", f"{role} message", why, self._line(first)))
            return
        if out and isinstance(out[-1], Earlier) and role == self._role_before(out):
            why = "stands behind the earlier messages without a role; it is a message of its own here"
            self.notes.append(Note("changed", f"{role or 'system'} text", why, self._line(first)))
        out.append(Turn(role, template, self._line(first)))

    def _role_before(self, out: list[Turn | Earlier]) -> str:
        return next((item.role for item in reversed(out) if isinstance(item, Turn)), "")

    def _seen_from(self, start: int, end: int) -> str:
        """The template as it looks from one message: blocks around it closed, what it needs set before it."""
        cut = [block for block in _all(self.blocks) if _is_cut(block, start, end)]
        around = [block for block in cut if self._text_of(block, start, end)]
        idle = [tag for block in cut if block not in around for tag in block.tags]
        needed = self._needed(start, end, around)
        inside = self._without(idle, start, end)
        outermost = _without_spans(inside, start, [(block.start, block.end) for block in around])
        if around and not _NO_TEXT.sub("", outermost).strip():
            why = "stands under a condition; it is always sent here, empty where the condition fails"
            self.notes.append(Note("changed", "message", why, self._line(start)))
        before = "".join(self.source[tag.start : tag.end] for tag in needed if tag.start < start)
        after = "".join(self.source[tag.start : tag.end] for tag in needed if tag.start >= end)
        return _EMPTY_ELSE.sub("{% endif %}", before + inside.replace("\0", "") + after)

    def _without(self, idle: Sequence[Tag], start: int, end: int) -> str:
        """The text of a span with the tags of blocks that hold none of it blanked out, at equal length."""
        text = self.source[start:end].replace("\0", " ")
        for first, last in [*((tag.start, tag.end) for tag in idle), *self.erased]:
            if start <= first and last <= end:
                text = text[: first - start] + "\0" * (last - first) + text[last - start :]
        return text

    def _text_of(self, block: _Block, start: int, end: int) -> str:
        """The words of a span that are inside a block."""
        first, last = max(start, block.tags[0].end), min(end, block.tags[-1].start)
        return _NO_TEXT.sub("", self.source[first:last]).strip() if first < last else ""

    def _needed(self, start: int, end: int, around: list[_Block]) -> list[Tag]:
        """The tags outside a span that it cannot do without: its blocks', and what sets its variables."""
        kept = {tag.start: tag for block in around for tag in block.tags}
        code = self.source[start:end] + "".join(self.source[tag.start : tag.end] for tag in kept.values())
        words = set(_WORD.findall(code)) if self.sets else set[str]()
        for tag, name, holders in reversed(self.sets):
            if tag.start < start and name in words:
                kept[tag.start] = tag
                kept |= {each.start: each for block in holders for each in block.tags}
                if not holders:
                    words.discard(name)  # what it was before is forgotten
                words |= set(_WORD.findall(tag.inner(self.source))[2:])
        return [tag for _, tag in sorted(kept.items()) if not start <= tag.start < end]

    def _sets(self) -> list[tuple[Tag, str, list[_Block]]]:
        """Every tag that sets a variable, its name, and the blocks around it."""
        blocks = _all(self.blocks)
        found = ((tag, _SET.match(tag.inner(self.source))) for tag in self.tags if tag.name == "set")
        return [
            (tag, name[1], [block for block in blocks if block.start < tag.start < block.end])
            for tag, name in found
            if name is not None
        ]


def _is_plain(body: str, item: str) -> bool:
    """True for a loop that does nothing but give each message its role and its content."""
    role = _ITEM_ROLE.search(body)
    if role is None or role[1] != item or role[3] not in ("role", None) or role[4] not in ("role", None):
        return False
    rest = (body[: role.start()] + body[role.end() :]).strip()
    content = (
        rf"\{{\{{-?\s*{re.escape(item)}(\.content|\[[\"']content[\"']\])(\s*\|\s*(trim|safe))*\s*-?\}}\}}"
    )
    return re.fullmatch(content, rest) is not None


def _is_cut(block: _Block, start: int, end: int) -> bool:
    """True where a block reaches into a span and begins or ends outside it."""
    return block.start < end and block.end > start and not (start <= block.start and block.end <= end)


def _without_spans(text: str, offset: int, spans: Sequence[tuple[int, int]]) -> str:
    for first, last in spans:
        begin, stop = max(first - offset, 0), max(min(last - offset, len(text)), 0)
        text = text[:begin] + "\0" * (stop - begin) + text[stop:]
    return text


def _nested(found: Sequence[Tag]) -> list[_Block]:
    """The blocks of a template, those inside others under them; an end without a beginning is passed over."""
    top: list[_Block] = []
    open_blocks: list[_Block] = []
    for tag in found:
        if tag.name in ("if", "for", "macro", "call", "filter", "block"):
            open_blocks.append(_Block([tag]))
        elif tag.name in ("else", "elif") and open_blocks:
            open_blocks[-1].tags.append(tag)
        elif tag.name.startswith("end") and open_blocks and tag.name[3:] == open_blocks[-1].tags[0].name:
            block = open_blocks.pop()
            block.tags.append(tag)
            (open_blocks[-1].inside if open_blocks else top).append(block)
    return top


def _all(blocks: Sequence[_Block]) -> list[_Block]:
    return [each for block in blocks for each in (block, *_all(block.inside))]
