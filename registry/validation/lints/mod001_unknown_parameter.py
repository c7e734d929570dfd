"""A parameter that the engine does not know would be refused at the first call."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from registry.authoring.parse import Document, Steps
from registry.diagnostics import Diagnostic
from registry.validation.subject import Subject
from registry.validation.suggest import did_you_mean
from serve.core.model import Json
from serve.core.payloads import PARAMETERS

CODE = "MOD001"
TITLE = "Unknown parameter"
_Written = tuple[Document, Steps, Mapping[str, Json], str]


def check(subject: Subject) -> Iterator[Diagnostic]:
    """One finding for each parameter that the engine of the model in question does not have."""
    models = subject.catalog.models
    for document, steps, parameters, model in _written(subject):
        engine = models[model].engine if model in models else ""
        known = PARAMETERS.get(engine)
        if known is None:
            continue
        for name in parameters:
            if name not in known:
                message = f"{engine} has no parameter {name}."
                yield Diagnostic(CODE, "error", document.place(*steps, name), message, _advice(name, known))


def _written(subject: Subject) -> Iterator[_Written]:
    for model_id, model in subject.catalog.models.items():
        yield subject.document("model", model_id), ("parameters",), model.parameters, model_id
    for prompt_id, prompt in subject.catalog.prompts.items():
        document = subject.document("prompt", prompt_id)
        yield document, ("modelParameters",), prompt.model_parameters, prompt.model
        for arm, variant in prompt.variants.items():
            steps: Steps = ("variants", arm, "modelParameters")
            yield document, steps, variant.model_parameters, variant.model or prompt.model


def _advice(name: str, known: Mapping[str, str]) -> str:
    ours = next((key for key, provider in known.items() if provider == name), None)
    if ours is not None:
        return f"Did you mean {ours}?"
    return did_you_mean(name, known) or f"Known are: {', '.join(sorted(known))}."
