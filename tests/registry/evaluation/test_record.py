from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from registry.errors import Unavailable, Usage
from registry.evaluation.record import Record, read_record
from registry.evaluation.records import Check, Completion, Sample

SAMPLE = Sample(
    suite="s", case="a", group="a", arm="head", index=0, status="fail", score=0.5, key="k" * 64,
    completion=Completion("ü\u2028x", 3, 2, seconds=0.25), checks=(Check("equals", "fail", 0.0, "no"),),
)  # fmt: skip


def test_what_is_written_is_read_again(tmp_path: Path) -> None:
    path = tmp_path / "runs" / "1.jsonl"
    with Record(path) as record:
        record.write(SAMPLE)
        record.append('{"kind": "verdict"}\n')
        assert list(read_record(path)) == [SAMPLE]  # before it is closed: a crash loses nothing
    assert len(path.read_bytes().splitlines()) == 2


def test_a_run_goes_on_where_its_record_was_cut_short(tmp_path: Path) -> None:
    path = tmp_path / "1.jsonl"
    with Record(path) as record:
        record.write(SAMPLE)
    path.write_bytes(path.read_bytes() + b'{"suite": "s", "case": "b"')
    with Record(path) as record:
        assert record.answer("k" * 64) == replace(SAMPLE.completion, cached=True, seconds=None)
        assert record.answer("x" * 64) is None
        record.write(SAMPLE)
        record.write(replace(SAMPLE, case="b"))
    assert [sample.case for sample in read_record(path)] == ["a", "b"]
    assert json.loads(path.read_bytes().splitlines()[-1])["case"] == "b"


def test_an_error_is_asked_again(tmp_path: Path) -> None:
    with Record(tmp_path / "1.jsonl") as record:
        record.write(replace(SAMPLE, status="error", completion=Completion("", 1, 0, error="ENG010 no")))
    with Record(tmp_path / "1.jsonl") as record:
        assert record.answer("k" * 64) is None


def test_a_place_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(Usage, match=r"EVL004 the record 1\.jsonl cannot be written"):
        Record(tmp_path / "file" / "1.jsonl").write(SAMPLE)


def test_a_run_that_wrote_nothing_leaves_no_file(tmp_path: Path) -> None:
    with Record(tmp_path / "runs" / "1.jsonl"):
        pass
    assert list(tmp_path.iterdir()) == []


def test_the_last_word_on_an_answer_is_kept(tmp_path: Path) -> None:
    path = tmp_path / "1.jsonl"
    erred = replace(SAMPLE, status="error", checks=(), completion=Completion("", 1, 0, error="ENG010 no"))
    for sample in (erred, SAMPLE, replace(SAMPLE, status="pass", score=1.0), SAMPLE, SAMPLE):
        with Record(path) as record:
            record.write(sample)
    assert [sample.status for sample in read_record(path)] == ["error", "fail", "pass", "fail"]


def test_two_runs_never_write_one_record(tmp_path: Path) -> None:
    path = tmp_path / "1.jsonl"
    with Record(path) as record:
        record.write(SAMPLE)
        with (
            pytest.raises(Usage, match=r"EVL004 another run is writing the record 1\.jsonl"),
            Record(path) as other,
        ):
            other.write(replace(SAMPLE, case="b"))
        record.write(replace(SAMPLE, case="c"))
    with Record(path) as record:
        record.write(replace(SAMPLE, case="d"))
    assert [sample.case for sample in read_record(path)] == ["a", "c", "d"]


def test_a_run_whose_record_another_wrote_meanwhile_does_not_write_it_all_again(tmp_path: Path) -> None:
    path = tmp_path / "1.jsonl"
    late = Record(path)
    with Record(path) as record:
        record.write(SAMPLE)
    with pytest.raises(Usage, match=r"EVL004 another run is writing the record 1\.jsonl"), late:
        late.write(SAMPLE)
    assert [sample.case for sample in read_record(path)] == ["a"]


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no device that is always full")
def test_a_full_disk_is_told_with_the_name_of_the_record(tmp_path: Path) -> None:
    (tmp_path / "1.jsonl").symlink_to("/dev/full")
    full = r"EVL004 the record 1\.jsonl cannot be written \(No space left"
    with pytest.raises(Unavailable, match=full), Record(tmp_path / "1.jsonl") as record:
        record.write(SAMPLE)
