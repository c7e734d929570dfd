"""The body of a Prompty file: its messages, each a template of ours.

It must never turn a word of the text into a role that the format would not see there.
"""

from __future__ import annotations

import base64
import re
import sys
from bisect import bisect
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from jinja2 import TemplateSyntaxError

from registry.importing.port import Note
from registry.importing.roles import in_order, role_of
from registry.importing.templates.blocks import merged
from registry.importing.templates.jinja import Tag, in_our_words, tags, with_lines_kept
from registry.importing.templates.mustache import Converter
from registry.importing.turns import MARKER, Earlier, Turn, taken_apart
from serve.core.model import Json
from serve.core.render import environment

_IMAGE = re.compile(r"!\[[^\[\]\n]*+\]\([ \t]*+(\{\{[^{}\n]*+\}\}|[^()\s]++)[^()\n]*+\)")
_ON_ONE_LINE = re.compile(
    r"^[ \t]*#?[ \t]*(system|user|assistant)[ \t]*:[ \t]*\S", re.IGNORECASE | re.MULTILINE
)
_SECTION = re.compile(r"\{\{[#^]\s*[\w.]+\s*\}\}")
_TYPES: Mapping[str, str] = {".png": "image/png", ".jpg": "image/jpeg", ".jpeg": "image/jpeg"}
_LARGEST = 512 * 2**10


@dataclass(frozen=True, slots=True)
class Body:
    """A body with what is needed to read it.

    Attributes:
        text: the template of the whole conversation.
        first_line: its first line in the file.
        engine: ``jinja2``, ``mustache``, or empty where the file names none.
        version_2: whether it is of the second version, which has no images in its text.
        base: the body of the file that it extends.
        rich: inputs of the kinds thread, image, file and audio.
        known: the JSON Schemas of the inputs, as far as the file says them.
        sibling: reads a file beside it.
    """

    text: str
    first_line: int
    engine: str
    version_2: bool
    base: str
    rich: Mapping[str, str]
    known: Mapping[str, Mapping[str, Json]]
    sibling: Callable[[str], bytes | None]


@dataclass(slots=True)
class Messages:
    """The messages of a body, all their templates, and the names of their placeholders."""

    items: list[Json] = field(default_factory=list)
    templates: list[str] = field(default_factory=list)
    histories: list[str] = field(default_factory=list)
    notes: list[Note] = field(default_factory=list)


def messages_of(body: Body) -> Messages:
    """The messages of a body, in order, and what is not as it was."""
    out = Messages()
    source, keeps_lines = _in_jinja(body, out.notes)
    items, notes = taken_apart(source)
    out.notes += [_moved(note, body.first_line) for note in notes]
    _tell_markers_on_one_line(body, out.notes)
    for item in items:
        if isinstance(item, Earlier):
            _add_history(out, item.name)
        else:
            _add_turn(out, item, body, keeps_lines)
    out.items = in_order(out.items, out.notes)
    if any(_has_loose_edge(template) for template in out.templates):
        why = "around a rendered message is taken away by Prompty; what a value leaves at its edge stays here"
        out.notes.append(Note("changed", "white space", why))
    return out


def _in_jinja(body: Body, notes: list[Note]) -> tuple[str, bool]:
    """The body in Jinja2, and whether its blocks keep the line ends around them, as Jinja2's own do."""
    if body.engine == "mustache" or (not body.engine and _is_mustache(body.text)):
        if not body.engine:
            why = "is written in Mustache, and its head does not say so; it was read as Mustache"
            notes.append(Note("changed", "template", why))
        converter = Converter(body.known)
        source = converter.converted(body.text)
        notes += [_moved(note, body.first_line) for note in converter.notes]
        return source, False
    source, told = in_our_words(merged(body.text, body.base))
    notes += [Note("changed", "template", why) for why in told]
    return source, True


def _is_mustache(text: str) -> bool:
    if not _SECTION.search(text):
        return False
    try:
        environment().parse(text)
    except TemplateSyntaxError:
        return True
    return False


def _moved(note: Note, first_line: int) -> Note:
    return note if note.line is None else Note(note.level, note.what, note.why, note.line + first_line - 1)


def _tell_markers_on_one_line(body: Body, notes: list[Note]) -> None:
    known = {found[1].lower() for found in MARKER.finditer(body.text)}
    for found in _ON_ONE_LINE.finditer(body.text):
        if found[1].lower() not in known:
            line = body.first_line + body.text.count("\n", 0, found.start(1))
            why = "has text behind it on its line, so the format takes it for text and not for a role; so it is here"
            notes.append(Note("fault", f"{found[1]}:", why, line))
            return


def _add_history(out: Messages, name: str) -> None:
    out.items.append({"history": name})
    out.histories.append(name)


def _add_turn(out: Messages, turn: Turn, body: Body, keeps_lines: bool) -> None:
    template = turn.template.strip("\n") if body.version_2 else turn.template.strip()
    role = role_of(turn.role, out.notes, turn.line + body.first_line - 1)
    pieces = _pieces(template, body, out.notes)
    run: list[dict[str, Json]] = []
    for kind, piece in [*pieces, ("thread", "")]:
        if kind == "thread":
            _add_message(out, role, run)
            run = []
            if piece:
                _add_history(out, piece)
        elif kind == "text":
            text = piece.strip() if len(pieces) > 1 else piece
            if text.strip():
                run.append({"text": f"{with_lines_kept(text) if keeps_lines else text}\n"})
        else:
            run.append({kind: piece})


def _add_message(out: Messages, role: str, parts: list[dict[str, Json]]) -> None:
    if not parts:
        return
    out.templates += [str(text) for part in parts for text in part.values()]
    content = parts[0]["text"] if len(parts) == 1 and "text" in parts[0] else parts
    out.items.append({"role": role, "content": content})


def _pieces(template: str, body: Body, notes: list[Note]) -> list[tuple[str, str]]:
    """A message's template at its images, files and earlier messages: kind, and text, URL or name of each piece."""
    found = tags(template) or ()
    spans = _blocks(found)
    free = [tag for tag in found if tag.kind == "print" and not _is_inside(tag.start, spans)]
    cuts: list[tuple[int, int, str, str]] = []
    for tag in free:
        kind = body.rich.get(tag.inner(template))
        if kind in ("image", "file"):
            cuts.append((tag.start, tag.end, kind, template[tag.start : tag.end]))
        elif kind == "thread":
            cuts.append((tag.start, tag.end, "thread", tag.inner(template)))
    if not body.version_2:
        cuts += _images(template, spans, body, notes)
    pieces: list[tuple[str, str]] = []
    position = 0
    for start, end, kind, value in sorted(cuts):
        if start >= position:
            pieces += [("text", template[position:start]), (kind, value)]
            position = end
    return [*pieces, ("text", template[position:])]


def _blocks(found: tuple[Tag, ...]) -> list[tuple[int, int]]:
    """The spans from the start of each outermost block to its end."""
    spans: list[tuple[int, int]] = []
    depth, start = 0, 0
    for tag in found:
        if tag.name in ("if", "for", "macro", "call", "filter", "block"):
            start = start if depth else tag.start
            depth += 1
        elif tag.name.startswith("end") and tag.name != "endraw" and depth:
            depth -= 1
            if not depth:
                spans.append((start, tag.end))
    return [*spans, (start, sys.maxsize)] if depth else spans


def _is_inside(position: int, spans: list[tuple[int, int]]) -> bool:
    """True where a place is inside a block."""
    at = bisect(spans, (position,)) - 1
    return at >= 0 and spans[at][0] < position < spans[at][1]


def _images(
    template: str, spans: list[tuple[int, int]], body: Body, notes: list[Note]
) -> list[tuple[int, int, str, str]]:
    cuts = []
    for image in _IMAGE.finditer(template):
        if _is_inside(image.start(), spans):
            why = "stands in a loop or under a condition, where no image can stand here; it is text"
            notes.append(Note("lost", f"image {image[1]}", why))
            continue
        url = image[1] if image[1].startswith(("http", "data:", "{{")) else _data_url(image[1], body, notes)
        if url:
            cuts.append((image.start(), image.end(), "image", url))
    return cuts


def _data_url(name: str, body: Body, notes: list[Note]) -> str:
    data = body.sibling(name)
    kind = next((kind for suffix, kind in _TYPES.items() if name.lower().endswith(suffix)), "")
    if data is None or not kind or len(data) > _LARGEST:
        why = f"is not there, is no PNG or JPEG, or is over {_LARGEST // 2**10} KiB; it is text here"
        notes.append(Note("lost", f"image {name}", why))
        return ""
    notes.append(Note("changed", f"image {name}", "was put into the prompt as a data: URL"))
    return f"data:{kind};base64,{base64.b64encode(data).decode()}"


def _has_loose_edge(template: str) -> bool:
    text = template.strip()
    return text.startswith(("{{", "{%")) or text.endswith(("}}", "%}"))
