"""Telephone numbers and network addresses: which digits can be dialled, which can be routed to.

Each takes what a pattern matched and answers how much of it, from its start, is one.
It must never ask a network.

Sources: ITU-T E.164 and its list of assigned country codes; the North American Numbering Plan; RFC 4291 (IPv6).
"""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping

import re2

_SHORT_CODES = (
    "1 7 20 27 30 31 32 33 34 36 39 40 41 43 44 45 46 47 48 49 51 52 53 54 55 56 57 58 "
    "60 61 62 63 64 65 66 81 82 84 86 90 91 92 93 94 95 98"
)
_LONG_CODES = "21 22 23 24 25 26 29 35 37 38 42 50 59 67 68 69 80 85 87 88 96 97 99"  # and one digit more
# Digits behind the country code, where the plan says more than E.164's fifteen in all.
_PLANS = (
    "1:10-10 7:10-10 20:8-10 27:9-9 30:10-10 31:9-9 32:8-9 33:9-9 34:9-9 36:8-9 39:6-11 40:9-9 41:9-9 43:5-13 "
    "44:9-10 45:8-8 46:7-10 47:8-8 48:9-9 49:6-13 51:8-9 52:10-10 53:6-8 54:10-11 55:10-11 56:9-9 57:10-10 "
    "58:10-10 60:8-10 61:9-9 62:7-12 63:8-10 64:8-10 65:8-8 66:8-9 81:9-10 82:8-10 84:9-10 86:10-11 90:10-10 "
    "91:10-10 92:9-10 93:9-9 94:9-9 95:7-10 98:10-10 351:9-9 353:7-9 354:7-7 355:8-9 356:8-8 357:8-8 359:7-9 "
    "370:8-8 371:8-8 372:7-8 373:8-8 380:9-9 381:7-9 385:8-9 386:8-8 420:9-9 421:9-9 852:8-8 853:8-8 886:8-9 "
    "966:8-9 971:8-9 972:8-9"
)
_CODES, _TENS = frozenset(_SHORT_CODES.split()), frozenset(_LONG_CODES.split())
_LENGTHS: Mapping[str, tuple[int, int]] = {
    code: (int(least), int(most))
    for code, least, most in (re2.split("[:-]", plan) for plan in _PLANS.split())
}
_ANY_LENGTH = (6, 12)


def phone_e164(candidate: str) -> int:
    """The length of the longest start that is an assigned country code and a number as long as its plan has.

    It begins with ``+``, ``00`` or ``011``; a nought in brackets behind the code is not counted.
    """
    plain = candidate.replace("(0)", "   ")
    places = [place for place, sign in enumerate(plain) if sign.isdecimal()]
    if not candidate.startswith("+"):
        places = places[3:] if candidate.startswith("011") else places[2:]
    digits = "".join(plain[place] for place in places)
    code = _code(digits)
    if not code:
        return 0
    least, most = _LENGTHS.get(code, _ANY_LENGTH)
    for size in range(min(most, 15 - len(code), len(digits) - len(code)), least - 1, -1):
        last = places[len(code) + size - 1]
        if not plain[last + 1 : last + 2].isdecimal():
            return last + 1
    return 0


def phone_nanp(candidate: str) -> int:
    """All of a candidate of ten digits whose area and exchange can be given out, or 0."""
    digits = "".join(filter(str.isdecimal, candidate))[-10:]
    area, exchange = digits[:3], digits[3:6]
    given = (
        area[0] > "1" and exchange[0] > "1" and area[1:] != "11" and exchange[1:] != "11" and area[1] != "9"
    )
    return len(candidate) if len(digits) == 10 and given and len(set(digits)) > 1 else 0


def ip4(candidate: str) -> int:
    """All of a candidate of four numbers up to 255 without noughts in front, or 0."""
    return _routed(candidate) if candidate.count(".") == 3 else 0


def ip6(candidate: str) -> int:
    """All of a candidate that RFC 4291 can write, unless it could as well be a name in a program, or 0."""
    groups = [group for group in candidate.split(":") if group]
    is_name = "::" in candidate and len(groups) < 3 and not any(map(str.isdecimal, candidate))
    return 0 if is_name or not groups else _routed(candidate)


def _routed(candidate: str) -> int:
    try:
        ipaddress.ip_address(candidate)
    except ValueError:
        return 0
    return len(candidate)


def _code(digits: str) -> str:
    for size in (1, 2):
        if digits[:size] in _CODES:
            return digits[:size]
    return digits[:3] if digits[:2] in _TENS and len(digits) > 2 else ""
