"""A key that was committed once is known to everyone who can read the repository, and to every release."""

from __future__ import annotations

import re
from collections.abc import Iterator

from registry.authoring.weights import folder_of
from registry.diagnostics import Diagnostic, Place
from registry.settings import FILE
from registry.validation.subject import Subject

CODE = "SEC002"
TITLE = "Secret in a file"
_SUFFIXES = (".yaml", ".yml", ".md", ".txt", ".json", ".jsonl", ".csv", ".j2")
_LIMIT_BYTES = 8 * 2**20
_KINDS = (
    ("an AWS access key", re.compile(r"\b(?:AKIA|ASIA)[0-9A-Z]{16}\b")),
    ("a private key", re.compile(r"-----BEGIN (?:[A-Z]+ )*PRIVATE KEY-----")),
    ("an API key", re.compile(r"\b[sr]k[-_](?=[A-Za-z_-]*\d)[A-Za-z0-9_-]{20,}")),
    ("a GitHub token", re.compile(r"\b(?:gh[pousr]_[A-Za-z0-9]{36,}|github_pat_[A-Za-z0-9_]{22,})")),
    ("a Slack token", re.compile(r"\bxox[abprs]-[A-Za-z0-9-]{20,}")),
    ("a Google API key", re.compile(r"\bAIza[0-9A-Za-z_-]{35}\b")),
    ("a Hugging Face token", re.compile(r"\bhf_[A-Za-z0-9]{30,}\b")),
)
_DIFFERENT = 10  # a real key has at least so many different characters; xxxx… has not


def check(subject: Subject) -> Iterator[Diagnostic]:
    """One finding for each text that looks like a key; it is named by kind and never shown."""
    for path, text in _texts(subject):
        for number, row in enumerate(text.split("\n"), 1):
            for kind, pattern in _KINDS:
                for found in pattern.finditer(row):
                    if _looks_real(found[0]):
                        message = f"This looks like {kind}."
                        hint = "Revoke it, remove it here, and let the service read it from its environment."
                        yield Diagnostic(CODE, "error", Place(path, number, found.start() + 1), message, hint)


def redact(text: str, instead: str) -> tuple[str, tuple[str, ...]]:
    """A text with everything that looks like a key replaced, and the kinds that were found."""
    kinds: list[str] = []
    for kind, pattern in _KINDS:
        real = [found[0] for found in pattern.finditer(text) if _looks_real(found[0])]
        kinds += [kind] if real else []
        for key in real:
            text = text.replace(key, instead)
    return text, tuple(kinds)


def _looks_real(text: str) -> bool:
    return "example" not in text.lower() and len(set(text)) >= _DIFFERENT


def _texts(subject: Subject) -> Iterator[tuple[str, str]]:
    tree, catalog = subject.catalog.tree, subject.catalog
    weights = tuple(f"{folder}/" for folder in _weight_folders(subject))
    for path in (FILE, *tree.paths(catalog.settings.content)):
        if not path.endswith(_SUFFIXES) or path.startswith(weights):
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
