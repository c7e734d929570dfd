"""Where cut releases lie on this machine: one file each, named by number and digest.

It must never leave half a file, nor change one that is there.
"""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from registry.release.cut import Release

FOLDER = ".promptyard/releases"


def place_of(release: Release, root: Path) -> Path:
    """The file that a release gets below a registry's root."""
    return root / FOLDER / f"{release.number}-{release.sha256[:12]}.tar.gz"


def put(release: Release, path: Path) -> None:
    """Write a release to a file, whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(release.data)
            file.flush()
            os.fsync(file.fileno())
        Path(temporary).chmod(0o644)
        Path(temporary).replace(path)
    finally:
        Path(temporary).unlink(missing_ok=True)
