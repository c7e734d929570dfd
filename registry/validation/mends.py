"""What a broken schema rule can be mended with, where only one thing can have been meant.

It must never offer an edit for a rule that leaves a choice.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial

from registry.authoring.parse import Document, Steps
from registry.diagnostics import Fix
from registry.validation import edits
from registry.validation.suggest import surely
from serve.core.model import Json

Mend = Callable[[Document, Steps], Fix | None]


def no_mend(_document: Document, _steps: Steps) -> Fix | None:
    """Nothing: a person has to decide."""
    return None


def mend_key(key: str, known: Iterable[str]) -> Mend:
    """Rename an unknown key to the one known key that it can stand for."""
    meant = surely(key, known)
    return no_mend if meant is None else partial(_renamed, name=meant)


def mend_value(rule: str, wanted: Json, found: Json) -> Mend:
    """Correct a slip in one of a few allowed words; quote a number where text is wanted."""
    if rule == "enum" and isinstance(found, str):
        meant = surely(found, [value for value in wanted if isinstance(value, str)])
        return no_mend if meant is None else partial(_replaced, value=found, name=meant)
    if rule == "type" and wanted == "string" and isinstance(found, bool | int | float):
        return edits.quote
    return no_mend


def _renamed(document: Document, steps: Steps, name: str) -> Fix | None:
    return edits.rename(document, steps, name)


def _replaced(document: Document, steps: Steps, value: str, name: str) -> Fix | None:
    return edits.replace(document, steps, value, name)
