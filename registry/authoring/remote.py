"""What a Git remote has by now, and a revision's files as a folder.

It must never touch the working copy, the index or a branch: one remote-tracking ref follows the remote.
"""

from __future__ import annotations

from pathlib import Path, PurePosixPath

from registry.authoring.git_program import Program
from registry.authoring.tree import Tree
from registry.errors import Unavailable, Usage

_PATIENCE = (
    "-c",
    "http.lowSpeedLimit=1",
    "-c",
    "http.lowSpeedTime=60",
)  # a server that says nothing is given up


def fetch(root: Path, remote: str, branch: str) -> str:
    """The commit that a branch of a remote has now, with its history.

    Raises:
        Usage: GIT001, GIT011 when the remote or its branch does not exist or the names are none.
        Unavailable: GIT012 when the remote cannot be reached.
    """
    if remote.startswith("-") or branch.startswith("-") or ":" in branch:
        raise Usage("GIT011", f"{remote} {branch} is not a remote and a branch", "For example: origin main.")
    program = Program(root)
    if program.ask("remote", "get-url", remote)[0]:
        raise Usage("GIT011", f"this clone has no remote {remote}", f"git remote add {remote} URL")
    ref = f"refs/remotes/{remote}/{branch}"
    words = ("fetch", "-q", "--no-tags", "--no-recurse-submodules", remote, f"+refs/heads/{branch}:{ref}")
    status, _, told = program.ask(*_PATIENCE, *words)
    if "couldn't find remote ref" in told:
        raise Usage("GIT011", f"{remote} has no branch {branch}", "Name the branch that merges go to.")
    if status:
        lines = [line.removeprefix("fatal: ") for line in told.splitlines() if line.strip()]
        what = f"{remote} cannot be fetched ({lines[0] if lines else 'no reason given'})"
        raise Unavailable("GIT012", what, "Check the network and this machine's access; it is tried again.")
    return program.text("rev-parse", "--verify", f"{ref}^{{commit}}").strip()


def export(tree: Tree, folder: Path) -> None:
    """Write every file of a tree below an empty folder.

    Raises:
        Usage: GIT013 when a path would lie outside of it.
    """
    for path in tree.paths():
        pure = PurePosixPath(path)
        if pure.is_absolute() or ".." in pure.parts:
            raise Usage("GIT013", f"{path} would lie outside of its folder", "Remove it from the repository.")
        place = folder / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(tree.read(path))
