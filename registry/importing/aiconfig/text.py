"""AIConfig's texts, which are Handlebars, as Jinja2: by Mustache's rules where no helper is asked for.

It must never take a parameter of that name for a helper of another format.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from registry.importing.dotprompt.handlebars_tokens import HandlebarsError
from registry.importing.dotprompt.template import Body
from registry.importing.port import Note
from registry.importing.templates.mustache import Converter
from registry.importing.templates.pieces import joined, text
from serve.core.model import Json

_HELPERS = re.compile(r"\{\{~?\s*(#\s*(if|each|unless|with)\b|else\b|this\b|@)")


def converted(source: str, schemas: Mapping[str, Mapping[str, Json]]) -> tuple[str, tuple[Note, ...]]:
    """The template in Jinja2, and what is not as it was."""
    if not _HELPERS.search(source):
        converter = Converter(schemas)
        return f"{converter.converted(source)}\n", tuple(converter.notes)
    body = Body(schemas, lambda _: None)
    try:
        messages = body.read(source)
    except HandlebarsError as error:
        return f"{joined([text(source)])}\n", (Note("fault", "template", f"is not Handlebars: {error}"),)
    content = messages[0].get("content") if len(messages) == 1 else None
    if not isinstance(content, str):
        return f"{joined([text(source)])}\n", (
            Note("lost", "template", "could not be carried; it is text here"),
        )
    return f"{content.removesuffix(chr(10))}\n", tuple(body.notes)
