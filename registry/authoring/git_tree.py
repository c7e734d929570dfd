"""Any revision of a Git repository, read straight from its objects, and the few questions asked of history.

It must never touch the working copy, the index or a ref.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from functools import cached_property
from pathlib import Path

from registry.authoring.git_objects import GitTree, Objects
from registry.authoring.git_program import Program, begin_repository
from registry.authoring.history import LOG_OPTIONS, BlamedLine, Commit, read_blame, read_log
from registry.errors import Usage
from registry.settings import FILE

__all__ = ["GitTree", "Repository", "begin_repository"]

_NOTHING = "0" * 40  # CI's "nothing before"; fails only when read
_MAINS = ("main", "origin/main", "master", "origin/master", "origin/HEAD")


class Repository:
    """A Git repository found at or above a folder: a working copy, a linked one, a submodule, or a bare one.

    Raises:
        Usage: GIT001 when there is none.
    """

    def __init__(self, root: Path) -> None:
        self._program = Program(root)
        self.bare = self._program.top is None
        self.top = self._program.top or self._program.folder
        inside = "." if self.bare else root.resolve().relative_to(self.top.resolve()).as_posix()
        self._prefix = "" if inside == "." else f"{inside}/"
        self._objects = Objects(self._program.read)

    def tree(self, revision: str = "HEAD") -> GitTree:
        """The tree of a revision.

        Raises:
            Usage: GIT002 when Git does not know it, GIT007 when it names two things, GIT006 when a bare
                repository holds several registries.
        """
        tree = self._tree(self.commit_id(revision), self._prefix)
        return self._inside(tree) if self.bare and not tree.blob(FILE) else tree

    def commit_id(self, revision: str) -> str:
        """The full id of the commit that a revision names; raises Usage (GIT002, GIT007)."""
        if revision == _NOTHING or not revision or "\n" in revision or revision.startswith("-"):
            raise self._unknown(revision)
        status, out, told = self._program.ask("rev-parse", "--verify", "--end-of-options", revision)
        if status:
            raise self._program.trouble(told) or self._unknown(revision)
        if "is ambiguous" in told:
            what = f"{revision} names more than one thing in Git"
            raise Usage("GIT007", what, f"Write refs/heads/{revision} or refs/tags/{revision}.")
        found = self._program.read(f"{out.strip()}^{{commit}}")
        if found is None or found.kind != "commit":
            raise self._unknown(revision)
        return found.name

    def merge_base(self, one: str, other: str = "HEAD") -> str:
        """The commit where two revisions parted; raises Usage (GIT002) when they share no history."""
        ids = self.commit_id(one), self.commit_id(other)
        status, out, told = self._program.ask("merge-base", *ids)
        if status > 1:
            raise self._program.failed("merge-base", told)
        if status:
            raise Usage("GIT002", f"{one} and {other} share no history", self._advice())
        return out.strip()

    def default_base(self) -> str:
        """The commit that work is compared with: where HEAD left the main branch; HEAD where there is none.

        Raises:
            Usage: GIT002 when the history is cut before that commit.
        """
        for main in _MAINS:
            try:
                self.commit_id(main)
            except Usage as error:
                if error.code != "GIT002":
                    raise
                continue
            return self.merge_base(main)
        return "HEAD"

    def descends(self, older: str, newer: str) -> bool:
        """True when ``newer`` is ``older`` or comes after it; False also when a commit is unknown here.

        Raises:
            Usage: GIT002 when only the commits that a shallow clone lacks could tell.
        """
        try:
            ids = self.commit_id(older), self.commit_id(newer)
            found = self._program.ask("merge-base", "--is-ancestor", *ids)[0] == 0
        except Usage:
            found = False
        if not found and self.shallow:
            what = f"whether {newer[:12]} comes after {older[:12]} cannot be seen here"
            raise Usage("GIT002", what, self._advice())
        return found

    def signer(self, revision: str, allowed: Path | None = None) -> str | None:
        """Who signed a commit, when the signature is good and the key is one that counts; None otherwise.

        ``allowed`` is a file of allowed signers for SSH keys instead of the one that Git is set to;
        OpenPGP keys count when this machine's keyring holds them.
        """
        options = () if allowed is None else ("-c", f"gpg.ssh.allowedSignersFile={allowed}")
        commit = self.commit_id(revision)
        if self._program.ask(*options, "verify-commit", commit)[0]:
            return None
        return self._program.ask(*options, "log", "-1", "--format=%GS", commit)[1].strip() or "an unnamed key"

    def changed_paths(self) -> tuple[str, ...]:
        """Files of the working copy that differ from the last commit, untracked ones included, from the top."""
        return tuple(self._status("--ignored=no"))

    def changed_below(self, *places: str) -> tuple[str, ...]:
        """As ``changed_paths``, in some files and folders given and told from the registry's root.

        Ignored files are among them; a repository inside this one is one path that ends in a slash.
        """
        where = [f":(top,literal){self._prefix}{place}" for place in places]
        found = self._status("--ignored=traditional", "--", *where)
        return tuple(path.removeprefix(self._prefix) for path in found)

    def naming(
        self, tree: GitTree, words: Collection[str], folder: str, pattern: str = "**"
    ) -> frozenset[str]:
        """The files of a tree that hold one of some words, byte for byte, and fit a pattern below a folder."""
        if not words:
            return frozenset()
        where = f":(top,glob){_literal(tree.prefix + folder)}/{pattern}"
        marked = [option for word in words for option in ("-e", word)]
        plain = ("-l", "-z", "-F", "-a", "--full-name", "--no-color", "--no-recurse-submodules")
        status, out, told = self._program.ask("grep", *plain, *marked, tree.commit, "--", where)
        if status > 1:
            raise self._program.failed("grep", told)
        lead = f"{tree.commit}:{tree.prefix}"
        return frozenset(path.removeprefix(lead) for path in out.split("\0") if path)

    def graph(self, revision: str, paths: Collection[str]) -> tuple[tuple[str, tuple[str, ...]], ...]:
        """The commits that touched some paths, newest first, each with those of them that came before it.

        Sides of a merge that changed nothing there are left out, as ``git log -- PATH`` leaves them out.
        """
        named = [f":(top,literal){self._tree_prefix(revision)}{path}" for path in sorted(paths)]
        out = self._program.text(
            "rev-list", "--parents", "--topo-order", self.commit_id(revision), "--", *named
        )
        rows = (line.split() for line in out.splitlines())
        return tuple((row[0], tuple(row[1:])) for row in rows)

    def commits(self, ids: Sequence[str]) -> dict[str, Commit]:
        """Author, date and subject of some commits, by their id."""
        if not ids:
            return {}
        out = self._program.text("log", "--no-walk=unsorted", "--stdin", *LOG_OPTIONS, given=ids)
        return {commit.id: commit for commit in read_log(out)}

    def first_carriers(self, tips: Sequence[str]) -> dict[str, int]:
        """For every commit below some tips, the place of the first tip that holds it; unknown tips are passed over."""
        known = {place: tip for place, tip in enumerate(tips) if self._is_commit(tip)}
        if not known:
            return {}
        out = self._program.text("rev-list", "--parents", "--stdin", given=tuple(known.values()))
        parents = {row[0]: row[1:] for row in map(str.split, out.splitlines())}
        carried: dict[str, int] = {}
        for place, tip in known.items():
            waiting = [tip]
            while waiting:
                commit = waiting.pop()
                if commit not in carried:
                    carried[commit] = place
                    waiting += parents.get(commit, ())
        return carried

    def blame(self, revision: str | None, path: str) -> tuple[BlamedLine, ...]:
        """Who wrote each line of a file last; ``revision`` None is the working copy.

        Raises:
            FileNotFoundError: when Git does not know the file there.
            Usage: GIT010 when Git is set to pass over commits that a missing file lists.
        """
        at = [] if revision is None else [self.commit_id(revision)]
        prefix = self._tree_prefix(revision or "HEAD")
        status, out, told = self._program.ask("blame", "--line-porcelain", *at, "--", f"{prefix}{path}")
        if status and "no such" in told:
            raise FileNotFoundError(path)
        if status:
            raise self._program.failed("blame", told)
        return tuple(read_blame(out))

    def newest(self, commits: Collection[Commit]) -> Commit:
        """The one of some commits that comes after the others; of several such the latest by its date."""
        known = {commit.id: commit for commit in commits}
        if len(known) > 1:
            last = self._program.text("merge-base", "--independent", *known).split()
            known = {name: known[name] for name in last}
        return max(known.values(), key=lambda commit: (commit.moment, commit.id))

    @property
    def author(self) -> str:
        """Who acts, as Git knows them: ``Name <mail>``; empty when Git was never told."""
        name, mail = (
            self._program.ask("config", "--get", f"user.{key}")[1].strip() for key in ("name", "email")
        )
        return f"{name} <{mail}>" if name and mail else name or mail

    @cached_property
    def shallow(self) -> bool:
        """True when the history was cut by ``--depth``."""
        return self._program.text("rev-parse", "--is-shallow-repository").strip() == "true"

    def _tree(self, commit: str, prefix: str) -> GitTree:
        return GitTree(self._objects, commit, prefix)

    def _tree_prefix(self, revision: str) -> str:
        return self.tree(revision).prefix if self.bare else self._prefix

    def _inside(self, tree: GitTree) -> GitTree:
        """In a bare repository no folder says where the registry is; the tree itself does."""
        found = [path for path in tree.paths() if path.endswith(f"/{FILE}")]
        if len(found) > 1:
            what = f"the bare repository holds {len(found)} registries: {', '.join(found[:3])}"
            raise Usage("GIT006", what, "Clone it, and name one with -C.")
        return self._tree(tree.commit, found[0].removesuffix(FILE)) if found else tree

    def _status(self, *options: str) -> Iterator[str]:
        if self.bare:
            what = f"{self.top.name} is a bare repository and has no working copy"
            raise Usage("GIT005", what, "Name a revision.")
        plain = ("--porcelain", "--untracked-files=all", "--ignore-submodules=all", "--no-renames", "-z")
        lines = self._program.text("status", *plain, *options).split("\0")
        return (line[3:] for line in lines if line)

    def _is_commit(self, name: str) -> bool:
        found = self._program.read(name) if name else None
        return found is not None and found.kind == "commit"

    def _unknown(self, revision: str) -> Usage:
        if revision == "HEAD":
            return Usage("GIT002", "this repository has no commit yet", "Commit first: git commit.")
        what = f"Git knows no revision {revision or '(empty)'}"
        return Usage("GIT002", what, f"Check the name. {self._advice()}" if revision else "Name one.")

    def _advice(self) -> str:
        if self.shallow:
            return "This clone is shallow: git fetch --unshallow brings the rest (in CI: fetch-depth: 0)."
        return "In CI fetch the whole history."


def _literal(path: str) -> str:
    """A path as a pattern of Git that matches nothing else."""
    return re.sub(r"([*?\[\\])", r"\\\1", path)
