"""Templates that extend another one, as the one template that comes out of both.

It must never look a template up; both texts are handed in.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from registry.importing.templates.jinja import Tag, tags


@dataclass(frozen=True, slots=True)
class _Block:
    name: str
    opening: Tag
    closing: Tag


def merged(child: str, base: str) -> str:
    """The base with its blocks replaced by those of the child, or the child alone where it extends nothing.

    A template that is no Jinja2, and one that extends what was not handed in, comes back as it is.
    """
    found = tags(child)
    if found is None:
        return child
    if not any(tag.name == "extends" for tag in found):
        return _flat(child, {})
    if not base or tags(base) is None:
        return child
    blocks = {block.name: child[block.opening.end : block.closing.start] for block in _outermost(child)}
    return _flat(base, {name: _flat(text, {}) for name, text in blocks.items()})


def _flat(source: str, instead: Mapping[str, str]) -> str:
    """The template without block tags, the inside of some blocks replaced."""
    out, position = "", 0
    for block in _outermost(source):
        inner = _flat(source[block.opening.end : block.closing.start], instead)
        written = instead.get(block.name)
        if written is not None:
            inner = _with_super(written, inner)
        out += source[position : block.opening.start] + inner
        position = block.closing.end
    return out + source[position:]


def _with_super(source: str, inner: str) -> str:
    out, position = "", 0
    for tag in tags(source) or ():
        if tag.kind == "print" and tag.inner(source) == "super()":
            out += source[position : tag.start] + inner
            position = tag.end
    return out + source[position:]


def _outermost(source: str) -> list[_Block]:
    """The blocks that stand in no other, in order."""
    found: list[_Block] = []
    open_tags: list[Tag] = []
    for tag in tags(source) or ():
        if tag.name == "block":
            open_tags.append(tag)
        elif tag.name == "endblock" and open_tags:
            opening = open_tags.pop()
            if not open_tags:
                words = opening.inner(source).split()
                found.append(_Block(words[1] if len(words) > 1 else "", opening, tag))
    return found
