"""A name that leads nowhere would fail at release; here it is found where it was written.

Models, guardrails, tools, fallbacks, partials, prose in files, and the prompt of a suite are looked up.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator

from registry.authoring.kinds import KINDS
from registry.authoring.parse import Document, Steps
from registry.diagnostics import Diagnostic, Fix
from registry.validation import edits
from registry.validation.lesson import Lesson
from registry.validation.subject import BrokenTemplate, Subject
from registry.validation.suggest import did_you_mean, surely
from serve.core.guard.checks.table import ASKING

CODE = "REF001"
TITLE = "Unknown reference"
LESSON = Lesson(
    "error",
    "model: models/chta\n",
    "model: models/chat\n",
    fix="writes the one known name that can have been meant",
    firm="no release can be made while a name leads nowhere",
)
_Reference = tuple[Document, Steps, str, str]


def check(subject: Subject) -> Iterator[Diagnostic]:
    """One finding for each name of another file that is not there."""
    unread = {problem.place.path for problem in subject.catalog.problems}
    for document, steps, kind, name in (
        *_of_prompts(subject),
        *_of_models(subject),
        *_of_guardrails(subject),
        *_of_suites(subject),
    ):
        known = subject.catalog.documents[kind]
        if name not in known and _path(subject, kind, name) not in unread:
            bare = _bare(subject, kind, name)
            ids = subject.catalog.ids(kind)
            meant = bare if bare in ids else surely(name, ids)
            fix = None if meant is None else edits.replace(document, steps, name, meant)
            message, hint = f"There is no {kind} {name}.", _advice(subject, kind, name, ids)
            yield Diagnostic(CODE, "error", document.place(*steps), message, hint, fix)
    for broken in subject.broken:
        if broken.error is None or broken.error.missing:
            yield _missing_file(subject, broken)


def _of_prompts(subject: Subject) -> Iterator[_Reference]:
    for prompt_id, prompt in subject.catalog.prompts.items():
        document = subject.document("prompt", prompt_id)
        yield document, ("model",), "model", prompt.model
        for index, name in enumerate(prompt.guardrails):
            yield document, ("guardrails", index), "guardrail", name
        for index, name in enumerate(prompt.tools):
            yield document, ("tools", index), "tool", name
        for arm, variant in prompt.variants.items():
            if variant.model is not None:
                yield document, ("variants", arm, "model"), "model", variant.model


def _of_models(subject: Subject) -> Iterator[_Reference]:
    for model_id, model in subject.catalog.models.items():
        for index, name in enumerate(model.fallbacks):
            yield subject.document("model", model_id), ("fallbacks", index), "model", name


def _of_guardrails(subject: Subject) -> Iterator[_Reference]:
    for set_id, source in subject.catalog.guardrails.items():
        for index, name in enumerate(source.extends):
            yield subject.document("guardrail", set_id), ("extends", index), "guardrail", name
        for index, rule in enumerate(source.rules):
            model = rule.detect.get("model")
            if rule.kind in ASKING and isinstance(model, str):
                steps = ("rules", index, "detect", "model")
                yield subject.document("guardrail", set_id), steps, "model", model


def _of_suites(subject: Subject) -> Iterator[_Reference]:
    for suite_id, prompt in subject.suites.items():
        yield subject.document("suite", suite_id), ("prompt",), "prompt", prompt


def _advice(subject: Subject, kind: str, name: str, known: Collection[str]) -> str:
    bare = _bare(subject, kind, name)
    if bare in known:
        return f"Write {bare}: the path below the content folder, without the suffix."
    return (
        did_you_mean(name, known)
        or f"Add {subject.catalog.settings.content}/{bare}{_suffix(kind)}, or correct the name."
    )


def _path(subject: Subject, kind: str, name: str) -> str:
    return f"{subject.catalog.settings.content}/{name}{_suffix(kind)}"


def _bare(subject: Subject, kind: str, name: str) -> str:
    return name.removesuffix(_suffix(kind)).removeprefix(f"{subject.catalog.settings.content}/")


def _suffix(kind: str) -> str:
    return next(entry.suffix for entry in KINDS if entry.name == kind)


def _missing_file(subject: Subject, broken: BrokenTemplate) -> Diagnostic:
    name = broken.source if broken.error is None else broken.error.name
    folder = f"{subject.catalog.settings.content}/"
    message = f"There is no file {name} in the content folder."
    if name.startswith("/") or ".." in name.split("/"):
        hint = f"Only files below {folder} are read: move it there and write its path from there."
        return Diagnostic(CODE, "error", broken.place, message, hint)
    texts = [
        path.removeprefix(folder) for path in sorted(subject.catalog.files) if path.endswith((".md", ".txt"))
    ]
    bare = name.removeprefix(folder)
    hint = f"Write {bare}: the path below the content folder." if bare in texts else did_you_mean(name, texts)
    meant = bare if bare in texts else surely(name, texts)
    fix = None if meant is None else _fix(broken, name, meant)
    return Diagnostic(
        CODE, "error", broken.place, message, hint or f"Add {folder}{bare}, or correct the name.", fix
    )


def _fix(broken: BrokenTemplate, name: str, meant: str) -> Fix | None:
    document, steps = broken.site.document, broken.site.steps
    if broken.error is None:
        return edits.replace(document, steps, name, meant)
    if broken.place.path != document.path:
        return None
    return edits.at_word(broken.place, document.source, name, meant, steps)
