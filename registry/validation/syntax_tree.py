"""A template's syntax tree, made once for all that look at it.

Parsing is most of what a lint of a template costs, and several of them need the tree.
It must never be changed by who looks at it.
"""

from __future__ import annotations

from functools import lru_cache

from jinja2 import nodes

from serve.core.render import environment


@lru_cache(maxsize=4096)
def parsed(template: str) -> nodes.Template:
    """The syntax tree of a template; raises jinja2.TemplateSyntaxError for what is none."""
    return environment().parse(template)
