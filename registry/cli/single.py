"""One prompt with all that it refers to, from the working copy or a revision: nothing else is read.

It must never show a part of a prompt whose file cannot be read whole.
"""

from __future__ import annotations

import difflib
from collections.abc import Collection
from fnmatch import fnmatchcase
from functools import partial

from registry.authoring.affected import prompt_paths, single, with_suites
from registry.authoring.catalog import Catalog
from registry.authoring.kinds import kind_of
from registry.authoring.tree import Tree
from registry.cli.context import Context
from registry.errors import NotClean, Usage
from registry.settings import Settings


def single_prompt(context: Context, prompt: str, revision: str | None = None) -> Catalog:
    """The catalog of one prompt.

    Raises:
        NotClean: the finding that keeps its file from being read.
        Usage: PRM001 when there is no such prompt, GIT005 without a working copy in a bare repository.
    """
    tree = tree_of(context, revision)
    catalog = single(tree, context.settings_of(tree), prompt)
    require_prompt(catalog, prompt, revision)
    return catalog


def with_its_suites(catalog: Catalog, prompt: str) -> Catalog:
    """The same catalog with the suites that test the prompt."""
    return with_suites(catalog, [prompt], (), partial(_holding, catalog.tree))


def require_prompt(catalog: Catalog, prompt: str, revision: str | None = None) -> None:
    """Let pass only a prompt that is there and can be read.

    Raises:
        NotClean: the finding that keeps its file from being read.
        Usage: PRM001 when there is no such prompt.
    """
    if prompt in catalog.prompts:
        return
    for finding in catalog.problems:
        if finding.level == "error" and finding.place.path in prompt_paths(catalog.settings, prompt):
            raise NotClean(finding.code, f"{finding.place} {finding.message.rstrip('.')}", finding.hint)
    raise no_prompt(catalog.tree, catalog.settings, prompt, revision)


def tree_of(context: Context, revision: str | None) -> Tree:
    """The files of a revision or of the working copy; raises Usage (GIT005) where a bare repository has none."""
    if revision is None and not (context.root / ".git").exists():
        try:
            repository = context.repository()
        except Usage:
            return context.tree()  # no Git here, which a working copy does not need
        if repository.bare:
            what = f"{context.root.name} is a bare repository and has no working copy"
            raise Usage("GIT005", what, "Name a revision.")
    return context.tree(revision)


def no_prompt(tree: Tree, settings: Settings, prompt: str, revision: str | None) -> Usage:
    """The error for a prompt that a tree does not have, with the name that was probably meant."""
    close = difflib.get_close_matches(prompt, prompt_ids(tree, settings), 1, 0.5)
    where = f" at {revision}" if revision else ""
    advice = f"Did you mean {close[0]}?" if close else "promptyard list shows all."
    return Usage("PRM001", f"there is no prompt {prompt}{where}", advice)


def prompt_ids(tree: Tree, settings: Settings) -> list[str]:
    """The ids of all prompts by the names of their files; none is read."""
    known = []
    for path in tree.paths(settings.content):
        kind = kind_of(path)
        if kind is not None and kind.name == "prompt":
            known.append(kind.stem(path.removeprefix(f"{settings.content}/")))
    return known


def _holding(tree: Tree, words: Collection[str], folder: str, pattern: str = "**") -> Collection[str]:
    """A search as ``affected`` asks for it, through whatever tree it is."""
    wanted, sought = pattern.removeprefix("**/"), [word.encode() for word in words]
    fitting = (path for path in tree.paths(folder) if fnmatchcase(path, wanted))
    return [path for path in fitting if any(word in tree.read(path) for word in sought)]
