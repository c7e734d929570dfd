"""Which other files a file's findings may hang on, seen from its bytes alone.

Nothing is parsed: every word that could be the name of a file is taken for one. Too many links cost a
check that was not needed; a missing one would let a stale finding live.
It must never miss a name that a reader of the file would look up.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterable, Iterator, Mapping

from registry.authoring.kinds import kind_of

_WORD = re.compile(r"[\w./-]+")


class Names:
    """What the files of a content folder can be called by.

    That is their ids and their paths, below the content folder or beside the file that names them, and
    the folders of files without an id, such as weights.
    """

    def __init__(self, content: str, paths: Iterable[str]) -> None:
        self._prefix = f"{content}/"
        self._paths = frozenset(paths)
        self._named: dict[str, list[str]] = {}
        self._folders: dict[str, list[str]] = {}
        ours: dict[str, list[str]] = {}
        for path in sorted(self._paths):
            bare = path.removeprefix(self._prefix)
            kind = kind_of(path)
            self._named.setdefault(bare, []).append(path)
            if kind is None:
                for folder in _folders_of(path):
                    self._folders.setdefault(folder, []).append(path)
            else:
                self._named.setdefault(kind.stem(bare), []).append(path)
                ours.setdefault(posixpath.dirname(path), []).append(path)
        plain = {posixpath.dirname(path) for folder in self._folders for path in self._folders[folder]}
        for home, among in ours.items():  # a folder of weights may hold a file that looks like one of ours
            for folder in plain.intersection((home, *_folders_of(home))):
                self._folders[folder] += among
        self._names = self._named.keys()
        self._folder_names = frozenset(map(posixpath.basename, self._folders))
        ends = frozenset(path.rpartition("/")[2] for path in self._paths)
        self._ends = self._folder_names | ends | {"", ".", ".."}  # of words that may be paths

    def linked(self, path: str, data: bytes) -> tuple[str, ...]:
        """The files that a file names, sorted, itself left out."""
        found: set[str] = set()
        folder = posixpath.dirname(path)
        words = set(_WORD.findall(data.decode("utf-8", "replace")))
        for word in words & self._names:
            found.update(self._named[word])
        for word in [word for word in words if "/" in word or "." in word] + [*words & self._folder_names]:
            found.update(self._placed(folder, word))
        return tuple(sorted(found - {path}))

    def _placed(self, folder: str, word: str) -> Iterator[str]:
        if word.rpartition("/")[2] in self._ends:
            beside = posixpath.normpath(posixpath.join(folder, word))
            if beside in self._paths:
                yield beside
            yield from self._folders.get(beside, ())
        if word.startswith(self._prefix):
            yield from self._named.get(word.removeprefix(self._prefix), ())


def _folders_of(path: str) -> Iterator[str]:
    """The folders that a file lies in, the innermost first."""
    while path := posixpath.dirname(path):
        yield path


def closure(path: str, links: Mapping[str, Iterable[str]]) -> tuple[str, ...]:
    """All files that a file hangs on, itself first, the rest sorted."""
    seen = {path}
    waiting = [path]
    while waiting:
        for other in links.get(waiting.pop(), ()):
            if other not in seen:
                seen.add(other)
                waiting.append(other)
    return (path, *sorted(seen - {path}))
