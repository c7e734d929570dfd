"""What a change of files can reach: the two catalogs that have to be compared, and nothing else read.

A file that is equal on both sides matters only where it names something that changed, and names stand in files
as they are; so a search for bytes finds the few files worth parsing among thousands.
It must never leave out an entry that resolves differently; one too many costs time alone.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any, Protocol

from registry.authoring.catalog import Catalog, load
from registry.authoring.github.models import NOT_NAMED
from registry.authoring.kinds import KINDS, kind_of
from registry.authoring.parse import Document
from registry.authoring.settings_file import load_settings
from registry.authoring.tree import Tree
from registry.settings import Settings
from serve.core.digest import sha256

_MOST_WORDS = 400  # beyond, a search for each costs more than reading everything
_MADE_UP = re.compile("(?:(.+)-)?[0-9a-f]{8}")  # the id of a model whose name cannot be one
_ESCAPE = "\\"  # a double-quoted name in YAML may be written with escapes, which no search sees through


class Search(Protocol):
    """Finds the files that are equal on both sides and hold one of some words, byte for byte."""

    def __call__(self, words: Collection[str], folder: str, pattern: str = "**") -> Collection[str]:
        """The paths below a folder that fit a pattern of Git."""
        ...


def affected(before: Tree, after: Tree, changed: Collection[str], search: Search) -> tuple[Catalog, Catalog]:
    """The entries that may resolve differently in two trees, with all that they refer to.

    Args:
        before: the older tree.
        after: the newer tree.
        changed: every path that is not the same in both.
        search: looks into the files that are.

    Raises:
        Usage: CFG001 where a tree's settings cannot be used.
    """
    settings = load_settings(before), load_settings(after)
    content = settings[1].content
    direct = {path for path in changed if path.startswith(f"{content}/")}
    old, new = _Part(before, settings[0], direct), _Part(after, settings[1], direct)
    words = {word for path in direct for word in _words(path, content)} | _implied_alone(old, new)
    reached = _reached(direct, words, content, search)
    if settings[0].content != content or reached is None:
        return load(before, settings[0]), load(after, settings[1])
    equal = _Part(after, settings[1], reached)
    named = {path for part in (old, new, equal) for path in references(part.catalog)} - direct - reached
    beside = _with_bases(after, settings[1], named, direct | reached)
    return old.with_(equal, *beside), new.with_(equal, *beside)


def with_suites(
    catalog: Catalog, prompts: Collection[str], changed: Collection[str], search: Search
) -> Catalog:
    """A catalog with the suites of some prompts too; ``changed`` and ``search`` as for ``affected``."""
    content, suffix = catalog.settings.content, next(kind.suffix for kind in KINDS if kind.name == "suite")
    held = {document.path for document in catalog.documents["suite"].values()}
    names = sorted(prompts)
    found: set[str] = set()
    for start in range(0, len(names), _MOST_WORDS):
        found |= set(search(names[start : start + _MOST_WORDS], content, f"**/*{suffix}"))
    wanted = {path for path in found if path.endswith(suffix) and path not in held and path not in changed}
    whole = merged(catalog, _Part(catalog.tree, catalog.settings, wanted).catalog)
    asked = {key: suite for key, suite in whole.documents["suite"].items() if _tests(suite, prompts)}
    return replace(whole, documents={**whole.documents, "suite": asked})


def _tests(suite: Document, prompts: Collection[str]) -> bool:
    return isinstance(suite.data, dict) and suite.data.get("prompt") in prompts


class _Part:
    """Some files of a tree as a catalog of their own; of two files that have one id both are read."""

    def __init__(self, tree: Tree, settings: Settings, paths: Iterable[str]) -> None:
        whole = {twin for path in paths for twin in _twins(path)}
        self.catalog = replace(load(Selection(tree, whole), settings), tree=tree)

    def with_(self, *others: _Part) -> Catalog:
        return merged(self.catalog, *(other.catalog for other in others))


def _with_bases(tree: Tree, settings: Settings, named: set[str], read: set[str]) -> list[_Part]:
    """Some files, and those that they name in turn: what a guardrail set extends is known once the set is read."""
    parts: list[_Part] = []
    while named:
        parts.append(_Part(tree, settings, named))
        read = read | named
        named = set(references(parts[-1].catalog)) - read
    return parts


class Selection:
    """A tree of which only some files are listed; all can be read."""

    def __init__(self, tree: Tree, paths: Iterable[str]) -> None:
        self._tree = tree
        self.commit = tree.commit
        self.committed_at = tree.committed_at
        self._held = dict(self._read_all(paths))

    def paths(self, prefix: str = "") -> tuple[str, ...]:
        """The chosen files below a folder that are there, sorted."""
        lead = prefix.rstrip("/") and f"{prefix.rstrip('/')}/"
        return tuple(sorted(path for path in self._held if path.startswith(lead)))

    def stamps(self, prefix: str = "") -> Mapping[str, str]:
        """The digest of each of these files."""
        return {path: sha256(self._held[path]) for path in self.paths(prefix)}

    def read(self, path: str) -> bytes:
        """The bytes of one file; raises FileNotFoundError."""
        return self._held[path] if path in self._held else self._tree.read(path)

    def _read_all(self, paths: Iterable[str]) -> Iterator[tuple[str, bytes]]:
        for path in paths:
            if kind_of(path) is None and not path.endswith((".yaml", ".yml")):
                continue  # prose is read when a template asks for it
            try:
                yield path, self._tree.read(path)
            except FileNotFoundError:
                continue


def _reached(
    direct: Collection[str], words: Collection[str], content: str, search: Search
) -> set[str] | None:
    """The equal files that hold one of the words, and those that name them; None when that is cheaper read whole."""
    seen, found = {twin for path in direct for twin in _twins(path)}, set[str]()
    while words:
        if len(words) > _MOST_WORDS:
            return None
        hits = set(search(words, content))
        if not found:
            hits |= set(search((_ESCAPE,), content, "**/*.prompt.*"))
        waiting = hits - seen
        seen |= waiting
        found |= waiting
        words = {word for path in waiting for word in _words(path, content)}
    return found


def _twins(path: str) -> Iterator[str]:
    """The paths that have the id of this one, itself among them: which of them counts, only all of them tell."""
    kind = kind_of(path)
    yield from (
        (path,) if kind is None else (f"{kind.stem(path)}{end}" for end in (kind.suffix, *kind.foreign))
    )


def _words(path: str, content: str) -> Iterator[str]:
    """What stands in a file that names this one; nothing for a prompt or a suite, which no entry refers to."""
    kind, name = kind_of(path), path.removeprefix(f"{content}/")
    if kind is None:
        yield _word(name)
    elif kind.name not in ("prompt", "suite"):
        entry_id = kind.stem(name)
        yield _word(entry_id)
        if kind.name == "model" and (made := _MADE_UP.fullmatch(entry_id)):
            yield max(re.split("[/-]", made[1] or ""), key=len)  # the letters that its name began with


def _word(name: str) -> str:
    """The longest piece of a name that YAML can neither break over two lines nor write in another way."""
    return max(re.split(r"[\s']+", name), key=len)


def _implied_alone(old: _Part, new: _Part) -> set[str]:
    """Words of the models that one side's prompts imply and the other's do not: an equal file may imply them as well."""
    catalogs = old.catalog, new.catalog
    odd = catalogs[0].implied ^ catalogs[1].implied
    names = {part.documents["model"][name].data["model"] for part in catalogs for name in odd & part.implied}
    return {"" if name == NOT_NAMED else _word(name) for name in names}


def references(catalog: Catalog) -> Iterator[str]:
    """The files of all that the prompts and guardrail sets of a catalog refer to, whether they are there or not."""
    suffixes = {kind.name: kind.suffix for kind in KINDS}
    for source in catalog.prompts.values():
        models = [source.model, *(variant.model for variant in source.variants.values() if variant.model)]
        for kind, names in (("model", models), ("guardrail", source.guardrails), ("tool", source.tools)):
            yield from (f"{catalog.settings.content}/{name}{suffixes[kind]}" for name in names)
    for guardrails in catalog.guardrails.values():
        yield from (
            f"{catalog.settings.content}/{name}{suffixes['guardrail']}" for name in guardrails.extends
        )
        asked = (rule.detect.get("model") for rule in guardrails.rules)
        named = (name for name in asked if isinstance(name, str))
        yield from (f"{catalog.settings.content}/{name}{suffixes['model']}" for name in named)


def merged(catalog: Catalog, *others: Catalog) -> Catalog:
    """A catalog with the entries of others too; what one writes in a file wins over what another implies."""
    documents: dict[str, dict[str, Document]] = {kind.name: {} for kind in KINDS}
    sources: dict[str, dict[str, Any]] = {kind.name: {} for kind in KINDS}
    parts = (catalog, *others)
    for part, kind in ((part, kind) for part in parts for kind in KINDS):
        for name, document in part.documents[kind.name].items():
            if name not in documents[kind.name] or kind_of(document.path) == kind:
                documents[kind.name][name] = document
                sources[kind.name].pop(name, None)
                if name in part.sources[kind.name]:
                    sources[kind.name][name] = part.sources[kind.name][name]
    problems = tuple(problem for part in parts for problem in part.problems)
    drifts = {name: drift for part in parts for name, drift in part.drifts.items()}
    return replace(catalog, documents=documents, sources=sources, problems=problems, drifts=drifts)


def single(tree: Tree, settings: Settings, prompt: str) -> Catalog:
    """One prompt with all that it refers to, as a catalog; empty where the tree has no such prompt."""
    own = _Part(tree, settings, prompt_paths(settings, prompt))
    return own.with_(*_with_bases(tree, settings, set(references(own.catalog)), set()))


def prompt_paths(settings: Settings, prompt: str) -> tuple[str, ...]:
    """Where the file of a prompt may lie, the path that counts first."""
    kind = next(kind for kind in KINDS if kind.name == "prompt")
    return tuple(f"{settings.content}/{prompt}{suffix}" for suffix in (kind.suffix, *kind.foreign))
