"""Numbers that the United Kingdom and the United States give to people, by the rules of each.

Each takes a number without separators, in capitals, and says whether it can have been given out.
It must never accept a number that its office says it does not give out.

Sources: Social Security Administration (areas, groups and serials never assigned), IRS (ITIN and EIN ranges),
American Bankers Association (routing numbers), CMS (NPI), DEA; NHS Data Dictionary (NHS number), HMRC manual
NIM39110 (National Insurance prefixes) and the UTR's check digit, DVLA (driver number).
"""

from __future__ import annotations

from serve.core.guard.checks.checksum import luhn_holds, weighted

_SPECIMENS = frozenset({"078051120", "219099999", "123456789", "457555462"})  # printed in advertisements
_NO_NINO = frozenset({"BG", "GB", "KN", "NK", "NT", "TN", "ZZ"})
_EIN = frozenset(
    f"{prefix:02}"
    for low, high in (
        (1, 6),
        (10, 16),
        (20, 27),
        (30, 39),
        (40, 48),
        (50, 68),
        (71, 77),
        (80, 88),
        (90, 95),
        (98, 99),
    )
    for prefix in range(low, high + 1)
)


def us_ssn(number: str) -> bool:
    """Social Security number: no area 000, 666 or 900 and above, no group 00, no serial 0000."""
    area, group, serial = number[:3], number[3:5], number[5:]
    given = area not in ("000", "666") and area < "900" and group != "00" and serial != "0000"
    return given and number not in _SPECIMENS and len(set(number)) > 1 and number[:8] != "98765432"


def us_itin(number: str) -> bool:
    """Individual taxpayer number: begins with 9, its fourth and fifth digits are of the ranges given out."""
    group = int(number[3:5])
    return number[0] == "9" and (50 <= group <= 65 or 70 <= group <= 88 or 90 <= group <= 92 or group >= 94)


def us_ein(number: str) -> bool:
    """Employer number: its first two digits are a campus that gives them out."""
    return number[:2] in _EIN


def us_routing(number: str) -> bool:
    """ABA routing number: a Federal Reserve district in front, weights 3, 7, 1."""
    district = int(number[:2])
    known = district <= 12 or 21 <= district <= 32 or 61 <= district <= 72 or district == 80
    return known and int(number) > 0 and weighted([*map(int, number)], (3, 7, 1) * 3) % 10 == 0


def us_npi(number: str) -> bool:
    """National Provider Identifier: Luhn with the card issuer number 80840 in front."""
    return number[0] in "12" and luhn_holds([*map(int, "80840" + number)])


def us_dea(number: str) -> bool:
    """DEA registration: two letters, six digits, and the last digit of their weighted sum."""
    digits = [*map(int, number[2:])]
    return weighted(digits, (1, 2, 1, 2, 1, 2)) % 10 == digits[6]


def uk_nhs(number: str) -> bool:
    """NHS number: weights 10 to 2, mod 11; a rest of ten is never given out."""
    digits = [*map(int, number)]
    return len(set(digits)) > 1 and weighted(digits, (10, 9, 8, 7, 6, 5, 4, 3, 2, 1)) % 11 == 0


def uk_nino(number: str) -> bool:
    """National Insurance number: two letters never among those kept back, six digits, a letter A to D or none."""
    first, second, rest = number[0], number[1], number[2:]
    lettered = first not in "DFIQUV" and second not in "DFIOQUV" and number[:2] not in _NO_NINO
    return lettered and rest[:6].isdecimal() and rest[6:] in ("", "A", "B", "C", "D")


def uk_utr(number: str) -> bool:
    """Unique Taxpayer Reference: the first digit checks the other nine."""
    digits = [*map(int, number)]
    return "21987654321"[weighted(digits[1:], (6, 7, 8, 9, 10, 5, 4, 3, 2)) % 11] == number[0]


def uk_driver(number: str) -> bool:
    """Driver number: surname, decade, month (50 more for women), day, year, initials, three signs."""
    name, month, day = number[:5], int(number[6:8]), int(number[8:10])
    named = name[0] != "9" and name.rstrip("9").isalpha()
    return named and 1 <= month % 50 <= 12 and month < 63 and 1 <= day <= 31
