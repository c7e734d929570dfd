"""Weights that are missing, or others than those that were tested, are found before anything loads."""

from __future__ import annotations

from collections.abc import Iterator

from registry.authoring.parse import Document
from registry.authoring.sources.model import ModelSource
from registry.authoring.weights import digests_of, folder_digest, folder_of, has_pointers
from registry.diagnostics import Diagnostic
from registry.validation.lesson import Lesson
from registry.validation.subject import Subject

CODE = "MOD002"
TITLE = "Weights missing or changed"
LESSON = Lesson(
    "error",
    """\
# models/chat.model.yaml
engine: ctranslate2
model: demo
""",
    """\
# models/chat.model.yaml
engine: ctranslate2
model: demo
weights: {huggingface: org/name@0123456789abcdef0123456789abcdef01234567}
""",
    firm="the model cannot be loaded without its weights",
    excusable=True,
)


def check(subject: Subject) -> Iterator[Diagnostic]:
    """One finding for each local model without weights, without their folder, or with another digest."""
    for model_id, model in subject.catalog.models.items():
        document = subject.document("model", model_id)
        if model.weights is not None and model.weights.path is not None:
            yield from _folder(subject, document, model.weights.path, model.weights.sha256)
        elif model.engine == "ctranslate2" and (model.weights is None or model.weights.huggingface is None):
            yield _unnamed(document, model)


def _unnamed(document: Document, model: ModelSource) -> Diagnostic:
    message = f"The engine {model.engine} runs local weights, and none are named."
    hint = "Add weights: {path: FOLDER}, or weights: {huggingface: org/name@revision}."
    return Diagnostic(CODE, "error", document.place("engine"), message, hint)


def _folder(subject: Subject, document: Document, written: str, pinned: str | None) -> Iterator[Diagnostic]:
    folder = folder_of(document.path, written)
    tree = subject.catalog.tree
    digests = digests_of(tree, folder)
    if not digests:
        message = f"The weights folder {folder} is not there."
        hint = "Add the folder beside the model file, or correct weights.path."
        yield Diagnostic(CODE, "error", document.place("weights", "path"), message, hint)
        return
    found = folder_digest(digests)
    if pinned is None:
        hint = f"Add sha256: {found}"
        message = "The weights are not pinned by their digest."
        yield Diagnostic(CODE, "warning", document.place("weights"), message, hint)
    elif found != pinned:
        message = f"The weights have the digest {found[:12]}…, not {pinned[:12]}…."
        hint = f"Restore the files, or write sha256: {found} if the change is meant."
        if has_pointers(tree, folder):
            hint = "They are Git LFS pointers: run git lfs pull."
        yield Diagnostic(CODE, "error", document.place("weights", "sha256"), message, hint)
