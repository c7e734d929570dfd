"""A template's syntax tree, made once for all that look at it.

Parsing is most of what a lint of a template costs, and several of them need the tree.
It must never be changed by who looks at it.
"""

from __future__ import annotations

import re
from functools import cache, lru_cache

from jinja2 import Environment, nodes

from serve.core.render import environment

_SLOW = "(.*?)(?:"  # what Jinja2's lexer reads prose with: at every character it tries whether a tag begins
_FAST = r"([^{]*+(?:\{(?![{%#])[^{]*+)*+)(?:"  # the same prose, with a look at braces alone


@lru_cache(maxsize=4096)
def parsed(template: str) -> nodes.Template:
    """The syntax tree of a template; raises jinja2.TemplateSyntaxError for what is none."""
    return _environment().parse(template)


@cache
def _environment() -> Environment:
    """The environment that serves; where its lexer is the one that we know, prose costs it next to nothing."""
    made = environment()
    first, *others = made.lexer.rules["root"]
    written = first.pattern
    if isinstance(written, re.Pattern) and written.pattern.startswith(_SLOW):
        quick = re.compile(written.pattern.replace(_SLOW, _FAST, 1), written.flags)
        made.lexer.rules["root"] = [first._replace(pattern=quick), *others]
    return made
