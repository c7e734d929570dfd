from __future__ import annotations

import pytest

from serve.core.guard.checks.checksum import card, iban, luhn


@pytest.mark.parametrize(
    ("candidate", "kept"),
    [
        ("4012888888881881", 16),
        ("4012 8888 8888 1881", 19),
        ("4012 8888 8888 1881 12", 19),
        ("3782-822463-10005", 17),
        ("4012888888881882", 0),
        ("0000000000000000", 0),
        ("40128888888818811", 0),
        ("79927398713", 0),
    ],
)
def test_luhn_keeps_the_longest_card_number_at_the_start(candidate: str, kept: int) -> None:
    assert luhn(candidate) == kept


@pytest.mark.parametrize(
    ("candidate", "kept"),
    [
        ("4012888888881881", 16),
        ("4012 8888 8888 1881 12/27", 19),
        ("40128888 88881881", 17),
        ("4 0 1 2 8 8 8 8 8 8 8 8 1 8 8 1", 31),
        ("3782 822463 10005", 17),
        ("3056 930902 0004", 16),
        ("213180838738329", 15),
        ("3510467718424979", 16),
        ("268-80593-4 0-938290-7", 0),
        ("643579300.6418927", 0),
        ("5685680012555667 -0", 0),
        ("625832831 851 843 629", 0),
    ],
)
def test_a_card_is_of_a_scheme_and_in_groups_as_people_write_them(candidate: str, kept: int) -> None:
    assert card(candidate) == kept


@pytest.mark.parametrize(
    ("candidate", "kept"),
    [
        ("GB82WEST12345698765432", 22),
        ("GB82 WEST 1234 5698 7654 32", 27),
        ("gb82 west 1234 5698 7654 32 and", 27),
        ("NO9386011117947", 15),
        ("MT84MALT011000012345MTLCAST001S", 31),
        ("GB83WEST12345698765432", 0),
        ("GB82WEST123456987654321", 0),
        ("ZZ82WEST12345698765432", 0),
        ("GB82", 0),
    ],
)
def test_iban_goes_by_country_length_and_mod_97(candidate: str, kept: int) -> None:
    assert iban(candidate) == kept
