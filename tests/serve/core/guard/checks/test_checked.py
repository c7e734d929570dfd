from __future__ import annotations

import pytest

from serve.core.guard.checks.checked import CHECKS, LEAST_DIGITS

HOLD = {
    "card": "6011 0009 9013 9424", "us_ssn": "536-22-1234", "us_npi": "1234567893", "uk_nhs": "943 476 5919",
    "uk_nino": "AB 12 34 56 C", "uk_driver": "MORGA657054SM9IJ", "switzerland": "756.9217.0769.85",
    "luxembourg": "1893120105732", "germany_pension": "15 070649 C 103", "spain": "12345678-Z",
    "finland": "131052-308T", "netherlands": "111222333", "italy": "RSSMRA85T10A562S", "poland": "44051401359",
    "phone_e164": "+1 (202) 555-0143", "phone_nanp": "(202) 555-0143", "ip4": "192.0.2.1", "ip6": "2001:db8::1",
    "bech32": "bc1qar0srrr7xfkvy5l643lydnw9re59gtzzwf5mdq", "base58check": "1BoatSLRHtKNngkdXEeobR76b53LETtpyT",
    "ethereum": "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed", "iceland": "120174-3399", "czechia": "991231/123",
    "croatia": "HR 33392005961", "poland_tax": "PL5921834777", "italy_vat": "IT 32700420097",
}  # fmt: skip
FAIL = {
    "card": "6011 0009 9013 9425", "us_ssn": "666-22-1234", "us_npi": "1234567890", "uk_nhs": "943 476 5918",
    "uk_nino": "GB 12 34 56 C", "uk_driver": "MORGA699054SM9IJ", "switzerland": "756.9217.0769.84",
    "luxembourg": "1893120105733", "germany_pension": "15 070649 C 104", "spain": "12345678-A",
    "finland": "131052-308U", "netherlands": "111222334", "italy": "RSSMRA85T10A562T", "poland": "44051401358",
    "phone_e164": "+1 202 555", "phone_nanp": "(911) 155-0143", "ip4": "192.0.2.256", "ip6": "dead::beef",
    "bech32": "bc1qar0srrr7xfkvy5l643lydnw9re59gtzzwf5mdp", "base58check": "1BoatSLRHtKNngkdXEeobR76b53LETtpyU",
    "ethereum": "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1Beaed", "iceland": "120174-4399", "czechia": "601231/123",
    "croatia": "HR 33392005962", "poland_tax": "PL5921834778", "italy_vat": "IT 32700420098",
}  # fmt: skip


@pytest.mark.parametrize(("name", "number"), HOLD.items())
def test_a_number_that_holds_is_kept_whole(name: str, number: str) -> None:
    assert CHECKS[name](number) == len(number)
    assert sum(map(str.isdecimal, number)) >= LEAST_DIGITS.get(name, 0)


@pytest.mark.parametrize(("name", "number"), FAIL.items())
def test_one_wrong_sign_makes_it_none(name: str, number: str) -> None:
    assert CHECKS[name](number) == 0
