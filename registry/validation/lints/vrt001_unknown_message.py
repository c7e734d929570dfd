"""A variant that replaces a message no one has would silently be the prompt itself."""

from __future__ import annotations

from collections.abc import Iterator

from registry.authoring.sources.prompt import MessageSource
from registry.diagnostics import Diagnostic
from registry.validation.subject import Subject
from registry.validation.suggest import did_you_mean

CODE = "VRT001"
TITLE = "Variant of an unknown message"


def check(subject: Subject) -> Iterator[Diagnostic]:
    """One finding for each message id that a variant names and the prompt does not have."""
    for prompt_id, prompt in subject.catalog.prompts.items():
        ids = [item.id for item in prompt.messages if isinstance(item, MessageSource) and item.id is not None]
        for arm, variant in prompt.variants.items():
            for name in variant.messages:
                if name not in ids:
                    place = subject.document("prompt", prompt_id).place("variants", arm, "messages", name)
                    hint = did_you_mean(name, ids) or f"Give the message that it replaces id: {name}."
                    yield Diagnostic(
                        CODE, "error", place, f"No message of this prompt has the id {name}.", hint
                    )
