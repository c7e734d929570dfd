from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from registry.errors import Unavailable
from registry.evaluation.shelf import Shelf, Shelved, by_key, gathered, once


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.text(max_size=3), st.integers())), st.integers(0, 5))
def test_a_shelf_is_a_dictionary_however_little_room_it_has(pairs: list[tuple[str, int]], room: int) -> None:
    shelf: Shelf[int] = Shelf(room)
    told: dict[str, int] = {}
    for key, value in pairs:
        shelf[key] = told[key] = value
    assert list(shelf.items()) == list(told.items())
    assert len(shelf) == len(told)
    assert [shelf.get(key) for key in told] == list(told.values())
    assert "no such key" not in shelf
    assert shelf.get("no such key") is None
    assert tuple(shelf.sequence()) == tuple(told.values())


def test_values_may_be_put_and_read_while_they_are_walked() -> None:
    shelf: Shelf[int] = Shelf(2)
    for n in range(600):
        shelf[str(n)] = n
    seen = []
    for value in shelf.values():
        seen.append(value)
        shelf[str(value)] = value + 1
        assert shelf.get(str(value)) == value + 1
    assert seen[:5] == [0, 1, 2, 3, 4]
    assert len(seen) == len(shelf) == 600


def test_a_sequence_on_disk_is_one_like_any_other() -> None:
    shelf: Shelf[str] = Shelf(1)
    for word in ("apple", "berry", "cherry"):
        shelf[word[0]] = word
    words = shelf.sequence()
    assert isinstance(words, Shelved)
    assert (words[0], words[-1], words[1:], len(words)) == ("apple", "cherry", ("berry", "cherry"), 3)
    assert words == ("apple", "berry", "cherry")
    assert words != ("apple", "berry")
    with pytest.raises(IndexError):
        words[3]
    assert list(words) == list(words)


def test_a_value_is_found_by_its_key_in_memory_and_on_disk() -> None:
    shelf: Shelf[str] = Shelf(1)
    for word in ("apple", "berry"):
        shelf[word[0]] = word
    for words in (shelf.sequence(), ("apple", "berry")):
        find = by_key(words, lambda word: word[0])
        assert (find("b"), find("x")) == ("berry", None)


def test_what_is_gathered_can_be_walked_again() -> None:
    few, many = gathered(iter(range(10))), gathered(iter(range(5000)))
    assert few == tuple(range(10))
    assert list(many) == list(many) == list(range(5000))


def test_a_full_disk_is_named_and_is_no_bug(monkeypatch: pytest.MonkeyPatch) -> None:
    held: Shelf[bytes] = Shelf(1)
    held["a"], held["b"] = b"", b""
    assert held._many is not None
    held._many.execute("PRAGMA max_page_count = 20")
    with pytest.raises(Unavailable, match=r"^TMP001 .*disk is full.*TMPDIR") as caught:  # noqa: PT012
        for n in range(100):
            held[str(n)] = bytes(4096)
    assert caught.value.exit_code == 4


def test_what_is_made_of_all_values_is_made_once_of_those_on_disk() -> None:
    seen: list[int] = []

    def total(values: Sequence[int]) -> int:
        seen.append(len(values))
        return sum(values)

    few, many = gathered(range(10)), gathered(range(5000))
    assert [once(few, total), once(few, total), once(many, total), once(many, total)] == [
        45,
        45,
        12497500,
        12497500,
    ]
    assert seen == [10, 10, 5000]
    assert once(many, len) == 5000


def test_a_shelf_gives_its_keys_in_order() -> None:
    for room in (1, 2048):
        held: Shelf[int] = Shelf(room)
        for word in ("pear", "apple", "pear", "fig"):
            held[word] = 0
        assert list(held) == ["pear", "apple", "fig"]
