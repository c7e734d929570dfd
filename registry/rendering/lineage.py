"""The commits that changed what a prompt resolves to: its own file, its partials, model config, guardrails, tools.

Git is asked for the commits that touched any file the prompt ever read; each is resolved, and counts only if the
digest moved. Renames are followed. A version that read the same files with the same content is resolved once.
It must never take a commit for a change because a file was touched: a comment changes nothing.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Literal, Protocol

from registry.authoring.affected import Selection, merged, prompt_paths, references
from registry.authoring.catalog import Catalog, load
from registry.authoring.git_objects import GitTree
from registry.authoring.kinds import KINDS, Kind, kind_of
from registry.authoring.settings_file import load_settings
from registry.authoring.sources.prompt import PromptSource
from registry.errors import PromptyardError
from registry.rendering.changes import reasons
from registry.rendering.renames import best_pairs
from registry.rendering.resolve import resolve
from registry.settings import FILE, Settings
from serve.core.bundle import entry_digest
from serve.core.model import Prompt

_PROMPT: Kind = next(kind for kind in KINDS if kind.name == "prompt")
_MOST_TRACES = 16


class Past(Protocol):
    """What is asked of a repository."""

    def tree(self, revision: str = "HEAD") -> GitTree:
        """The tree of a revision."""
        ...

    def graph(self, revision: str, paths: Collection[str]) -> tuple[tuple[str, tuple[str, ...]], ...]:
        """The commits that touched some paths, newest first, each with those of them that came before it."""
        ...


@dataclass(frozen=True, slots=True)
class Step:
    """One commit that changed a prompt; ``id`` is the prompt's id there, ``was`` the one before a rename.

    ``what`` is ``cut`` where a shallow clone's history begins: the prompt may be older.
    """

    commit: str
    what: Literal["added", "changed", "renamed", "removed", "cut"]
    id: str
    reasons: tuple[str, ...] = ()
    was: str | None = None


@dataclass(frozen=True, slots=True)
class _State:
    """A prompt at a commit: its digest, or why it has none."""

    digest: str
    prompt: Prompt | None = None
    source: PromptSource | None = None
    problem: str = ""


def lineage(past: Past, prompt: str, revision: str = "HEAD") -> Iterator[Step]:
    """The commits that changed a prompt, newest first, found as they are asked for.

    Nothing for an id that no commit before the revision knows.
    """
    walk = _Walk(past, prompt, revision)
    while not walk.done:
        yield from walk.steps()


def prompt_path(tree: GitTree, settings: Settings, prompt: str) -> str | None:
    """The file of a prompt in a tree, under whichever suffix it has; None when there is none."""
    return next((path for path in prompt_paths(settings, prompt) if tree.blob(path) is not None), None)


@dataclass(slots=True)
class _Trace:
    """The files that resolving a prompt read, with their content's ids, and what came out."""

    read: Mapping[str, str | None]
    state: _State


@dataclass(slots=True)
class _Reader:
    """Resolves single prompts at many commits."""

    paths: set[str] = field(default_factory=set)
    _traces: dict[str, list[_Trace]] = field(default_factory=dict)
    _files: dict[tuple[str, str | None, str], Catalog] = field(default_factory=dict)
    _settings: dict[str | None, Settings] = field(default_factory=dict)
    _states: dict[tuple[str, str], _State | None] = field(default_factory=dict)

    def state(self, tree: GitTree, prompt: str) -> _State | None:
        """A prompt at a commit, None where it is not there."""
        key = (tree.commit, prompt)
        if key not in self._states:
            self._states[key] = self._state(tree, prompt)
        return self._states[key]

    def settings(self, tree: GitTree) -> Settings:
        """The settings of a commit, the defaults where they cannot be used."""
        blob = tree.blob(FILE)
        if blob not in self._settings:
            try:
                self._settings[blob] = load_settings(tree)
            except PromptyardError:
                self._settings[blob] = Settings()
        return self._settings[blob]

    def _state(self, tree: GitTree, prompt: str) -> _State | None:
        settings = self.settings(tree)
        path = prompt_path(tree, settings, prompt)
        self.paths |= {FILE, *([path] if path else prompt_paths(settings, prompt))}
        if path is None:
            return None
        known = self._traces.setdefault(f"{path} {tree.blob(path)} {settings.content}", [])
        for trace in known:
            if all(tree.blob(file) == blob for file, blob in trace.read.items()):
                return trace.state
        recording = _Recording(tree)
        state = self._resolved(recording, settings, path, prompt)
        self.paths |= recording.read_files.keys()
        known.insert(0, _Trace(recording.read_files, state))
        del known[_MOST_TRACES:]
        return state

    def _resolved(self, tree: _Recording, settings: Settings, path: str, prompt: str) -> _State:
        own = self._file(tree, settings, path)
        catalog, read = own, set[str]()
        while more := sorted(set(references(catalog)) - read):  # a guardrail set may extend others
            catalog = merged(catalog, *(self._file(tree, settings, file) for file in more))
            read.update(more)
        if own.problems or prompt not in own.prompts:
            code = own.problems[0].code if own.problems else "SCH002"
            return _State(f"{code} {tree.blob(path)}", problem=f"cannot be read: {code}")
        try:
            resolved = resolve(replace(catalog, tree=tree)).prompts[prompt]
        except PromptyardError as error:
            return _State(
                f"{error.code} {sorted(tree.read_files.items())}", problem=f"does not resolve: {error.code}"
            )
        return _State(entry_digest(resolved), resolved, own.prompts[prompt])

    def _file(self, tree: _Recording, settings: Settings, path: str) -> Catalog:
        key = (path, tree.blob(path), settings.content)
        if key not in self._files:
            self._files[key] = load(Selection(tree, [path]), settings)
        return self._files[key]


class _Recording:
    """A tree that remembers which files were asked for."""

    def __init__(self, tree: GitTree) -> None:
        self._tree = tree
        self.commit = tree.commit
        self.committed_at = tree.committed_at
        self.read_files: dict[str, str | None] = {}

    def paths(self, prefix: str = "") -> tuple[str, ...]:
        return self._tree.paths(prefix)

    def stamps(self, prefix: str = "") -> Mapping[str, str]:
        return self._tree.stamps(prefix)

    def blob(self, path: str) -> str | None:
        self.read_files[path] = self._tree.blob(path)
        return self.read_files[path]

    def read(self, path: str) -> bytes:
        self.blob(path)
        return self._tree.read(path)


class _Walk:
    """From the newest commit to the oldest; begun again, without telling twice, when more files come into play."""

    def __init__(self, past: Past, prompt: str, revision: str) -> None:
        self._past = past
        self._revision = revision
        self._prompt = prompt
        self._top = past.tree(revision)
        self._reader = _Reader()
        self._told: set[str] = set()
        self._reader.state(self._top, prompt)
        self.done = False

    def steps(self) -> Iterator[Step]:
        """The steps that can be told from the files known so far."""
        known = set(self._reader.paths)
        rows = self._past.graph(self._revision, known)
        ids = {rows[0][0]: self._prompt} if rows else {}
        for commit, parents in rows:
            if commit not in ids:
                continue
            step, followed, name = self._step(commit, parents, ids[commit])
            if not self._reader.paths <= known:
                break
            for parent in followed:
                ids.setdefault(parent, name)
            if step is not None and commit not in self._told:
                self._told.add(commit)
                yield step
        else:
            self.done = True

    def _step(
        self, commit: str, parents: tuple[str, ...], name: str
    ) -> tuple[Step | None, tuple[str, ...], str]:
        """What a commit did, which commits before it to look at, and the prompt's id there."""
        state = self._reader.state(self._top.at(commit), name)
        before = [self._reader.state(self._top.at(parent), name) for parent in parents]
        if state is None:
            gone = any(each is not None for each in before)
            return (Step(commit, "removed", name) if gone else None), parents, name
        same = next((at for at, each in enumerate(before) if each and each.digest == state.digest), None)
        if same is not None:
            return None, (parents[same],), name
        older = next((each for each in before if each is not None), None)
        if older is not None:
            return Step(commit, "changed", name, _why(older, state)), parents, name
        return self._beginning(commit, parents, name, state)

    def _beginning(
        self, commit: str, parents: tuple[str, ...], name: str, state: _State
    ) -> tuple[Step, tuple[str, ...], str]:
        tree = self._top.at(commit)
        earlier = [self._top.at(parent) for parent in tree.parents]
        if earlier and not any(each.known for each in earlier):
            return Step(commit, "cut", name), (), name
        for each in earlier:
            was = self._renamed(each, tree, name) if each.known else None
            older = self._reader.state(each, was) if was else None
            if was and older is not None:
                return Step(commit, "renamed", name, _why(older, state), was), parents, was
        return Step(commit, "added", name), parents, name

    def _renamed(self, before: GitTree, after: GitTree, name: str) -> str | None:
        """The prompt that went in a commit and is like the one that came."""
        settings, old = self._reader.settings(after), self._reader.settings(before)
        path = prompt_path(after, settings, name)
        gone = [
            file for file in before.changed(after) if kind_of(file) is _PROMPT and after.blob(file) is None
        ]
        if path is None:
            return None
        texts = {file: before.read(file).decode("utf-8", "replace") for file in gone if before.blob(file)}
        pairs = best_pairs(texts, {path: after.read(path).decode("utf-8", "replace")})
        return next((_PROMPT.stem(file.removeprefix(f"{old.content}/")) for file, _ in pairs), None)


def _why(old: _State, new: _State) -> tuple[str, ...]:
    if old.prompt is None or new.prompt is None:
        return (new.problem or "can be read again",)
    return reasons("prompt", old.prompt, new.prompt, (old.source, new.source))
