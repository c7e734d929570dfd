"""A parameter that the engine does not know would be refused at the first call."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from registry.authoring.parse import Document, Steps
from registry.diagnostics import Diagnostic
from registry.validation import edits
from registry.validation.drift import drifted
from registry.validation.lesson import Lesson
from registry.validation.subject import Subject
from registry.validation.suggest import did_you_mean, surely
from serve.core.model import Json
from serve.core.payloads import PARAMETERS

CODE = "MOD001"
TITLE = "Unknown parameter"
LESSON = Lesson(
    "error",
    "modelParameters: {temprature: 0}\n",
    "modelParameters: {temperature: 0}\n",
    fix="writes the one known parameter that can have been meant",
    firm="the engine refuses every call with it",
)


def check(subject: Subject) -> Iterator[Diagnostic]:
    """One finding for each parameter that the engine of the model in question does not have."""
    models = subject.catalog.models
    for document, steps, parameters, model in written(subject):
        engine = models[model].engine if model in models else ""
        known = PARAMETERS.get(engine)
        if known is None:
            continue
        for name in parameters:
            if name not in known and drifted(name, known) is None:
                message = f"{engine} has no parameter {name}."
                place, meant = document.place(*steps, name), surely(name, known)
                fix = None if meant is None else edits.rename(document, (*steps, name), meant)
                yield Diagnostic(CODE, "error", place, message, _advice(name, known), fix)


def written(subject: Subject) -> Iterator[tuple[Document, Steps, Mapping[str, Json], str]]:
    """Every mapping of parameters with its place, and the model that it is for."""
    for model_id, model in subject.catalog.models.items():
        yield subject.document("model", model_id), ("parameters",), model.parameters, model_id
    for prompt_id, prompt in subject.catalog.prompts.items():
        document = subject.document("prompt", prompt_id)
        yield document, ("modelParameters",), prompt.model_parameters, prompt.model
        for arm, variant in prompt.variants.items():
            steps: Steps = ("variants", arm, "modelParameters")
            yield document, steps, variant.model_parameters, variant.model or prompt.model


def _advice(name: str, known: Mapping[str, str]) -> str:
    return did_you_mean(name, known) or f"Known are: {', '.join(sorted(known))}."
