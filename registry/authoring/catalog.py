"""Every source by kind and id: what a tree holds, read once.

A file that cannot be read becomes a finding and is left out; the rest stays usable.
It must never judge content; that is the lints' work.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

from registry.authoring import strays
from registry.authoring.github.adopt import adopt, is_foreign
from registry.authoring.github.drift import Drift
from registry.authoring.kinds import KINDS, Kind, kind_of
from registry.authoring.parse import Document, read_yaml
from registry.authoring.sources.guardrail import GuardrailSource
from registry.authoring.sources.model import ModelSource
from registry.authoring.sources.prompt import PromptSource
from registry.authoring.sources.tool import ToolSource
from registry.authoring.tree import PartTree, Tree, WholeTree
from registry.authoring.weights import POINTER
from registry.diagnostics import Diagnostic
from registry.settings import Settings
from serve.core.codec import ShapeError, from_json

_MODEL = next(kind for kind in KINDS if kind.name == "model")


@dataclass(frozen=True, slots=True)
class Catalog:
    """All documents of a tree, and those that have the right shape as typed sources, by id.

    ``drifts`` has a key for every prompt that was written for GitHub: what in its file is not ours.
    """

    tree: Tree
    settings: Settings
    documents: Mapping[str, Mapping[str, Document]]
    sources: Mapping[str, Mapping[str, Any]] = field(repr=False)
    problems: tuple[Diagnostic, ...]
    drifts: Mapping[str, tuple[Drift, ...]] = field(default_factory=dict, repr=False)

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

    @property
    def implied(self) -> frozenset[str]:
        """The models that GitHub's files name and no file describes."""
        models = self.documents["model"].items()
        return frozenset(name for name, document in models if not document.path.endswith(_MODEL.suffix))

    @property
    def files(self) -> Collection[str]:
        """The paths of all files of the content folder, also where this is a part of a catalog."""
        return self.tree.among if isinstance(self.tree, PartTree) else self.tree.paths(self.settings.content)

    def ids(self, kind: str) -> tuple[str, ...]:
        """The ids of all files of a kind, readable or not, also where this is a part of a catalog."""
        wanted = next(each for each in KINDS if each.name == kind)
        found = (path for path in self.files if kind_of(path) is wanted)
        return tuple(wanted.stem(path.removeprefix(f"{self.settings.content}/")) for path in sorted(found))

    def text(self, name: str) -> str:
        """The text of a partial or of prose in a file, named relative to the content folder.

        Line ends are those of Unix and a byte order mark is left out, so that a checkout on Windows
        has the digests of every other.

        Raises:
            FileNotFoundError: when it is not there, is a link, lies outside, is not UTF-8, is a Git LFS pointer, or
                is an entry itself.
        """
        if kind_of(name) is not None:
            raise FileNotFoundError(name)  # what changes with an entry is found by its references alone
        data = self.tree.read(f"{self.settings.content}/{name}")
        if data.startswith(POINTER):
            raise FileNotFoundError(name)
        try:
            text = data.decode("utf-8-sig")
        except UnicodeDecodeError as error:
            raise FileNotFoundError(name) from error
        return text.replace("\r\n", "\n").replace("\r", "\n")


def load(tree: Tree, settings: Settings) -> Catalog:
    """The catalog of a tree; what is wrong with single files is in ``problems``."""
    loader = _Loader(tree, settings)
    for path in tree.paths(settings.content):
        loader.file(path)
    if isinstance(tree, WholeTree):
        loader.problems += strays.passed_over(tree.passed_over(settings.content))
    return loader.made()


class _Loader:
    def __init__(self, tree: Tree, settings: Settings) -> None:
        self._tree = tree
        self._settings = settings
        self._documents: dict[str, dict[str, Document]] = {kind.name: {} for kind in KINDS}
        self._sources: dict[str, dict[str, Any]] = {kind.name: {} for kind in KINDS}
        self._implied: dict[str, Document] = {}
        self._drifts: dict[str, tuple[Drift, ...]] = {}
        self.problems: list[Diagnostic] = []

    def made(self) -> Catalog:
        models = self._documents["model"]
        for name, document in self._implied.items():
            if name not in models:
                models[name] = document
                self._source("model", ModelSource, name, document)
        return Catalog(
            self._tree, self._settings, self._documents, self._sources, tuple(self.problems), self._drifts
        )

    def file(self, path: str) -> None:
        unnamed = strays.no_text(path)
        if unnamed is not None:
            self.problems.append(unnamed)
            return
        self.problems += strays.in_pieces(path)
        kind = kind_of(path)
        if kind is None:
            self.problems += strays.odd_suffix(path)
            return
        data = self._tree.read(path)
        if data.startswith(POINTER):
            self.problems.append(strays.in_lfs(path))
            return
        document, findings = read_yaml(path, data)
        self.problems += findings
        if document is None:
            return
        entry_id = kind.stem(path.removeprefix(f"{self._settings.content}/"))
        held = self._documents[kind.name]
        if not strays.can_be_id(entry_id):
            self.problems.append(strays.odd_id(path))
        elif entry_id in held:
            self.problems.append(strays.same_id(path, held[entry_id].path, entry_id))
        else:
            self._entry(kind, entry_id, document)

    def _entry(self, kind: Kind, entry_id: str, document: Document) -> None:
        if kind.foreign and is_foreign(document):
            adopted = adopt(document)
            document = adopted.document
            self._drifts[entry_id] = adopted.drifts
            self._implied.setdefault(document.data["model"], adopted.model)
        self._documents[kind.name][entry_id] = document
        if kind.source is not None:
            self._source(kind.name, kind.source, entry_id, document)

    def _source(self, kind: str, source: type, entry_id: str, document: Document) -> None:
        try:
            self._sources[kind][entry_id] = from_json(source, document.data)
        except ShapeError as error:
            message = f"{'.'.join(map(str, error.steps)) or 'The file'} {error.problem}."
            hint = f"The keys of a {kind} file are in schemas/{kind}.schema.json."
            self.problems.append(Diagnostic("SCH002", "error", document.place(*error.steps), message, hint))
