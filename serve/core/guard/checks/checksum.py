"""Checksums that turn a run of digits into a card number or an account number.

Each takes what a pattern matched and answers how much of it, from its start, really is one.
It must never accept by shape alone.

Sources: ISO/IEC 7812-1 annex B (Luhn); ISO 13616-1 and the IBAN registry (lengths, mod 97-10 of ISO 7064).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

_IBAN_LENGTHS = (
    "AD24 AE23 AL28 AT20 AZ28 BA20 BE16 BG22 BH22 BI27 BR29 BY28 CH21 CR22 CY28 CZ24 DE22 DJ27 "
    "DK18 DO28 EE20 EG29 ES24 FI18 FK18 FO18 FR27 GB22 GE22 GI23 GL18 GR27 GT28 HN28 HR21 HU28 "
    "IE22 IL23 IQ23 IS26 IT27 JO30 KW30 KZ20 LB28 LC32 LI21 LT20 LU20 LV21 LY25 MC27 MD24 ME22 "
    "MK19 MN20 MR27 MT31 MU30 NI28 NL18 NO15 OM23 PK24 PL28 PS29 PT25 QA29 RO24 RS22 RU33 SA24 "
    "SC31 SD18 SE24 SI19 SK24 SM27 SO23 ST25 SV28 TL23 TN24 TR26 UA29 VA22 VG24 XK20 YE30 "
)
_LENGTHS: Mapping[str, int] = {entry[:2]: int(entry[2:]) for entry in _IBAN_LENGTHS.split()}


def luhn(candidate: str) -> int:
    """The length of the longest start of ``candidate`` that is 12 to 19 rightly checked digits, or 0.

    It ends at the candidate's end or before a separator, never inside a group of digits.
    """
    digits: list[int] = []
    best = 0
    for place, character in enumerate(candidate):
        if not character.isdecimal():
            continue
        digits.append(int(character))
        ends = not candidate[place + 1 : place + 2].isdecimal()
        if ends and 12 <= len(digits) <= 19 and len(set(digits)) > 1 and _luhn_sum(digits) % 10 == 0:
            best = place + 1
    return best


def iban(candidate: str) -> int:
    """The length of the IBAN that ``candidate`` starts with, spaces and hyphens included, or 0."""
    wanted = _LENGTHS.get(candidate[:2].upper(), 0)
    kept: list[str] = []
    for place, character in enumerate(candidate):
        if not (character.isascii() and character.isalnum()):
            continue
        kept.append(character.upper())
        if len(kept) == wanted:
            ends = not candidate[place + 1 : place + 2].isalnum()
            return place + 1 if ends and _mod_97("".join(kept)) == 1 else 0
    return 0


CHECKS: Mapping[str, Callable[[str], int]] = {"luhn": luhn, "iban": iban}


def _luhn_sum(digits: list[int]) -> int:
    doubled = (digit * 2 for digit in digits[-2::-2])
    return sum(digits[-1::-2]) + sum(digit - 9 if digit > 9 else digit for digit in doubled)


def _mod_97(account: str) -> int:
    return int("".join(str(int(character, 36)) for character in account[4:] + account[:4])) % 97
