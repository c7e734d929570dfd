"""Git as a program, for one repository: its own environment, its own errors.

The only file that imports git. Replacement objects are passed over, so that a commit means the same on every
machine. Beyond beginning a repository it must never touch the working copy, the index or a ref.
"""

from __future__ import annotations

import os
import weakref
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from functools import cached_property
from pathlib import Path
from subprocess import PIPE
from tempfile import TemporaryFile
from typing import Any

from registry.authoring.git_objects import Entry
from registry.errors import PromptyardError, Unavailable, Usage

try:
    import git
except ModuleNotFoundError:
    raise
except ImportError as error:  # GitPython looks for the program when it is imported
    raise Unavailable(
        "ENV004", "the program git cannot be found", "Install Git, or put it on PATH."
    ) from error

# What says which repository is meant; a hook finds it set to the hook's own (git rev-parse --local-env-vars).
_LOCAL = (
    "GIT_ALTERNATE_OBJECT_DIRECTORIES", "GIT_COMMON_DIR", "GIT_DIR", "GIT_GRAFT_FILE",
    "GIT_IMPLICIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_OBJECT_DIRECTORY", "GIT_PREFIX",
    "GIT_REPLACE_REF_BASE", "GIT_SHALLOW_FILE", "GIT_WORK_TREE",
)  # fmt: skip
# What makes patterns of paths mean something else; an editor's Git sets the first for its hooks.
_PATHSPECS = tuple(f"GIT_{kind}_PATHSPECS" for kind in ("LITERAL", "GLOB", "NOGLOB", "ICASE"))


class Program:
    """The program git, asked about the repository found at or above a folder.

    Raises:
        Usage: GIT001 when there is none.
    """

    def __init__(self, root: Path) -> None:
        try:
            with _without(_LOCAL):
                self._repo = git.Repo(root, search_parent_directories=True, expand_vars=False)
        except (git.InvalidGitRepositoryError, git.NoSuchPathError) as error:
            what = f"{root} is not inside a Git repository"
            raise Usage("GIT001", what, "Run git init there, or pass --root PATH.") from error
        self.folder = Path(self._repo.git_dir)
        top = self._repo.working_tree_dir
        self.top = None if top is None else Path(str(top))
        self._foreign = _LOCAL if _of_another(self.folder) else ()
        self._repo.git.update_environment(
            GIT_OPTIONAL_LOCKS="0", GIT_NO_REPLACE_OBJECTS="1", **dict.fromkeys(_PATHSPECS, "0")
        )

    def text(self, *words: str, given: Sequence[str] = ()) -> str:
        """What a command prints; raises Usage or Unavailable when it fails."""
        status, out, told = self.ask(*words, given=given)
        if status:
            raise self.failed(words[0], told)
        return out

    def ask(self, *words: str, given: Sequence[str] = ()) -> tuple[int, str, str]:
        """Exit code and the two streams of a command; ``given`` are lines for its standard input."""
        with TemporaryFile() as lines, _without(self._foreign):
            lines.write("".join(f"{line}\n" for line in given).encode())
            lines.seek(0)
            status, out, told = self._repo.git.execute(
                ["git", *words],
                istream=lines,
                with_extended_output=True,
                with_exceptions=False,
                strip_newline_in_stdout=False,
            )
        return int(status), str(out), str(told)

    def read(self, name: str) -> Entry | None:
        """An object by its name; None when there is none.

        Raises:
            Unavailable: GIT004 when a partial clone cannot fetch it, GIT009 when it is damaged.
        """
        batch = self._batch
        try:
            batch.stdin.write(f"{name}\n".encode("utf-8", "surrogateescape"))
            batch.stdin.flush()
            words = batch.stdout.readline().split()
        except OSError:
            words = []
        if len(words) == 3:
            data = batch.stdout.read(int(words[2]) + 1)[:-1]
            return Entry(words[0].decode(), words[1].decode(), data)
        if words[-1:] == [b"missing"]:
            return None
        if not words:  # it went away, and its reason with it
            _end(batch.proc)
            del self._batch
        raise self.failed("cat-file", self.ask("cat-file", "-p", name)[2])

    @cached_property
    def _batch(self) -> Any:
        with _without(self._foreign):
            words = ["git", "cat-file", "--batch"]
            process = self._repo.git.execute(words, istream=PIPE, as_process=True)
        weakref.finalize(self, _end, process.proc)
        return process

    def failed(self, command: str, told: str) -> PromptyardError:
        """The error that a failed command amounts to."""
        first = next((line for line in told.splitlines() if line.strip()), "no reason given")
        first = first.removeprefix("fatal: ").removeprefix("error: ").rstrip(".")
        return self.trouble(told) or Unavailable("GIT009", f"git {command} failed: {first}", "Run git fsck.")

    def trouble(self, told: str) -> PromptyardError | None:
        """The error that Git's words stand for, where it is one with a cure of its own."""
        place = self.top or self.folder
        if "dubious ownership" in told:
            cure = f"If you trust it: git config --global --add safe.directory {place}"
            return Usage("GIT003", f"{place} belongs to another user, and Git refuses to read it", cure)
        if "promisor" in told or "could not fetch" in told:
            what = "this partial clone lacks an object and cannot fetch it"
            return Unavailable(
                "GIT004", what, "Check the remote, or fetch all: git fetch --refetch --no-filter."
            )
        if "object name list" in told:
            what = f"Git's setting blame.ignoreRevsFile names a file that is not here ({told.rpartition(':')[2].strip()})"
            return Usage("GIT010", what, "Make it, empty if need be, or unset it: git config --unset.")
        return None


def _end(process: Any) -> None:
    """Let a program that waits for input go, and wait until it went."""
    with suppress(OSError):
        process.stdin.close()
    process.wait()
    process.stdout.close()
    process.stderr.close()


@contextmanager
def _without(names: Sequence[str]) -> Iterator[None]:
    kept = {name: os.environ.pop(name) for name in names if name in os.environ}
    try:
        yield
    finally:
        os.environ.update(kept)


def _of_another(folder: Path) -> bool:
    """True when the environment speaks of another repository than the one that lies here."""
    git_dir, index = os.environ.get("GIT_DIR"), os.environ.get("GIT_INDEX_FILE")
    told = ([Path(git_dir)] if git_dir else []) + ([Path(index).parent] if index else [])
    return any(path.resolve() != folder.resolve() for path in told)


def begin_repository(root: Path) -> bool:
    """Make a Git repository with the branch main, unless the folder lies in one; True when it was made."""
    try:
        git.Repo(root, search_parent_directories=True, expand_vars=False).close()
    except git.InvalidGitRepositoryError:
        git.Repo.init(root, initial_branch="main").close()
        return True
    return False
