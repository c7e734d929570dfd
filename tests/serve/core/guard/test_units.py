from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from serve.core.guard.units import places_in

TEXTS = st.text(alphabet="aé€😀\u200d\ud800", max_size=30)


def test_an_emoji_is_one_code_point_four_bytes_and_two_units() -> None:
    assert places_in("a😀b", [0, 1, 2, 3], "code-points") == {0: 0, 1: 1, 2: 2, 3: 3}
    assert places_in("a😀b", [0, 1, 2, 3], "utf-8") == {0: 0, 1: 1, 2: 5, 3: 6}
    assert places_in("a😀b", [3, 1, 2, 1], "utf-16") == {1: 1, 2: 3, 3: 4}


@given(text=TEXTS, data=st.data())
def test_what_is_cut_out_by_bytes_or_units_is_what_code_points_cut_out(text: str, data) -> None:
    low = data.draw(st.integers(0, len(text)))
    high = data.draw(st.integers(low, len(text)))
    for unit, encoding, width in (("utf-8", "utf-8", 1), ("utf-16", "utf-16-le", 2)):
        places = places_in(text, (low, high), unit)
        cut = text.encode(encoding, "surrogatepass")[places[low] * width : places[high] * width]
        assert cut.decode(encoding, "surrogatepass") == text[low:high]


def test_a_verdict_tells_its_hits_in_other_units_and_stays_the_same_otherwise(rule, guard) -> None:
    text = "😀 refund 😀 refund"
    verdict = guard(rule("literals", {"any": ["refund"]})).check(text, "output")
    assert [(hit.start, hit.end) for hit in verdict.hits] == [(2, 8), (11, 17)]
    told = verdict.counted(text, "utf-16")
    assert [(hit.start, hit.end) for hit in told.hits] == [(3, 9), (13, 19)]
    assert [(hit.start, hit.end) for hit in verdict.counted(text, "utf-8").hits] == [(5, 11), (17, 23)]
    assert (told.action, told.text, told.rule) == (verdict.action, verdict.text, verdict.rule)
