"""A name that leads nowhere would fail at release; here it is found where it was written.

Models, guardrails, tools, fallbacks, partials, prose in files, and the prompt of a suite are looked up.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator

from registry.authoring.kinds import KINDS
from registry.diagnostics import Diagnostic, Place
from registry.validation.subject import BrokenTemplate, Subject
from registry.validation.suggest import did_you_mean

CODE = "REF001"
TITLE = "Unknown reference"
_Reference = tuple[Place, str, str]


def check(subject: Subject) -> Iterator[Diagnostic]:
    """One finding for each name of another file that is not there."""
    for place, kind, name in (*_of_prompts(subject), *_of_models(subject), *_of_suites(subject)):
        known = subject.catalog.documents[kind]
        if name not in known:
            message = f"There is no {kind} {name}."
            yield Diagnostic(CODE, "error", place, message, _advice(subject, kind, name, known))
    for broken in subject.broken:
        if broken.error is None or broken.error.missing:
            yield _missing_file(subject, broken)


def _of_prompts(subject: Subject) -> Iterator[_Reference]:
    for prompt_id, prompt in subject.catalog.prompts.items():
        place = subject.document("prompt", prompt_id).place
        yield place("model"), "model", prompt.model
        for index, name in enumerate(prompt.guardrails):
            yield place("guardrails", index), "guardrail", name
        for index, name in enumerate(prompt.tools):
            yield place("tools", index), "tool", name
        for arm, variant in prompt.variants.items():
            if variant.model is not None:
                yield place("variants", arm, "model"), "model", variant.model


def _of_models(subject: Subject) -> Iterator[_Reference]:
    for model_id, model in subject.catalog.models.items():
        for index, name in enumerate(model.fallbacks):
            yield subject.document("model", model_id).place("fallbacks", index), "model", name


def _of_suites(subject: Subject) -> Iterator[_Reference]:
    for suite_id, prompt in subject.suites.items():
        yield subject.document("suite", suite_id).place("prompt"), "prompt", prompt


def _advice(subject: Subject, kind: str, name: str, known: Collection[str]) -> str:
    suffix = next(entry.suffix for entry in KINDS if entry.name == kind)
    bare = name.removesuffix(suffix).removeprefix(f"{subject.catalog.settings.content}/")
    if bare in known:
        return f"Write {bare}: the path below the content folder, without the suffix."
    return (
        did_you_mean(name, known)
        or f"Add {subject.catalog.settings.content}/{bare}{suffix}, or correct the name."
    )


def _missing_file(subject: Subject, broken: BrokenTemplate) -> Diagnostic:
    name = broken.source if broken.error is None else broken.error.name
    folder = f"{subject.catalog.settings.content}/"
    texts = [
        path.removeprefix(folder)
        for path in subject.catalog.tree.paths(folder)
        if path.endswith((".md", ".txt"))
    ]
    bare = name.removeprefix(folder)
    hint = f"Write {bare}: the path below the content folder." if bare in texts else did_you_mean(name, texts)
    message = f"There is no file {name} in the content folder."
    return Diagnostic(
        CODE, "error", broken.place, message, hint or f"Add {folder}{bare}, or correct the name."
    )
