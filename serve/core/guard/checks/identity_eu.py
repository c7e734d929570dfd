"""Numbers that European states give to people, by the rules of each.

Each takes a number without separators, in capitals, and says whether it can have been given out.
It must never accept by shape alone where the state publishes a check.

Sources: the states' own descriptions, gathered in the European Commission's list of tax identification numbers
(https://taxation-customs.ec.europa.eu/online-services/tin-and-its-verification_en) and its annexes by country.
"""

from __future__ import annotations

from serve.core.guard.checks.checksum import luhn_holds, mod_11_10_holds, verhoeff_holds, weighted

_DAYS = (31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
_DNI = "TRWAGMYFPDXBNJZSQVHLCKE"
_HETU = "0123456789ABCDEFHJKLMNPRSTUVWXY"
_PPS = "WABCDEFGHIJKLMNOPQRSTUV"
_CF_ODD = (1, 0, 5, 7, 9, 13, 15, 17, 19, 21, 2, 4, 18, 20, 11, 3, 6, 8, 12, 14, 16, 10, 22, 25, 24, 23)
_CF_DIGITS = "LMNPQRSTUV"  # letters that stand for digits where two people would have one code
_CF_MONTHS = "ABCDEHLMPRST"


def austria(number: str) -> bool:
    """Sozialversicherungsnummer: the fourth digit checks the others; then day, month, year."""
    digits = _digits(number)
    checked = weighted(digits, (3, 7, 9, 0, 5, 8, 4, 2, 1, 6)) % 11 == digits[3]
    return digits[0] > 0 and checked and 1 <= int(number[4:6]) <= 31 and 1 <= int(number[6:8]) <= 15


def belgium(number: str) -> bool:
    """Rijksregisternummer: year, month, day, counter, and 97 less the rest; a 2 in front since 2000."""
    month, key = int(number[2:4]) % 20, int(number[9:])
    dated = month <= 12 and int(number[4:6]) <= 31
    return dated and key in (97 - int(number[:9]) % 97, 97 - int("2" + number[:9]) % 97)


def bulgaria(number: str) -> bool:
    """EGN: year, month (20 more before 1900, 40 more since 2000), day, counter, check."""
    digits = _digits(number)
    checked = weighted(digits, (2, 4, 8, 5, 10, 9, 7, 3, 6)) % 11 % 10 == digits[9]
    return checked and _day(int(number[2:4]), int(number[4:6]), added=(20, 40))


def croatia(number: str) -> bool:
    """OIB: eleven digits, mod 11,10; HR in front where it is a tax number."""
    return mod_11_10_holds(_digits(number.removeprefix("HR")))


def czechia(number: str) -> bool:
    """Rodné číslo, of Slovakia too: month 50 more for women, 20 more in full years; divisible by 11."""
    if not _day(int(number[2:4]), int(number[4:6]), added=(20, 50, 70)):
        return False
    if len(number) == 9:
        return not 53 < int(number[:2]) < 80 and number[6:] != "000"  # of the years 1880 to 1953
    return int(number) % 11 == 0 or (int(number[:9]) % 11 == 10 and number[9] == "0")


def denmark(number: str) -> bool:
    """CPR: day, month, year, counter. There is no check any more since 2007."""
    return _day(int(number[2:4]), int(number[:2]))


def estonia(number: str) -> bool:
    """Isikukood, of Lithuania too: century and sex, year, month, day, counter, check of two rounds."""
    digits = _digits(number)
    rest = weighted(digits, (1, 2, 3, 4, 5, 6, 7, 8, 9, 1)) % 11
    if rest == 10:
        rest = weighted(digits, (3, 4, 5, 6, 7, 8, 9, 1, 2, 3)) % 11 % 10
    return 1 <= digits[0] <= 8 and rest == digits[10] and _day(int(number[3:5]), int(number[5:7]))


def finland(number: str) -> bool:
    """Henkilötunnus: day, month, year, the century's sign where it is a letter, counter, check of 31 signs."""
    plain = number[:6] + number[-4:-1]
    return _HETU[int(plain) % 31] == number[-1] and _day(int(number[2:4]), int(number[:2]))


def france(number: str) -> bool:
    """NIR: thirteen signs and a key of two, 97 less the rest; 2A and 2B are Corsica."""
    body = number[:13].replace("2A", "19").replace("2B", "18") if number[5:7] in ("2A", "2B") else number[:13]
    if not (body + number[13:]).isdecimal():
        return False
    month = int(number[3:5])
    dated = 1 <= month <= 12 or 20 <= month <= 42 or month >= 50
    return body[0] in "123478" and dated and 97 - int(body) % 97 == int(number[13:])


def germany(number: str) -> bool:
    """Steuer-Identifikationsnummer: among its first ten digits one stands twice or three times, no other does."""
    digits = _digits(number)
    counts = sorted((digits[:10].count(digit) for digit in set(digits[:10])), reverse=True)
    once = counts[0] in (2, 3) and counts[1] == 1
    return digits[0] > 0 and once and mod_11_10_holds(digits)


def germany_pension(number: str) -> bool:
    """Rentenversicherungsnummer: area, day, month, year, letter, counter, check of digit sums."""
    digits = _digits(number[:8]) + _digits(f"{ord(number[8]) - 64:02}") + _digits(number[9:11])
    products = (d * w for d, w in zip(digits, (2, 1, 2, 5, 7, 1, 2, 1, 2, 1, 2, 1), strict=True))
    checked = sum(p // 10 + p % 10 for p in products) % 10 == int(number[11])
    return checked and 1 <= int(number[4:6]) <= 12 and 1 <= int(number[2:4]) % 50 <= 31


def greece(number: str) -> bool:
    """AMKA: day, month, year, counter, Luhn."""
    return luhn_holds(_digits(number)) and _day(int(number[2:4]), int(number[:2]))


def greece_tax(number: str) -> bool:
    """AFM: powers of two, mod 11."""
    digits = _digits(number)
    return any(digits) and weighted(digits, (256, 128, 64, 32, 16, 8, 4, 2)) % 11 % 10 == digits[8]


def hungary(number: str) -> bool:
    """TAJ of nine digits, or the tax number of ten that begins with 8."""
    digits = _digits(number)
    if len(digits) == 9:
        return weighted(digits, (3, 7, 3, 7, 3, 7, 3, 7)) % 10 == digits[8]
    return digits[0] == 8 and weighted(digits, range(1, 10)) % 11 == digits[9]


def iceland(number: str) -> bool:
    """Kennitala: day (40 more for companies), month, year, two digits, check, century."""
    digits, day = _digits(number), int(number[:2])
    dated = _day(int(number[2:4]), day - 40 if day > 40 else day) and digits[9] in (0, 8, 9)
    return dated and weighted(digits, (3, 2, 7, 6, 5, 4, 3, 2, 1)) % 11 == 0


def ireland(number: str) -> bool:
    """PPS: seven digits, a check letter, and since 2013 one letter more that counts nine times."""
    second = ord(number[8]) - 64 if len(number) == 9 and number[8] not in "WT" else 0
    return _PPS[(weighted(_digits(number[:7]), (8, 7, 6, 5, 4, 3, 2)) + 9 * second) % 23] == number[7]


def italy(number: str) -> bool:
    """Codice fiscale: names, year, month, day (40 more for women), place, check letter."""
    plain = "".join(
        str(_CF_DIGITS.index(sign)) if place in (6, 7, 9, 10, 12, 13, 14) and sign in _CF_DIGITS else sign
        for place, sign in enumerate(number)
    )
    if plain[8] not in _CF_MONTHS or not (plain[6:8] + plain[9:11] + plain[12:15]).isdecimal():
        return False
    total = sum(_cf_value(sign, odd=place % 2 == 0) for place, sign in enumerate(number[:15]))
    return chr(65 + total % 26) == number[15] and 1 <= int(plain[9:11]) % 40 <= 31


def italy_vat(number: str) -> bool:
    """Partita IVA: seven digits, the province, Luhn; IT in front where it is a tax number."""
    number = number.removeprefix("IT")
    province = int(number[7:10])
    placed = 1 <= province <= 100 or province in (120, 121, 888, 999)
    return placed and int(number[:7]) > 0 and luhn_holds(_digits(number))


def latvia(number: str) -> bool:
    """Personas kods: day, month, year, century, counter, check; or 32 and nine digits since 2017."""
    digits = _digits(number)
    if digits[0] == 3 and digits[1] >= 2:
        return True
    checked = (1101 - weighted(digits, (1, 6, 3, 7, 9, 10, 5, 8, 4, 2))) % 11 % 10 == digits[10]
    return checked and _day(int(number[2:4]), int(number[:2]))


def luxembourg(number: str) -> bool:
    """Matricule: year, month, day, counter, a Luhn digit and a Verhoeff digit, both over the first eleven."""
    digits = _digits(number)
    dated = 1850 <= int(number[:4]) <= 2100 and _day(int(number[4:6]), int(number[6:8]))
    return dated and luhn_holds(digits[:12]) and verhoeff_holds([*digits[:11], digits[12]])


def netherlands(number: str) -> bool:
    """Burgerservicenummer: the eleven test, with the last digit counted off."""
    digits = _digits(number.zfill(9))
    return any(digits) and weighted(digits, (9, 8, 7, 6, 5, 4, 3, 2, -1)) % 11 == 0


def norway(number: str) -> bool:
    """Fødselsnummer: day (40 more for D numbers), month (40 more in tests), year, counter, two checks."""
    digits = _digits(number)
    first = weighted(digits, (3, 7, 6, 1, 8, 9, 4, 5, 2, 1)) % 11 == 0
    second = weighted(digits, (5, 4, 3, 2, 7, 6, 5, 4, 3, 2, 1)) % 11 == 0
    return first and second and _day(int(number[2:4]) % 40, int(number[:2]) % 40)


def poland(number: str) -> bool:
    """PESEL: year, month (20, 40, 60 or 80 more for other centuries), day, counter, check."""
    digits = _digits(number)
    checked = weighted(digits, (1, 3, 7, 9, 1, 3, 7, 9, 1, 3, 1)) % 10 == 0
    return checked and _day(int(number[2:4]), int(number[4:6]), added=(20, 40, 60, 80))


def poland_tax(number: str) -> bool:
    """NIP: ten digits, mod 11; PL in front where it is a tax number."""
    digits = _digits(number.removeprefix("PL"))
    return any(digits) and weighted(digits, (6, 5, 7, 2, 3, 4, 5, 6, 7)) % 11 == digits[9]


def portugal(number: str) -> bool:
    """NIF: nine digits, mod 11, a rest above nine counts as nought."""
    digits = _digits(number)
    rest = (11 - weighted(digits, (9, 8, 7, 6, 5, 4, 3, 2)) % 11) % 11
    return digits[0] > 0 and rest % 10 == digits[8]


def portugal_card(number: str) -> bool:
    """Cartão de cidadão: nine digits, two signs and a digit; Luhn with letters as 10 to 35."""
    values = [int(sign, 36) for sign in number]
    doubled = (value * 2 - 9 if value * 2 > 9 else value * 2 for value in values[0::2])
    return (sum(doubled) + sum(values[1::2])) % 10 == 0


def romania(number: str) -> bool:
    """CNP: century and sex, year, month, day, county, counter, check."""
    digits = _digits(number)
    rest = weighted(digits, (2, 7, 9, 1, 4, 6, 3, 5, 8, 2, 7, 9)) % 11
    county = int(number[7:9])
    placed = 1 <= county <= 52 or county in (70, 80, 81, 82, 83)
    dated = _day(int(number[3:5]), int(number[5:7]))
    return digits[0] > 0 and placed and dated and (1 if rest == 10 else rest) == digits[12]


def slovenia(number: str) -> bool:
    """EMŠO: day, month, three digits of the year, region, counter, check."""
    digits = _digits(number)
    rest = -weighted(digits, (7, 6, 5, 4, 3, 2, 7, 6, 5, 4, 3, 2)) % 11
    return rest % 10 == digits[12] and _day(int(number[2:4]), int(number[:2]))


def spain(number: str) -> bool:
    """DNI of a citizen, or NIE of a foreigner: a number and the letter of its rest by 23."""
    body = number[:-1].translate({ord("X"): "0", ord("Y"): "1", ord("Z"): "2"})
    return body.isdecimal() and _DNI[int(body) % 23] == number[-1]


def sweden(number: str) -> bool:
    """Personnummer: year, month, day (60 more for co-ordination numbers), counter, Luhn; a century in front."""
    short = number[-10:]
    dated = _day(int(short[2:4]), int(short[4:6]) - (60 if int(short[4:6]) > 60 else 0))
    return number[:-10] in ("", "18", "19", "20") and dated and luhn_holds(_digits(short))


def switzerland(number: str) -> bool:
    """AHV number: 756, nine digits, and the check digit of an EAN-13."""
    digits = _digits(number)
    return number.startswith("756") and weighted(digits, (1, 3) * 6 + (1,)) % 10 == 0


def _digits(number: str) -> list[int]:
    return [int(sign) for sign in number]


def _day(month: int, day: int, added: tuple[int, ...] = ()) -> bool:
    for more in (0, *added):
        if 1 <= month - more <= 12:
            return 1 <= day <= _DAYS[month - more - 1]
    return False


def _cf_value(sign: str, *, odd: bool) -> int:
    place = int(sign) if sign.isdecimal() else ord(sign) - 65
    return _CF_ODD[place] if odd else place
