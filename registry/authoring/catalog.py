"""Every source by kind and id: what a tree holds, read once.

A file that cannot be read becomes a finding and is left out; the rest stays usable.
It must never judge content; that is the lints' work.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from registry.authoring.kinds import KINDS, Kind, kind_of
from registry.authoring.parse import Document, read_yaml
from registry.authoring.sources.guardrail import GuardrailSource
from registry.authoring.sources.model import ModelSource
from registry.authoring.sources.prompt import PromptSource
from registry.authoring.sources.tool import ToolSource
from registry.authoring.tree import Tree
from registry.diagnostics import Diagnostic, Place
from registry.settings import Settings
from serve.core.codec import ShapeError, from_json

_ID = re.compile(r"(?=.{1,80}\Z)[A-Za-z0-9][A-Za-z0-9._-]*(/[A-Za-z0-9][A-Za-z0-9._-]*)*\Z")


@dataclass(frozen=True, slots=True)
class Catalog:
    """All documents of a tree, and those that have the right shape as typed sources, by id."""

    tree: Tree
    settings: Settings
    documents: Mapping[str, Mapping[str, Document]]
    sources: Mapping[str, Mapping[str, Any]] = field(repr=False)
    problems: tuple[Diagnostic, ...]

    @property
    def prompts(self) -> Mapping[str, PromptSource]:
        """Prompts by id."""
        return self.sources["prompt"]

    @property
    def models(self) -> Mapping[str, ModelSource]:
        """Model configs by id."""
        return self.sources["model"]

    @property
    def guardrails(self) -> Mapping[str, GuardrailSource]:
        """Guardrail sets by id."""
        return self.sources["guardrail"]

    @property
    def tools(self) -> Mapping[str, ToolSource]:
        """Tools by id."""
        return self.sources["tool"]

    def text(self, name: str) -> str:
        """The text of a partial or of prose in a file, named relative to the content folder.

        Line ends are those of Unix and a byte order mark is left out, so that a checkout on Windows
        has the digests of every other.

        Raises:
            FileNotFoundError: when it is not there, is a link, lies outside, or is not UTF-8.
        """
        try:
            text = self.tree.read(f"{self.settings.content}/{name}").decode("utf-8-sig")
        except UnicodeDecodeError as error:
            raise FileNotFoundError(name) from error
        return text.replace("\r\n", "\n").replace("\r", "\n")


def load(tree: Tree, settings: Settings) -> Catalog:
    """The catalog of a tree; what is wrong with single files is in ``problems``."""
    documents: dict[str, dict[str, Document]] = {kind.name: {} for kind in KINDS}
    sources: dict[str, dict[str, Any]] = {kind.name: {} for kind in KINDS}
    problems: list[Diagnostic] = []
    for path in tree.paths(settings.content):
        kind = kind_of(path)
        if kind is None:
            problems += _odd_suffix(path)
            continue
        document, findings = read_yaml(path, tree.read(path))
        problems += findings
        if document is not None:
            entry_id = path.removeprefix(f"{settings.content}/").removesuffix(kind.suffix)
            if not _ID.fullmatch(entry_id):
                problems.append(_odd_id(path))
                continue
            documents[kind.name][entry_id] = document
            _add_source(kind, entry_id, document, sources, problems)
    return Catalog(tree, settings, documents, sources, tuple(problems))


def _odd_id(path: str) -> Diagnostic:
    """A name that a release cannot carry: its readers refuse what a file system somewhere might not hold."""
    message = "The path cannot be an id: it has other letters than ids have, or is too long."
    hint = "Use a-z, A-Z, 0-9, dots, dashes and underscores, each part beginning with a letter or digit; 80 at most."
    return Diagnostic("FIL002", "error", Place(path), message, hint)


def _add_source(
    kind: Kind,
    entry_id: str,
    document: Document,
    sources: dict[str, dict[str, Any]],
    problems: list[Diagnostic],
) -> None:
    if kind.source is None:
        return
    try:
        sources[kind.name][entry_id] = from_json(kind.source, document.data)
    except ShapeError as error:
        message = f"{'.'.join(map(str, error.steps)) or 'The file'} {error.problem}."
        hint = f"The keys of a {kind.name} file are in schemas/{kind.schema}."
        problems.append(Diagnostic("SCH002", "error", document.place(*error.steps), message, hint))


def _odd_suffix(path: str) -> Iterable[Diagnostic]:
    """A YAML file that looks like one of ours but is not: most often a slip of the pen."""
    if not path.endswith((".yaml", ".yml")):
        return
    name = path.rsplit("/", 1)[-1]
    parts = name.split(".")
    meant = difflib.get_close_matches(
        parts[-2] if len(parts) > 2 else "", [kind.name for kind in KINDS], 1, 0.6
    )
    advice = (
        f"Did you mean {'.'.join(parts[:-2])}.{meant[0]}.yaml?"
        if meant
        else "Move it out of the content folder."
    )
    message = f"{name} has none of the known suffixes, so nothing reads it."
    yield Diagnostic("FIL001", "warning", Place(path), message, advice)
