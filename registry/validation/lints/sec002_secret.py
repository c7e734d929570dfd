"""A key that was committed once is known to everyone who can read the repository, and to every release."""

from __future__ import annotations

from collections.abc import Iterator

from registry.authoring.weights import folder_of
from registry.diagnostics import Diagnostic, Place
from registry.settings import FILE
from registry.validation.lesson import Lesson
from registry.validation.secret import secrets_in
from registry.validation.subject import Subject

CODE = "SEC002"
TITLE = "Secret in a file"
LESSON = Lesson(
    "error",
    """\
messages:
  - {role: system, content: "Call the service with password: Wr0ng-Horse-8attery-Stap1e-77."}
  - {role: user, content: "{{ question }}"}
""",
    """\
messages:
  - {role: system, content: The service has its own key.}
  - {role: user, content: "{{ question }}"}
""",
    firm="a secret is excused for a time and a reason, or not at all",
    excusable=True,
)
_SUFFIXES = (".yaml", ".yml", ".md", ".txt", ".json", ".jsonl", ".csv", ".j2")
_LIMIT_BYTES = 8 * 2**20


def check(subject: Subject) -> Iterator[Diagnostic]:
    """One finding for each text that looks like a key; it is named by kind and never shown."""
    for path, text in _texts(subject):
        for secret in secrets_in(text):
            line = text.count("\n", 0, secret.start) + 1
            column = secret.start - text.rfind("\n", 0, secret.start)
            message = f"This looks like {secret.kind}."
            hint = "Revoke it, remove it here, and let the service read it from its environment."
            yield Diagnostic(CODE, "error", Place(path, line, column), message, hint)


def redact(text: str, instead: str) -> tuple[str, tuple[str, ...]]:
    """A text with everything that looks like a key replaced, and the kinds that were found."""
    found = secrets_in(text)
    for secret in reversed(found):
        text = f"{text[: secret.start]}{instead}{text[secret.end :]}"
    return text, tuple(dict.fromkeys(secret.kind for secret in found))


def _texts(subject: Subject) -> Iterator[tuple[str, str]]:
    tree, catalog = subject.catalog.tree, subject.catalog
    weights = tuple(f"{folder}/" for folder in _weight_folders(subject))
    read = {each.path: each.source for held in catalog.documents.values() for each in held.values()}
    for path in (FILE, *tree.paths(catalog.settings.content)):
        if not path.endswith(_SUFFIXES) or path.startswith(weights):
            continue
        if path in read:
            yield path, read[path]
            continue
        try:
            data = tree.read(path)
        except FileNotFoundError:
            continue
        if len(data) <= _LIMIT_BYTES:
            yield path, data.decode("utf-8", "replace")


def _weight_folders(subject: Subject) -> Iterator[str]:
    for name, model in subject.catalog.models.items():
        if model.weights is not None and model.weights.path is not None:
            yield folder_of(subject.document("model", name).path, model.weights.path)
