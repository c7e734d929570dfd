from __future__ import annotations


def test_bounds_are_inclusive_and_count_code_points(rule, guard) -> None:
    one = guard(rule("length", {"max": 3, "min": 2}, "drop"))
    assert one.check("👩👩👩", "output").passed
    assert one.check("abcd", "output").text == "abc"
    assert [hit.detail for hit in one.check("a", "output").hits] == ["shorter than 2 characters"]
