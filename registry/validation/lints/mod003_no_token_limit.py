"""Anthropic demands an upper limit of the answer; without one every call of the prompt would be refused."""

from __future__ import annotations

from collections.abc import Iterator

from registry.diagnostics import Diagnostic
from registry.validation.lesson import Lesson
from registry.validation.subject import Subject

CODE = "MOD003"
TITLE = "No limit of the answer"
LESSON = Lesson(
    "error",
    """\
# models/chat.model.yaml
engine: anthropic
parameters: {temperature: 0}
""",
    """\
# models/chat.model.yaml
engine: anthropic
parameters: {maxTokens: 400}
""",
    firm="the engine refuses every call without it",
)
_DEMANDING = ("anthropic",)


def check(subject: Subject) -> Iterator[Diagnostic]:
    """One finding for each prompt or variant that reaches such an engine without ``maxTokens``."""
    for prompt_id, prompt in subject.catalog.prompts.items():
        document = subject.document("prompt", prompt_id)
        arms = {
            arm: (variant.model or prompt.model, variant.model_parameters)
            for arm, variant in prompt.variants.items()
        }
        for arm, (name, parameters) in {"": (prompt.model, prompt.model_parameters), **arms}.items():
            model = subject.catalog.models.get(name)
            if model is None or model.engine not in _DEMANDING:
                continue
            if "maxTokens" not in {**model.parameters, **prompt.model_parameters, **parameters}:
                place = document.place("variants", arm) if arm else document.place("model")
                message = (
                    f"{model.engine} demands maxTokens, and neither the model {name} nor the prompt sets it."
                )
                yield Diagnostic(CODE, "error", place, message, "Set parameters.maxTokens in the model file.")
