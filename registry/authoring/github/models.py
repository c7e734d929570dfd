"""The model config that a bare model name implies.

GitHub's files name a model of a provider (``openai/gpt-4o``), ours a file that says more of it. A name without such
a file stands for a config of that name; adding the file later takes its place.
It must never guess prices, limits or an endpoint.
"""

from __future__ import annotations

import re
from dataclasses import replace

from registry.authoring.parse import Document, Mark
from serve.core.digest import sha256
from serve.core.model import Json

NOT_NAMED = "model-not-named"  # for a file that names none: no provider has it, so a call fails and says why
ENGINE = "openai-compatible"
_ODD = re.compile(r"[^A-Za-z0-9._-]+")
_LONGEST = 80


def implied_id(name: str) -> str:
    """The id of the config that a model name implies: the name itself wherever it can be an id."""
    steps = [_ODD.sub("-", step).strip("._-") for step in name.split("/")]
    entry_id = "/".join(step for step in steps if step)
    if entry_id == name and len(name) <= _LONGEST:
        return name
    digest = sha256(name.encode("utf-8", "surrogatepass"))[:8]  # two names must never share a config
    return f"{entry_id[: _LONGEST - 9].rstrip('/._-')}-{digest}".lstrip("-")


def implied_document(document: Document, name: str) -> Document:
    """The model file that was not written, standing where the prompt's file names the model."""
    written = document.marks.get(("model",)) or document.marks.get((), Mark(1, 1, 1, False))
    mark = Mark(written.line, written.column, written.value_line, False)
    data: dict[str, Json] = {"promptyard": 1, "engine": ENGINE, "model": name}
    return replace(document, data=data, marks={(): mark} | {(key,): mark for key in data}, signs=None)
