"""A file of the working copy gets another text, if it still is what was read.

It must never follow a link, nor overwrite what was changed since it was read.
"""

from __future__ import annotations

from pathlib import Path

from registry.authoring.format import replace_file
from registry.errors import Usage


def rewrite(root: Path, path: str, before: bytes, after: bytes) -> None:
    """Put ``after`` in place of ``before``, whole or not at all.

    Raises:
        Usage: FIX001 when the file is a link, is gone, or no longer holds ``before``.
    """
    place = root.resolve() / path
    if place.resolve() != place or not place.is_file():
        raise Usage("FIX001", f"{path} is a link, or no longer there", "Put a file of its own there.")
    if place.read_bytes() != before:
        raise Usage("FIX001", f"{path} was changed meanwhile", "Run the command again.")
    replace_file(place, after)
