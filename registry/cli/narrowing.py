"""The part of a registry that words on the command line name: files, folders, ids.

It must never pass over a name that nothing answers to: a slip of the pen would look like a clean result.
"""

from __future__ import annotations

import difflib
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from registry.authoring.kinds import KINDS
from registry.authoring.tree import Tree
from registry.cli.context import Context
from registry.errors import Usage
from registry.settings import FILE


@dataclass(frozen=True, slots=True)
class Part:
    """Some files and folders by their paths below the registry's root; none named is all of it."""

    named: tuple[str, ...] = ()

    def __contains__(self, path: str) -> bool:
        return not self.named or any(path == name or path.startswith(f"{name}/") for name in self.named)


def part_of(context: Context, tree: Tree, words: Sequence[str]) -> Part:
    """What paths, taken from where the user is, and ids stand for.

    Raises:
        Usage: USE003 when no file of the registry has such a name.
    """
    known = (FILE, *tree.paths(context.settings.content))
    named = [path for word in words for path in _named(context, known, word)]
    return Part() if "." in named else Part(tuple(named))


def _named(context: Context, known: Sequence[str], word: str) -> list[str]:
    path = Path(os.path.relpath(context.here / word, context.root)).as_posix()
    below = Part((path,))
    if path == "." or any(each in below for each in known):
        return [path]
    stem = f"{context.settings.content}/{word}"
    endings = [ending for kind in KINDS for ending in (kind.suffix, *kind.foreign)]
    meant = [each for each in known if each in {stem + ending for ending in endings}]
    if not meant:
        close = difflib.get_close_matches(path, known, 1, 0.6)
        advice = (
            f"Did you mean {close[0]}?"
            if close
            else f"Name a file or folder below {context.settings.content}, or an id."
        )
        raise Usage("USE003", f"no file of the registry is called {word}", advice)
    return meant
