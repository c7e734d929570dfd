"""Text that looks like a variable and is none: ``{name}``, ``${name}``, ``{ {name} }``, ``[[name]]``, ``<name>``.

Only names that a prompt declares count, so prose and JSON in braces pass.
It must never look at what Jinja2 takes for an expression, nor at what stands in ``{% raw %}``.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass

from jinja2 import TemplateSyntaxError

from serve.core.render import environment

_FORMS = re.compile(
    r"\$?\{\s*\{?\s*(?P<brace>[A-Za-z_]\w*)\s*\}?\s*\}"
    r"|\$(?P<dollar>[A-Za-z_]\w*)\b"
    r"|\[\[\s*(?P<bracket>[A-Za-z_]\w*)\s*\]\]"
    r"|%(?P<percent>[A-Za-z_]\w*)%"
    r"|<(?P<angle>[A-Za-z_]\w*)>"
)


@dataclass(frozen=True, slots=True)
class Lookalike:
    """A name written like a variable, as it is written, in a line from 1 of a template."""

    name: str
    written: str
    line: int


def lookalikes(template: str, names: Collection[str], used: Collection[str]) -> Iterator[Lookalike]:
    """What looks like one of ``names`` in the plain text of a template.

    ``<name>`` counts only for a name that is not ``used`` and has no closing tag: tags around a text are common.
    """
    if not any(
        found[found.lastgroup or 0] in names for found in _FORMS.finditer(template) if _is_odd(found[0])
    ):
        return
    for line, text in _plain(template):
        for found in _FORMS.finditer(text):
            name = found[found.lastgroup or 0]
            if name not in names:
                continue
            if found.lastgroup == "angle" and (name in used or f"</{name}>" in template):
                continue
            yield Lookalike(name, found[0], line + text.count("\n", 0, found.start()))


def _is_odd(written: str) -> bool:
    return not (written.startswith("{{") and written.endswith("}}"))


def _plain(template: str) -> Iterator[tuple[int, str]]:
    """The pieces of a template that Jinja2 prints as they are, with the line that each begins in."""
    raw = False
    try:
        for line, kind, text in environment().lex(template):
            raw = kind == "raw_begin" or (raw and kind != "raw_end")
            if kind == "data" and not raw:
                yield line, text
    except TemplateSyntaxError:
        return
