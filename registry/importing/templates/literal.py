"""Text that was plain in its own format, so written that Jinja2 leaves it as it is.

It must never change what is rendered.
"""

from __future__ import annotations

import re

_OPENING = re.compile(r"\{(?=[{%#])")


def literal(text: str) -> str:
    """A template that renders to exactly this text (less one newline at its end, as every template)."""
    return _OPENING.sub('{{ "{" }}', text)
