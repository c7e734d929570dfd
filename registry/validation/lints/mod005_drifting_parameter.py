"""Each provider has its own name for the same parameter; here it has one, so that a prompt can change its model."""

from __future__ import annotations

from collections.abc import Iterator

from registry.diagnostics import Diagnostic
from registry.validation import edits
from registry.validation.drift import drifted
from registry.validation.lesson import Lesson
from registry.validation.lints.mod001_unknown_parameter import written
from registry.validation.subject import Subject
from serve.core.payloads import PARAMETERS

CODE = "MOD005"
TITLE = "Drifting parameter name"
LESSON = Lesson(
    "error",
    "modelParameters: {max_tokens: 64}\n",
    "modelParameters: {maxTokens: 64}\n",
    fix="writes the name that the parameter has here",
    firm="the engine refuses every call with it",
)


def check(subject: Subject) -> Iterator[Diagnostic]:
    """One finding for each parameter that goes by a provider's name, such as ``max_tokens`` or ``top_p``."""
    models = subject.catalog.models
    for document, steps, parameters, model in written(subject):
        known = PARAMETERS.get(models[model].engine, ()) if model in models else ()
        for name in parameters:
            ours = drifted(name, known)
            if ours is not None:
                message = f"{name} is a provider's name for what is called {ours} here."
                hint = f"Write {ours}; each provider is sent the name that it knows."
                if ours in parameters:
                    hint = f"Remove it: {ours} is set as well."
                fix = edits.rename(document, (*steps, name), ours)
                yield Diagnostic(CODE, "error", document.place(*steps, name), message, hint, fix)
