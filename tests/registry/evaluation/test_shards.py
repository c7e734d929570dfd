from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from registry.errors import Usage
from registry.evaluation.shards import Shard, shard_of


@given(st.text(max_size=20), st.text(max_size=20), st.integers(1, 40))
def test_every_group_is_in_exactly_one_part(suite: str, group: str, of: int) -> None:
    assert sum(Shard(index, of).holds(suite, group) for index in range(1, of + 1)) == 1


def test_the_parts_are_of_like_size_and_stay_what_they_are() -> None:
    sizes = [sum(Shard(i, 4).holds("s", f"case-{n}") for n in range(4000)) for i in range(1, 5)]
    assert all(900 < size < 1100 for size in sizes)
    assert [n for n in range(20) if Shard(1, 4).holds("support/triage", f"case-{n}")] == [13]


def test_a_part_is_named_by_its_number_and_how_many_there_are() -> None:
    assert shard_of("2/8") == Shard(2, 8)
    assert str(Shard(2, 8)) == "2/8"


@pytest.mark.parametrize("text", ["", "0/4", "5/4", "1", "1/0", "a/b", "-1/4", "1/4/2", "1 / 4", "1/100000"])
def test_what_is_no_part_is_refused_with_an_example(text: str) -> None:
    with pytest.raises(Usage, match="SHD001"):
        shard_of(text)
