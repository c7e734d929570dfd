"""A model's folder by the digest of its files: what a release pins is what is run.

It must never hand out a folder whose files are others than those that were pinned.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from pathlib import Path

from serve.core.digest import sha256
from serve.core.guard.checks.asked import NotHere, Pin

CARD = "README.md"


def folder_digest(digests: Mapping[str, str]) -> str:
    """The digest of a folder from the SHA-256 of each file by its relative POSIX path.

    SHA-256 over the lines ``<sha256>  <path>``, sorted by path; the model card is not part of it.
    """
    lines = (f"{digests[path]}  {path}\n" for path in sorted(digests) if path != CARD)
    return sha256("".join(lines).encode())


def digest_of(folder: Path) -> str:
    """The digest of a folder on disk."""
    files = (path for path in folder.rglob("*") if path.is_file())
    return folder_digest({path.relative_to(folder).as_posix(): _file_sha256(path) for path in files})


def folder_of(pin: Pin, places: Sequence[Path]) -> Path:
    """The verified folder of a pinned model: the one named by its digest below one of some places.

    Raises:
        NotHere: where there is none, or its files are others.
    """
    if pin.sha256 is None:
        raise NotHere(f"model {pin.id} is not pinned to a digest", "Add weights.sha256 to the model file.")
    name = f"the weights of {pin.id} (digest {pin.sha256[:12]}…)"
    found = next((place / pin.sha256 for place in places if (place / pin.sha256).is_dir()), None)
    if found is None:
        where = " or ".join(str(place) for place in places) or "any folder"
        fetch = f"Run promptyard guard fetch {places[0]}" if places else "Name a folder of weights"
        raise NotHere(f"{name} are not in {where}", f"{fetch}, or copy their folder there by its digest.")
    if digest_of(found) != pin.sha256:
        raise NotHere(f"{name} have other bytes in {found.parent}", "Remove that folder and fetch it again.")
    return found


def _file_sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
