"""Text in which only ``{{name}}`` means anything, as a template that renders to the same.

GitHub's readers put values in place of ``{{name}}`` and look at nothing else, so whatever Jinja2 would take for
more is kept as text here. Their names may hold dots and dashes, ours may not.
It must never change a character of what GitHub would send.

Source: ``replaceTemplateVariables`` in actions/ai-inference and ``TemplateString`` in github/gh-models, 2026.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

_VARIABLE = re.compile(r"\{\{(?P<space>[ \t]*)(?P<name>[A-Za-z0-9_][A-Za-z0-9_.-]*)[ \t]*\}\}")
_OPENING = re.compile(r"\{(?=[{%#])")
_OPENING_BEFORE_VARIABLE = re.compile(r"\{(?=[{%#]|\Z)")
_LOOKS_LIKE_CODE = re.compile(r"\{\{(?!\{)[^{}\n]{1,80}\}\}|\{%.{0,80}?%\}|\{#.{0,80}?#\}")
_BRACE = "{{ '{' }}"
_PLAIN = re.compile(r"[a-zA-Z][a-zA-Z0-9_]*\Z")
_RESERVED = frozenset((
    "and", "else", "false", "False", "if", "in", "is", "loop", "none", "None", "not", "or", "self", "true",
    "True",
))  # fmt: skip


@dataclass(frozen=True, slots=True)
class Spot:
    """A piece of a text at a line from 1."""

    line: int
    text: str


@dataclass(frozen=True, slots=True)
class Translation:
    """A template of ours.

    Attributes:
        template: renders to what GitHub would send.
        variables: our name for each variable, once for each place where it stands.
        spaced: variables written with spaces, which GitHub's own readers leave as they are.
        code: what Jinja2 would run and GitHub takes as text.
    """

    template: str
    variables: tuple[str, ...]
    spaced: tuple[Spot, ...]
    code: tuple[Spot, ...]


class Names:
    """Our names for a file's variables, by those that GitHub knows them under."""

    def __init__(self) -> None:
        self._given: set[str] = set()
        self.ours: dict[str, str] = {}

    def of(self, name: str) -> str:
        """Our name for a variable; one that cannot be a name here gets ``_`` for what is in the way."""
        if name not in self.ours:
            chosen = _plain(name)
            while chosen in self._given:
                chosen += "_"
            self.ours[name] = chosen
            self._given.add(chosen)
        return self.ours[name]


def _plain(name: str) -> str:
    if _PLAIN.match(name) and name not in _RESERVED:
        return name
    bare = re.sub(r"[^A-Za-z0-9_]", "_", name).lstrip("_")
    return bare if _PLAIN.match(bare) and bare not in _RESERVED else f"v_{bare}"


def translate(text: str, names: Names) -> Translation:
    """A text of GitHub's as a template of ours."""
    pieces: list[str] = []
    variables: list[str] = []
    spaced: list[Spot] = []
    code: list[Spot] = []
    position, line = 0, 1
    for found in _VARIABLE.finditer(text):
        literal = text[position : found.start()]
        code += _code(literal, line)
        line += literal.count("\n")
        variables.append(names.of(found["name"]))
        pieces += [_OPENING_BEFORE_VARIABLE.sub(_BRACE, literal), f"{{{{ {variables[-1]} }}}}"]
        spaced += [Spot(line, found[0])] if found["space"] else []
        position = found.end()
    rest = text[position:]
    code += _code(rest, line)
    # a template loses its last line end, GitHub's text does not
    pieces += [_OPENING.sub(_BRACE, rest), text[-1:] if text.endswith(("\n", "\r")) else ""]
    return Translation("".join(pieces), tuple(variables), tuple(spaced), tuple(code))


def _code(literal: str, line: int) -> list[Spot]:
    return [
        Spot(line + literal.count("\n", 0, found.start()), found[0])
        for found in _LOOKS_LIKE_CODE.finditer(literal)
    ]
