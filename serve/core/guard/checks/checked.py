"""The one table of checks that a pattern rule can ask for by name.

It must never hold a check that looks at more than the match.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Literal

from serve.core.guard.checks import crypto, identity_eu, identity_uk_us
from serve.core.guard.checks.checksum import card, iban, luhn
from serve.core.guard.checks.reachable import ip4, ip6, phone_e164, phone_nanp

CheckName = Literal[
    "luhn", "card", "iban", "phone_e164", "phone_nanp", "ip4", "ip6", "base58check", "bech32", "ethereum",
    "us_ssn", "us_itin", "us_ein", "us_routing", "us_npi", "us_dea", "uk_nhs", "uk_nino", "uk_utr", "uk_driver",
    "austria", "belgium", "bulgaria", "croatia", "czechia", "denmark", "estonia", "finland", "france", "germany",
    "germany_pension", "greece", "greece_tax", "hungary", "iceland", "ireland", "italy", "italy_vat", "latvia", "luxembourg",
    "netherlands", "norway", "poland", "poland_tax", "portugal", "portugal_card", "romania", "slovenia", "spain",
    "sweden", "switzerland",
]  # fmt: skip


def _of_signs(holds: Callable[[str], bool]) -> Callable[[str], int]:
    """The check of letters and digits alone, as the length of a candidate that may hold separators."""

    def check(candidate: str) -> int:
        signs = "".join(sign for sign in candidate.upper() if sign.isalnum())
        try:
            return len(candidate) if holds(signs) else 0
        except (ValueError, IndexError):
            return 0

    return check


def _of_text(holds: Callable[[str], bool]) -> Callable[[str], int]:
    return lambda candidate: len(candidate) if holds(candidate) else 0


CHECKS: Mapping[CheckName, Callable[[str], int]] = {
    "luhn": luhn,
    "card": card,
    "iban": iban,
    "phone_e164": phone_e164,
    "phone_nanp": phone_nanp,
    "ip4": ip4,
    "ip6": ip6,
    "base58check": _of_text(crypto.base58check),
    "bech32": _of_text(crypto.bech32),
    "ethereum": _of_text(crypto.ethereum),
    "us_ssn": _of_signs(identity_uk_us.us_ssn),
    "us_itin": _of_signs(identity_uk_us.us_itin),
    "us_ein": _of_signs(identity_uk_us.us_ein),
    "us_routing": _of_signs(identity_uk_us.us_routing),
    "us_npi": _of_signs(identity_uk_us.us_npi),
    "us_dea": _of_signs(identity_uk_us.us_dea),
    "uk_nhs": _of_signs(identity_uk_us.uk_nhs),
    "uk_nino": _of_signs(identity_uk_us.uk_nino),
    "uk_utr": _of_signs(identity_uk_us.uk_utr),
    "uk_driver": _of_signs(identity_uk_us.uk_driver),
    "austria": _of_signs(identity_eu.austria),
    "belgium": _of_signs(identity_eu.belgium),
    "bulgaria": _of_signs(identity_eu.bulgaria),
    "croatia": _of_signs(identity_eu.croatia),
    "czechia": _of_signs(identity_eu.czechia),
    "denmark": _of_signs(identity_eu.denmark),
    "estonia": _of_signs(identity_eu.estonia),
    "finland": _of_signs(identity_eu.finland),
    "france": _of_signs(identity_eu.france),
    "germany": _of_signs(identity_eu.germany),
    "germany_pension": _of_signs(identity_eu.germany_pension),
    "greece": _of_signs(identity_eu.greece),
    "greece_tax": _of_signs(identity_eu.greece_tax),
    "hungary": _of_signs(identity_eu.hungary),
    "iceland": _of_signs(identity_eu.iceland),
    "ireland": _of_signs(identity_eu.ireland),
    "italy": _of_signs(identity_eu.italy),
    "italy_vat": _of_signs(identity_eu.italy_vat),
    "latvia": _of_signs(identity_eu.latvia),
    "luxembourg": _of_signs(identity_eu.luxembourg),
    "netherlands": _of_signs(identity_eu.netherlands),
    "norway": _of_signs(identity_eu.norway),
    "poland": _of_signs(identity_eu.poland),
    "poland_tax": _of_signs(identity_eu.poland_tax),
    "portugal": _of_signs(identity_eu.portugal),
    "portugal_card": _of_signs(identity_eu.portugal_card),
    "romania": _of_signs(identity_eu.romania),
    "slovenia": _of_signs(identity_eu.slovenia),
    "spain": _of_signs(identity_eu.spain),
    "sweden": _of_signs(identity_eu.sweden),
    "switzerland": _of_signs(identity_eu.switzerland),
}

# Digits that a candidate holds in one number, its groups allowed; where a text has none so long, no rule need look.
LEAST_DIGITS: Mapping[CheckName, int] = {
    "luhn": 12, "card": 12, "phone_e164": 7, "phone_nanp": 10, "us_ssn": 9, "us_itin": 9, "us_ein": 9,
    "us_routing": 9, "us_npi": 10, "us_dea": 7, "uk_nhs": 10, "uk_utr": 10, "uk_driver": 6, "austria": 10,
    "belgium": 11, "bulgaria": 10, "croatia": 11, "czechia": 9, "denmark": 10, "estonia": 11, "finland": 6,
    "france": 5, "germany": 11, "germany_pension": 8, "greece": 11, "greece_tax": 9, "hungary": 9, "iceland": 10, "ireland": 7,
    "italy_vat": 11, "latvia": 11, "luxembourg": 13, "netherlands": 9, "norway": 11, "poland": 11,
    "poland_tax": 10, "portugal": 9, "portugal_card": 9, "romania": 13, "slovenia": 13, "spain": 7, "sweden": 10,
    "switzerland": 13, "uk_nino": 6,
}  # fmt: skip
