"""The digest of a folder of weights, by which a model file pins what it loads.

It must never read more than one file at a time: weights are large.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import PurePosixPath

from registry.authoring.tree import Tree
from serve.core.digest import sha256

CARD = "README.md"
POINTER = b"version https://git-lfs"


def folder_of(model_path: str, written: str) -> str:
    """The weights folder in the tree, from the model file's path and what it says under ``weights.path``."""
    return (PurePosixPath(model_path).parent / written).as_posix()


def folder_digest(digests: Mapping[str, str]) -> str:
    """The digest of a folder from the SHA-256 of each file by its relative POSIX path.

    SHA-256 over the lines ``<sha256>  <path>``, sorted by path; the model card is not part of it.
    """
    lines = (f"{digests[path]}  {path}\n" for path in sorted(digests) if path != CARD)
    return sha256("".join(lines).encode())


def digests_of(tree: Tree, folder: str) -> Mapping[str, str]:
    """The SHA-256 of each file of a folder but the model card, by its path within."""
    paths = (path for path in tree.paths(folder) if path.startswith(f"{folder}/"))
    return {
        path.removeprefix(f"{folder}/"): sha256(tree.read(path))
        for path in paths
        if path != f"{folder}/{CARD}"
    }


def has_pointers(tree: Tree, folder: str) -> bool:
    """True when a file of a folder is a Git LFS pointer instead of the weights."""
    paths = (path for path in tree.paths(folder) if path.startswith(f"{folder}/"))
    return any(tree.read(path)[: len(POINTER)] == POINTER for path in paths)
