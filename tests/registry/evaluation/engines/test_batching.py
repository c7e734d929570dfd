from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from registry.evaluation.engines.batching import BLOCK, Limits, batches
from registry.evaluation.engines.port import Prepared

SYSTEM = tuple(f"s{n}" for n in range(40))
OTHER = (*SYSTEM[:35], *(f"o{n}" for n in range(40)))
_words = st.lists(st.sampled_from("abc"), min_size=1, max_size=30).map(tuple)
_options = st.sampled_from([{"max_length": 8}, {"max_length": 9}, {"max_length": 8, "seed": 1}])
_prepared = st.builds(
    lambda start, words, options, problem: Prepared("k", (*start, *words), options, (), problem),
    st.sampled_from([(), SYSTEM, OTHER]),
    _words,
    _options,
    st.sampled_from([None, None, None, "too long"]),
)


@given(st.lists(_prepared, max_size=60), st.integers(1, 9), st.booleans(), st.booleans())
def test_every_request_is_asked_once_and_as_it_was(
    prepared: list[Prepared], rows: int, tiny: bool, share: bool
) -> None:
    seen: list[int] = []
    for batch in batches(prepared, Limits(rows=rows, tokens=400, tiny=tiny), share=share):
        seen += batch.indexes
        if "seed" in batch.options:
            assert len({prepared[index].tokens for index in batch.indexes}) == 1
            assert len(batch.prompts) == BLOCK
            assert batch.shared + batch.prompts[0] == prepared[batch.indexes[0]].tokens
            continue
        assert len(batch.indexes) <= rows
        for index, prompt in zip(batch.indexes, batch.prompts, strict=True):
            assert prompt
            assert batch.shared + prompt == prepared[index].tokens
            assert batch.options == prepared[index].options
    assert sorted(seen) == [n for n, item in enumerate(prepared) if item.problem is None]


def test_two_arms_each_share_their_own_beginning() -> None:
    prepared = [Prepared("k", (*start, f"t{n}", "x")) for start in (SYSTEM, OTHER) for n in range(6)]
    assert {len(batch.shared) for batch in batches(prepared, Limits())} == {35}
    longer = (*OTHER, *(f"p{n}" for n in range(40)))
    other = (*SYSTEM[:35], *(f"q{n}" for n in range(80)))
    prepared = [Prepared("k", (*start, f"t{n}", "x")) for start in (longer, other) for n in range(6)]
    assert sorted(len(batch.shared) for batch in batches(prepared, Limits())) == [115, 115]


def test_a_beginning_that_several_calls_have_is_worth_keeping() -> None:
    prepared = [Prepared("k", (*SYSTEM, f"t{n}", "x")) for n in range(12)]
    assert [batch.again for batch in batches(prepared, Limits())] == [False]
    found = list(batches(prepared, Limits(rows=5)))
    assert [(len(batch.indexes), batch.again) for batch in found] == [(5, True), (5, True), (2, True)]
    assert [half.again for half in found[0].halves()] == [True, True]
    loose = [Prepared("k", (str(n), "x")) for n in range(12)]
    assert {batch.again for batch in batches(loose, Limits(rows=5))} == {False}


def test_a_beginning_that_few_share_is_not_worth_it() -> None:
    assert [b.shared for b in batches([Prepared("k", (*SYSTEM, str(n))) for n in range(3)], Limits())] == [()]


def test_a_short_prompt_does_not_slow_long_ones_down() -> None:
    prepared = [Prepared("k", ("a",) * length) for length in (20, 200, 205, 22)]
    assert [sorted(b.indexes) for b in batches(prepared, Limits())] == [[0, 3], [1, 2]]
    assert [sorted(b.indexes) for b in batches(prepared, Limits(tiny=True))] == [[0, 1, 2, 3]]


def test_a_batch_is_halved_down_to_single_rows() -> None:
    (batch,) = batches([Prepared("k", (str(n),)) for n in range(3)], Limits())
    assert [half.indexes for half in batch.halves()] == [(0, 1), (2,)]
    assert [half.indexes for half in batch.halves()[1].halves()] == [(2,)]


def test_samples_of_one_prompt_and_seed_are_drawn_together_and_found_by_their_place() -> None:
    options = {"max_length": 8, "seed": 7}
    wanted = [Prepared("k", ("a", "b"), {**options, "row": row}) for row in (2, 0, 2)]
    (batch,) = batches(wanted, Limits())
    assert (batch.shared, batch.prompts) == (("a",), (("b",),) * BLOCK)
    assert "row" not in batch.options
    assert dict(batch.answers(["w", "x", "y", "z"])) == {0: "y", 1: "w", 2: "y"}
    assert batch.halves() == (batch,)
