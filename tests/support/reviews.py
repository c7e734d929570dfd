"""Reviews made of two small registries, for the writers that tell them."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

from support.content import MODEL, TRIAGE, catalog, write

from registry.rendering.review import Comparison, Review

PROMPT = "prompts/support/triage.prompt.yaml"
CHAT = "prompts/models/chat.model.yaml"
PRICED = (
    MODEL
    + "prices: {currency: USD, perMillion: {input: 1.0, output: 4.0}, source: list, effectiveFrom: 2026-01-01}\n"
)
CASES = [
    SimpleNamespace(id=name, inputs={"teams": ["cards"], "ticket": ticket}, variant=None)
    for name, ticket in (("lost", "I lost my card."), ("rate", "What is my rate?"))
]


def review(place: Path, before: dict[str, str], after: dict[str, str], *prompts: str) -> Review:
    """A review of two registries that differ in some files; every named prompt has two cases."""
    sides = (catalog(write(place / name, **files)) for name, files in (("before", before), ("after", after)))
    named = prompts or ("support/triage",)
    return Comparison(*sides).review(dict.fromkeys(named, CASES))


def edited(place: Path, old: str, new: str) -> Review:
    """A review of one edit of the one prompt."""
    assert old in TRIAGE
    return review(place, {CHAT: PRICED}, {CHAT: PRICED, PROMPT: TRIAGE.replace(old, new)})


def dearer(place: Path, factor: float = 1.3) -> Review:
    """A review of a model that costs more."""
    after = PRICED.replace("input: 1.0, output: 4.0", f"input: {factor}, output: {4 * factor}")
    return review(place, {CHAT: PRICED}, {CHAT: after})
