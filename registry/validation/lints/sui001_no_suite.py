"""A prompt without a suite can get worse with every edit, and no gate would notice."""

from __future__ import annotations

from collections.abc import Iterator

from registry.diagnostics import Diagnostic
from registry.validation.subject import Subject

CODE = "SUI001"
TITLE = "Prompt without a suite"


def check(subject: Subject) -> Iterator[Diagnostic]:
    """One finding for each prompt that no suite names."""
    tested = set(subject.suites.values())
    for prompt_id in subject.catalog.prompts:
        if prompt_id not in tested:
            document = subject.document("prompt", prompt_id)
            suite = document.path.replace(".prompt.yaml", ".suite.yaml")
            message = "No suite tests this prompt."
            yield Diagnostic(CODE, "warning", document.place(), message, f"Add {suite} with a few cases.")
