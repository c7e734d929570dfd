"""A bare model name says nothing of limits and prices; each prompt that names it would have to say them again."""

from __future__ import annotations

from collections.abc import Iterator

from registry.authoring.github.models import ENGINE, NOT_NAMED
from registry.diagnostics import Diagnostic
from registry.validation.lesson import Lesson
from registry.validation.subject import Subject

CODE = "GHP003"
TITLE = "Model without a file"
LESSON = Lesson(
    "warning",
    """\
# greet.prompt.yml
model: openai/gpt-4o
messages:
  - {role: user, content: Greet me.}
""",
    """\
# greet.prompt.yml
model: models/chat
messages:
  - {role: user, content: Greet me.}
""",
)


def check(subject: Subject) -> Iterator[Diagnostic]:
    """One finding for each GitHub file whose model has no file, or that names none."""
    catalog = subject.catalog
    implied = catalog.implied
    for prompt_id in catalog.drifts.keys() & catalog.prompts.keys():
        entry_id = catalog.prompts[prompt_id].model
        if entry_id not in implied:
            continue
        name = subject.document("model", entry_id).data["model"]
        if name == NOT_NAMED:
            message = f"The file names no model, so its model is {NOT_NAMED}, which no provider has."
            hint = "Write model: models/chat, with the id of a model file."
        else:
            message = f"There is no model file {entry_id}, so one is implied: engine {ENGINE}, model {name}."
            path = f"{catalog.settings.content}/{entry_id}.model.yaml"
            hint = f"Add {path} with its limits and prices, or write model: with the id of a model file."
        place = subject.document("prompt", prompt_id).place("model")
        yield Diagnostic(CODE, "warning", place, message, hint)
