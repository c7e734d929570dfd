"""What a writer may have meant by a name that is not known.

It must never suggest what is only faintly alike: a wrong suggestion is worse than none.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable


def nearest(name: str, known: Iterable[str]) -> str | None:
    """The known name most like ``name``, capitals and ``_`` and ``-`` aside, or None when none is like it."""
    plain = {_plain(candidate): candidate for candidate in known}
    found = difflib.get_close_matches(_plain(name), plain, n=1, cutoff=0.6)
    return plain[found[0]] if found else None


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """A question that offers the nearest known name; empty when none is like it."""
    found = nearest(name, known)
    return f"Did you mean {found}?" if found else ""


def _plain(name: str) -> str:
    return name.lower().replace("_", "").replace("-", "")
