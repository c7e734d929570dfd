from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.samples import HERE, case, many, run, suite

from registry.errors import Refused, Usage
from registry.evaluation.answered import Answered
from registry.evaluation.baseline import Baseline, case_digest, read_baselines, to_text
from registry.evaluation.records import Expectation, Suite
from registry.evaluation.tally import results


def kept(of: Suite, **facts: object) -> Baseline:
    made = Baseline(
        suite=of.id,
        prompt=of.prompt,
        prompt_sha256="0" * 64,
        samples=of.samples,
        spare=0,
        cases={one.id: case_digest(one) for one in of.cases},
        comparability=HERE,
        deterministic=True,
        tool="1",
        answers=tuple(run(of, lambda _arm, _case, _index: "pass", arms=("base",))),
    )
    return replace(made, **facts)  # type: ignore[arg-type]


def test_what_is_written_is_read(tmp_path: Path) -> None:
    one = kept(many(3), at="2026-01-01T00:00:00Z", commit="abc", served=("m",))
    other = kept(replace(many(2), id="other/suite"), deterministic=False, spare=8)
    (tmp_path / "b.jsonl").write_bytes(to_text([one, other]))
    found = read_baselines(tmp_path / "b.jsonl")
    assert found == {one.suite: one, other.suite: other}
    assert [found[name].answers for name in found] == [one.answers, other.answers]


@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_a_file_that_was_changed_anywhere_is_refused(
    data: st.DataObject, tmp_path_factory: pytest.TempPathFactory
) -> None:
    whole = to_text([kept(many(2))])
    place = tmp_path_factory.mktemp("b") / "b.jsonl"
    at = data.draw(st.integers(0, len(whole) - 2))
    other = data.draw(
        st.sampled_from([b"0", b"{", b"\n", b"\xff"]).filter(lambda byte: byte != whole[at : at + 1])
    )
    place.write_bytes(whole[:at] + other + whole[at + 1 :] if data.draw(st.booleans()) else whole[:at])
    with pytest.raises((Usage, Refused), match=r"BAS00[12]"):
        read_baselines(place)


@pytest.mark.parametrize("text", [b"", b"\n\n", b"# Notes\n", b"[]\n", b"{}\n", b'{"kind":"verdict"}\n1\n'])
def test_a_file_of_another_kind_is_told_apart_from_a_damaged_one(tmp_path: Path, text: bytes) -> None:
    (tmp_path / "b.jsonl").write_bytes(text)
    with pytest.raises(Usage, match=r"BAS001.*no baseline"):
        read_baselines(tmp_path / "b.jsonl")
    with pytest.raises(Usage, match=r"BAS001.*cannot be read"):
        read_baselines(tmp_path / "none.jsonl")


def test_it_is_kept_under_what_it_depends_on_and_nothing_else() -> None:
    one = kept(many(3))
    assert one.digest == replace(one, at="later", commit="fff").digest
    for change in (
        {"prompt_sha256": "1" * 64},
        {"samples": 3},
        {"cases": {}},
        {"comparability": replace(HERE, profile="fast")},
        {"tool": "2"},
        {"spare": 8},
    ):
        assert one.digest != replace(one, **change).digest  # type: ignore[arg-type]


def test_places_and_names_of_metrics_are_no_part_of_a_case_and_what_is_asked_is() -> None:
    one = case("one")
    named = replace(one, line=9, tags=("x",), expect=tuple(replace(it, metric="tone") for it in one.expect))
    assert case_digest(one) == case_digest(named)
    assert case_digest(one) != case_digest(replace(one, expect=(Expectation("contains", "other"),)))
    inside = Expectation("assert-set", (replace(one.expect[0], metric="tone"),))
    plain = Expectation("assert-set", one.expect)
    assert case_digest(replace(one, expect=(inside,))) == case_digest(replace(one, expect=(plain,)))


def test_it_stands_in_for_a_base_whose_cases_are_only_known_by_digest() -> None:
    before = suite(case("same"), case("changed", text="old"), case("gone"))
    now = suite(case("same"), case("changed", text="new"), case("fresh"))
    base = kept(before).stands_in_for(now)
    standings = {it.id: it.standing for it in results(now, base, Answered())}
    assert standings == {"same": "paired", "changed": "changed", "fresh": "new", "gone": "removed"}


def test_a_part_of_it_is_about_some_cases_alone() -> None:
    part = kept(many(5)).of(many(2))
    assert sorted(part.cases) == ["case-000", "case-001"]
    assert {sample.case for sample in part.answers} == {"case-000", "case-001"}
