"""Any revision of a Git repository, read straight from its objects, and the few questions asked of history.

The only file that imports git. Beyond beginning a repository it must never touch the working copy, the index
or a ref.
"""

from __future__ import annotations

from datetime import UTC
from functools import cached_property
from pathlib import Path

from registry.errors import Unavailable, Usage

try:
    import git
except ModuleNotFoundError:
    raise
except ImportError as error:  # GitPython looks for the program when it is imported
    raise Unavailable(
        "ENV004", "the program git cannot be found", "Install Git, or put it on PATH."
    ) from error

_LINK = 0o120000


class Repository:
    """A Git repository found at or above a folder.

    Raises:
        Usage: GIT001 when there is none.
    """

    def __init__(self, root: Path) -> None:
        try:
            self._repo = git.Repo(root, search_parent_directories=True)
        except (git.InvalidGitRepositoryError, git.NoSuchPathError) as error:
            what = f"{root} is not inside a Git repository"
            raise Usage("GIT001", what, "Run git init there, or pass --root PATH.") from error
        inside = root.resolve().relative_to(self.top.resolve()).as_posix()
        self._prefix = "" if inside == "." else f"{inside}/"

    @property
    def top(self) -> Path:
        """The folder of the working copy."""
        return Path(str(self._repo.working_tree_dir))

    def tree(self, revision: str = "HEAD") -> GitTree:
        """The tree of a revision; raises Usage (GIT002) when Git does not know it."""
        return GitTree(self._commit(revision), self._prefix)

    def merge_base(self, one: str, other: str = "HEAD") -> str:
        """The commit where two revisions parted; raises Usage (GIT002) when they share no history."""
        bases = self._repo.merge_base(self._commit(one), self._commit(other))
        if not bases:
            raise Usage("GIT002", f"{one} and {other} share no history", "Fetch the whole history first.")
        return str(bases[0].hexsha)

    def descends(self, older: str, newer: str) -> bool:
        """True when ``newer`` is ``older`` or comes after it; False also when a commit is unknown here."""
        try:
            return bool(self._repo.is_ancestor(self._commit(older), self._commit(newer)))
        except Usage:
            return False

    def changed_paths(self) -> tuple[str, ...]:
        """Files of the working copy that differ from the last commit, untracked ones included."""
        lines = self._repo.git.status("--porcelain", "--untracked-files=all", "-z").split("\0")
        return tuple(line[3:] for line in lines if line)

    @property
    def author(self) -> str:
        """Who acts, as Git knows them: ``Name <mail>``; empty when Git was never told."""
        with self._repo.config_reader() as config:
            name = str(config.get_value("user", "name", ""))
            mail = str(config.get_value("user", "email", ""))
        return f"{name} <{mail}>" if name and mail else name or mail

    def _commit(self, revision: str) -> git.Commit:
        if revision == git.Object.NULL_HEX_SHA:  # CI's "nothing before"; fails only when read
            raise _unknown(revision)
        try:
            return self._repo.commit(revision)
        except (git.BadName, git.GitCommandError, git.BadObject, ValueError, IndexError) as error:
            raise _unknown(revision) from error


def _unknown(revision: str) -> Usage:
    what = f"Git knows no revision {revision}"
    return Usage("GIT002", what, "Check the name; in CI fetch the whole history.")


def begin_repository(root: Path) -> bool:
    """Make a Git repository with the branch main, unless the folder lies in one; True when it was made."""
    try:
        git.Repo(root, search_parent_directories=True).close()
    except git.InvalidGitRepositoryError:
        git.Repo.init(root, initial_branch="main").close()
        return True
    return False


class GitTree:
    """The files of one commit, below the folder that holds ``promptyard.yaml``."""

    def __init__(self, commit: git.Commit, prefix: str) -> None:
        self._commit = commit
        self._prefix = prefix

    @property
    def commit(self) -> str | None:
        """The full id of the commit."""
        return str(self._commit.hexsha)

    @property
    def committed_at(self) -> str:
        """The commit's time in UTC, ISO 8601."""
        return self._commit.committed_datetime.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")

    def paths(self, prefix: str = "") -> tuple[str, ...]:
        """All regular files below a folder, sorted."""
        folder = prefix.rstrip("/")
        return tuple(sorted(p for p in self._blobs if not folder or p.startswith(f"{folder}/")))

    def read(self, path: str) -> bytes:
        """The bytes of one file; raises FileNotFoundError, also for a link."""
        if path not in self._blobs:
            raise FileNotFoundError(path)
        return bytes(self._blobs[path].data_stream.read())

    @cached_property
    def _blobs(self) -> dict[str, git.Blob]:
        found = (item for item in self._commit.tree.traverse() if isinstance(item, git.Blob))
        named = ((str(blob.path), blob) for blob in found if blob.mode != _LINK)
        return {
            path.removeprefix(self._prefix): blob for path, blob in named if path.startswith(self._prefix)
        }
