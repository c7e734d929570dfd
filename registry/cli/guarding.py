"""What guardrails are told of a request on a command line: the day, its segment, the canary of its prompt.

It must never make a rule look that does not know what to look for: it is left out, and that is told.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import UTC, datetime

from registry.authoring.catalog import Catalog
from registry.errors import Usage
from serve.core.guard.given import Given
from serve.core.inputs import CANARY, marker_of
from serve.core.model import GuardrailSet, Json


def given_of(catalog: Catalog, prompt: str | None, canary: str | None, segment: Sequence[str]) -> Given:
    """What is known of the request; the canary of a prompt is the one that ``promptyard render`` prints.

    Raises:
        Usage: GRD012 for a word of a segment that is not ``name=value``.
    """
    if canary is None and prompt is not None and CANARY in catalog.prompts[prompt].inputs:
        canary = marker_of(prompt)
    return Given(datetime.now(UTC).date().isoformat(), dict(map(_pair, segment)), canary)


def lookable(sets: Iterable[GuardrailSet], given: Given) -> tuple[list[GuardrailSet], list[str]]:
    """The sets without the rules that do not know what to look for, and the ids of those."""
    sets = list(sets)
    if given.canary is not None:
        return sets, []
    left = [rule.id for each in sets for rule in each.rules if rule.kind == "canary"]
    kept = [replace(each, rules=tuple(r for r in each.rules if r.kind != "canary")) for each in sets]
    return kept, left


def _pair(word: str) -> tuple[str, Json]:
    name, sign, value = word.partition("=")
    if not name or not sign:
        raise Usage(
            "GRD012", f"{word!r} is no attribute of a segment", "Write name=value, such as tenant=acme."
        )
    try:
        read = json.loads(value)
    except ValueError:
        return name, value
    return name, read if isinstance(read, bool | int | float) else value
