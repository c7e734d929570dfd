"""Checksums that turn a run of digits into a card number or an account number.

Each takes what a pattern matched and answers how much of it, from its start, really is one.
It must never accept by shape alone.

Sources: ISO/IEC 7812-1 annex B (Luhn) and the ranges that the card schemes publish; ISO 13616-1 and the IBAN
registry (lengths, mod 97-10 of ISO 7064); ISO/IEC 7064 (mod 11,10); Verhoeff, Error detecting decimal codes.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

_IBAN_LENGTHS = (
    "AD24 AE23 AL28 AT20 AZ28 BA20 BE16 BG22 BH22 BI27 BR29 BY28 CH21 CR22 CY28 CZ24 DE22 DJ27 "
    "DK18 DO28 EE20 EG29 ES24 FI18 FK18 FO18 FR27 GB22 GE22 GI23 GL18 GR27 GT28 HN28 HR21 HU28 "
    "IE22 IL23 IQ23 IS26 IT27 JO30 KW30 KZ20 LB28 LC32 LI21 LT20 LU20 LV21 LY25 MC27 MD24 ME22 "
    "MK19 MN20 MR27 MT31 MU30 NI28 NL18 NO15 OM23 PK24 PL28 PS29 PT25 QA29 RO24 RS22 RU33 SA24 "
    "SC31 SD18 SE24 SI19 SK24 SM27 SO23 ST25 SV28 TL23 TN24 TR26 UA29 VA22 VG24 XK20 YE30 "
    "AO25 BF28 BJ28 CF27 CG27 CI28 CM27 CV25 DZ26 GA27 GQ27 GW25 IR26 KM27 MA28 MG27 ML28 MZ25 NE28 SN28 TD27 TG28"
)
_LENGTHS: Mapping[str, int] = {entry[:2]: int(entry[2:]) for entry in _IBAN_LENGTHS.split()}
# First digits of the schemes, and how many digits their numbers have.
_CARDS: tuple[tuple[int, int, tuple[int, ...]], ...] = (
    (1, 1, (15,)),  # UATP
    (2131, 2131, (15,)),  # JCB, the older numbers
    (2200, 2204, (16, 17, 18, 19)),  # Mir
    (2221, 2720, (16,)),  # Mastercard
    (300, 305, (14, 16, 19)),  # Diners Club
    (3095, 3095, (14, 16, 19)),
    (34, 34, (15,)),  # American Express
    (36, 36, (14, 16, 19)),
    (37, 37, (15,)),
    (38, 39, (14, 16, 19)),
    (35, 35, (16,)),  # JCB; 3528 to 3589 are given out, test data has all of them
    (3528, 3589, (17, 18, 19)),
    (4, 4, (13, 16, 19)),  # Visa
    (50, 50, (12, 13, 14, 15, 16, 17, 18, 19)),  # Maestro, Dankort, Verve, Elo
    (51, 55, (16,)),  # Mastercard
    (56, 69, (12, 13, 14, 15, 16, 17, 18, 19)),  # Maestro, Discover, UnionPay, RuPay, InstaPayment
    (81, 82, (16, 17, 18, 19)),  # UnionPay, RuPay
    (8600, 8600, (16,)),  # Uzcard
    (9792, 9792, (16,)),  # Troy
    (9860, 9860, (16,)),  # Humo
)
_LARGEST_GROUP = 5
_PRINTED = frozenset({(4, 6, 5), (4, 6, 4), (4, 5, 6), (8, 8), (6, 10), (6, 13), (4, 4, 4, 7)})
_VERHOEFF = (
    "0123456789", "1576283094", "5803796142", "8916043527", "9453126870", "4286573901", "2793806415", "7046913258",
)  # fmt: skip
_DIHEDRAL = (
    "0123456789", "1234067895", "2340178956", "3401289567", "4012395678",
    "5987604321", "6598710432", "7659821043", "8765932104", "9876543210",
)  # fmt: skip


def luhn(candidate: str) -> int:
    """The length of the longest start of ``candidate`` that is 12 to 19 rightly checked digits, or 0.

    It ends at the candidate's end or before a separator, never inside a group of digits.
    """
    return _longest_start(candidate, by_scheme=False)


def card(candidate: str) -> int:
    """As :func:`luhn`, for numbers that begin as a card scheme's do, have its length and are written as cards are.

    That is in one piece or in the groups that people write, so that no row of numbers becomes a card.
    """
    return _longest_start(candidate, by_scheme=True)


def luhn_holds(digits: Sequence[int]) -> bool:
    """True when the last of the digits is the Luhn check digit of the others."""
    return _luhn_sum(digits) % 10 == 0


def mod_11_10_holds(digits: Sequence[int]) -> bool:
    """True when the last digit is the ISO/IEC 7064 mod 11,10 check digit of the others."""
    carry = 10
    for digit in digits[:-1]:
        carry = ((carry + digit) % 10 or 10) * 2 % 11
    return (carry + digits[-1]) % 10 == 1


def verhoeff_holds(digits: Sequence[int]) -> bool:
    """True when the last digit is the Verhoeff check digit of the others."""
    carry = 0
    for place, digit in enumerate(reversed(digits)):
        carry = int(_DIHEDRAL[carry][int(_VERHOEFF[place % 8][digit])])
    return carry == 0


def weighted(digits: Sequence[int], weights: Sequence[int]) -> int:
    """The sum of the digits, each times its weight; the shorter of the two says how many."""
    return sum(digit * weight for digit, weight in zip(digits, weights, strict=False))


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


def _longest_start(candidate: str, *, by_scheme: bool) -> int:
    digits: list[int] = []
    groups: list[int] = []
    best = 0
    inside = False
    for place, character in enumerate(candidate):
        if not character.isdecimal():
            inside = False
            continue
        digits.append(int(character))
        groups = [*groups[:-1], groups[-1] + 1] if inside else [*groups, 1]
        inside = True
        ends = not candidate[place + 1 : place + 2].isdecimal()
        if not ends:
            continue
        shaped = _is_of_a_scheme(digits) and _are_card_groups(groups)
        sized = shaped if by_scheme else 12 <= len(digits) <= 19
        if sized and len(set(digits)) > 1 and luhn_holds(digits):
            best = place + 1
    return best


def _is_of_a_scheme(digits: Sequence[int]) -> bool:
    number = "".join(map(str, digits[:4]))
    return any(
        len(digits) in lengths and low <= int(number[: len(str(low))]) <= high
        for low, high, lengths in _CARDS
    )


def _are_card_groups(groups: Sequence[int]) -> bool:
    """One piece, two halves, groups alike with a shorter last one, or those that schemes print."""
    size = groups[0]
    alike = size <= _LARGEST_GROUP and all(other == size for other in groups[:-1]) and groups[-1] <= size
    return len(groups) == 1 or alike or tuple(groups) in _PRINTED


def _luhn_sum(digits: Sequence[int]) -> int:
    doubled = (digit * 2 for digit in digits[-2::-2])
    return sum(digits[-1::-2]) + sum(digit - 9 if digit > 9 else digit for digit in doubled)


def _mod_97(account: str) -> int:
    return int("".join(str(int(character, 36)) for character in account[4:] + account[:4])) % 97
