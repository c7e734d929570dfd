"""What a writer may have meant by a name that is not known.

It must never suggest what is only faintly alike: a wrong suggestion is worse than none.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable

_FAINT, _SURE, _APART = 0.6, 0.8, 0.06  # of 1 for two equal names
_SHORT = 4  # a slip in a shorter name leaves too little to know it by


def nearest(name: str, known: Iterable[str]) -> str | None:
    """The known name most like ``name``, capitals and ``_`` and ``-`` aside, or None when none is like it."""
    plain = {_plain(candidate): candidate for candidate in known}
    found = difflib.get_close_matches(_plain(name), plain, n=1, cutoff=0.6)
    return plain[found[0]] if found else None


def surely(name: str, known: Iterable[str]) -> str | None:
    """The one known name that ``name`` can stand for, close enough to be written without asking; else None."""
    plain = {_plain(candidate): candidate for candidate in known}
    wanted = _plain(name)
    if wanted in plain:
        return plain[wanted]
    if len(wanted) < _SHORT:
        return None
    close = difflib.get_close_matches(wanted, plain, n=2, cutoff=_FAINT)
    likeness = [difflib.SequenceMatcher(None, each, wanted).ratio() for each in close]
    if not close or likeness[0] < _SURE or (len(close) > 1 and likeness[1] > likeness[0] - _APART):
        return None
    return plain[close[0]] if _digits(close[0]) == _digits(wanted) else None


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """A question that offers the nearest known name; empty when none is like it."""
    found = nearest(name, known)
    return f"Did you mean {found}?" if found else ""


def _digits(name: str) -> str:
    """The digits of a name: another number is another thing, however alike the rest is."""
    return "".join(filter(str.isdigit, name))


def _plain(name: str) -> str:
    return name.lower().replace("_", "").replace("-", "")
