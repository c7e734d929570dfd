"""Trees and commits as Git stores them: what lies where at a revision, with equal folders read once.

A folder is a Git object named by its content, so two revisions are compared without looking into what they share.
It must never run Git; it is given a way to read an object by its name.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property

from registry.authoring.tree import PassedOver, Why
from registry.errors import Unavailable

_FOLDER, _FILES, _LINK, _COMMIT = 0o040000, 0o100000, 0o120000, 0o160000
_KIND = 0o170000


@dataclass(frozen=True, slots=True)
class Entry:
    """An object of Git: its full id, its kind (``commit``, ``tree``, ``blob``) and its bytes."""

    name: str
    kind: str
    data: bytes


@dataclass(frozen=True, slots=True)
class _Item:
    mode: int
    name: str

    @property
    def is_folder(self) -> bool:
        return self.mode & _KIND == _FOLDER

    @property
    def is_file(self) -> bool:
        return self.mode & _KIND == _FILES

    @property
    def why(self) -> Why | None:
        """Why it is not handed out, if it is not."""
        kind = self.mode & _KIND
        return "link" if kind == _LINK else "repository" if kind == _COMMIT else None


Read = Callable[[str], Entry | None]
_Folder = Mapping[str, _Item]
_NONE: _Folder = {}


class Objects:
    """The objects of a repository; folders are kept once they were read."""

    def __init__(self, read: Read) -> None:
        self.read = read
        self._folders: dict[str, _Folder] = {}

    def folder(self, name: str) -> _Folder:
        """What a folder holds; raises Unavailable (GIT009) when its object is lost."""
        if name not in self._folders:
            self._folders[name] = dict(_items(self.content(name), len(name) // 2))
        return self._folders[name]

    def content(self, name: str) -> bytes:
        """The bytes of an object that another one names; raises Unavailable (GIT009) when it is lost."""
        found = self.read(name)
        if found is None:
            what = f"the Git object {name[:12]} is missing or damaged"
            raise Unavailable("GIT009", what, "Run git fsck, and fetch it again.")
        return found.data


class GitTree:
    """The files of one commit, below the folder that holds ``promptyard.yaml``.

    Attributes:
        commit: the full id of the commit.
        prefix: that folder below the top of the repository, with a slash; empty for the top itself.
    """

    def __init__(self, objects: Objects, commit: str, prefix: str) -> None:
        self.commit = commit
        self.prefix = prefix
        self._objects = objects

    @property
    def committed_at(self) -> str:
        """The commit's time in UTC, ISO 8601."""
        seconds = int(self._header["committer"][0].split()[-2])
        return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")

    @property
    def parents(self) -> tuple[str, ...]:
        """The ids of the commits before this one, none for the first; a shallow clone may lack them."""
        return tuple(self._header.get("parent", ()))

    @property
    def known(self) -> bool:
        """False where a shallow clone lacks the commit; such a tree is empty."""
        return bool(self._header)

    def at(self, commit: str) -> GitTree:
        """The same folder at another commit, given by its full id."""
        return GitTree(self._objects, commit, self.prefix)

    def paths(self, prefix: str = "") -> tuple[str, ...]:
        """All regular files below a folder, sorted."""
        return tuple(self.stamps(prefix))

    def stamps(self, prefix: str = "") -> Mapping[str, str]:
        """The id of each file's content, by path."""
        folder = prefix.rstrip("/")
        item = self._item(folder)
        if item is None or not item.is_folder:
            return {}
        below = self._walk(item.name, f"{folder}/" if folder else "")
        return dict(sorted((path, each.name) for path, each in below if each.is_file))

    def passed_over(self, prefix: str = "") -> tuple[PassedOver, ...]:
        """Links and submodules below a folder, sorted by path."""
        folder = prefix.rstrip("/")
        item = self._item(folder)
        if item is None or not item.is_folder:
            return ()
        odd = self._walk(item.name, f"{folder}/" if folder else "")
        found = (PassedOver(path, each.why) for path, each in odd if each.why is not None)
        return tuple(sorted(found, key=lambda each: each.path))

    def read(self, path: str) -> bytes:
        """The bytes of one file; raises FileNotFoundError, also for a link."""
        name = self.blob(path)
        if name is None:
            raise FileNotFoundError(path)
        return self._objects.content(name)

    def blob(self, path: str) -> str | None:
        """The id of a file's content, equal for equal bytes; None where there is no regular file."""
        item = self._item(path)
        return item.name if item is not None and item.is_file else None

    def changed(self, other: GitTree) -> frozenset[str]:
        """The files that are not the same, or not there, in another tree of this repository."""
        return frozenset(self._differing(self._top, other._top, ""))

    @cached_property
    def _header(self) -> Mapping[str, list[str]]:
        found = self._objects.read(self.commit)
        lines = found.data.partition(b"\n\n")[0].decode("utf-8", "replace").split("\n") if found else []
        header: dict[str, list[str]] = {}
        for key, _, value in (line.partition(" ") for line in lines):
            header.setdefault(key, []).append(value)
        return header

    @cached_property
    def _top(self) -> str:
        name = self._header.get("tree", [""])[0]
        for step in self.prefix.split("/")[:-1]:
            item = self._objects.folder(name).get(step)
            name = item.name if item is not None and item.is_folder else ""
            if not name:
                return ""
        return name

    def _item(self, path: str) -> _Item | None:
        item = _Item(_FOLDER, self._top)
        for step in path.split("/") if path else ():
            found = self._objects.folder(item.name).get(step) if item.is_folder and item.name else None
            if found is None:
                return None
            item = found
        return item if item.name else None

    def _walk(self, folder: str, lead: str) -> Iterator[tuple[str, _Item]]:
        for step, item in self._objects.folder(folder).items():
            if item.is_folder:
                yield from self._walk(item.name, f"{lead}{step}/")
            else:
                yield f"{lead}{step}", item

    def _differing(self, one: str, other: str, lead: str) -> Iterator[str]:
        here = self._objects.folder(one) if one else _NONE
        there = self._objects.folder(other) if other else _NONE
        for step in here.keys() | there.keys():
            ours, theirs = here.get(step), there.get(step)
            if ours == theirs:
                continue
            folders = [item.name if item is not None and item.is_folder else "" for item in (ours, theirs)]
            if any(folders):
                yield from self._differing(folders[0], folders[1], f"{lead}{step}/")
            if any(item is not None and not item.is_folder for item in (ours, theirs)):
                yield f"{lead}{step}"


def _items(data: bytes, width: int) -> Iterator[tuple[str, _Item]]:
    position = 0
    while position < len(data):
        space = data.index(b" ", position)
        end = data.index(b"\0", space)
        mode, name = int(data[position:space], 8), data[space + 1 : end].decode("utf-8", "surrogateescape")
        position = end + 1 + width
        yield name, _Item(mode, data[end + 1 : position].hex())
