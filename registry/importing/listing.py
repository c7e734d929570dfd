"""Which files of a folder a pattern of names fits, as the tools do it that prompts come from.

It must never look at a disk: it is given the names.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterable

_LONGEST = 500
_SIGN = re.compile(
    r"(?P<deep>(?:^|(?<=/))\*\*/)|(?P<any>\*+)|(?P<one>\?)|(?P<set>\[!?[^\]/]+\])|(?P<open>\{)|(?P<other>.)",
    re.DOTALL,
)


def is_pattern(path: str) -> bool:
    """True for a path with ``*``, ``?``, ``[a-z]`` or ``{a,b}`` in it."""
    return any(sign in path for sign in "*?[{")


def matching(names: Iterable[str], place: str, pattern: str) -> tuple[str, ...]:
    """The names that a pattern fits, sorted and relative to a folder; ``**`` goes through folders.

    Args:
        names: POSIX paths, all below one root.
        place: the folder below that root that the pattern is relative to.
        pattern: what is asked for; one that leads out of the root fits nothing.
    """
    wanted = posixpath.normpath(posixpath.join(place, pattern))
    if posixpath.isabs(pattern) or wanted.startswith("../") or len(wanted) > _LONGEST:
        return ()
    fits = re.compile(_expression(wanted))
    return tuple(sorted(posixpath.relpath(name, place or ".") for name in names if fits.fullmatch(name)))


def _expression(pattern: str) -> str:
    out: list[str] = []
    depth = 0
    for found in _SIGN.finditer(pattern):
        sign = found[0]
        closes = "}" in pattern[found.end() :]
        if found["deep"]:
            out.append("(?:[^/]+/)*")
        elif found["any"]:
            out.append("[^/]*")
        elif found["one"]:
            out.append("[^/]")
        elif found["set"]:
            out.append(_set(sign))
        elif found["open"] and closes and not depth:
            out.append("(?:")
            depth = 1
        elif depth and sign in "},":
            out.append(")" if sign == "}" else "|")
            depth -= sign == "}"
        else:
            out.append(re.escape(sign))
    return "".join(out) + ")" * depth


def _set(sign: str) -> str:
    inner = sign[1:-1].replace("\\", "\\\\").replace("[", "\\[")
    made = f"[{f'^/{inner[1:]}' if inner[0] in '!^' else inner}]"
    try:
        re.compile(made)
    except re.error:
        return re.escape(sign)
    return made
