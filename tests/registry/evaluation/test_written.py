from __future__ import annotations

from pathlib import Path

import pytest

from registry.evaluation.cache import ResponseCache
from registry.evaluation.engines.replay import read_recording
from registry.evaluation.record import Record, read_record
from registry.evaluation.records import Completion
from registry.evaluation.written import read_written

KEY = "a" * 64
TEXT = '{"text":%s,"promptTokens":%s,"completionTokens":1,"finish":"stop","cost":%s}'
ODD = {
    "nested too deeply": "[" * 100_000,
    "half a character": TEXT % ('"\\ud800"', "1", "null"),
    "half a character in a key": '{"\\uDfff":1}',
    "no number": TEXT % ('"x"', "1", "NaN"),
    "a number without bounds": TEXT % ('"x"', "1", "1e999"),
    "cut short": '{"text":"x"',
    "no text": "\xff\xfe\xfd",
}


@pytest.mark.parametrize("name", ODD)
def test_what_could_not_be_written_again_is_refused(name: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011  # whatever it says: readers pass the line over
        read_written(ODD[name].encode("latin-1"))


@pytest.mark.parametrize(
    "text", ['"\\ud83d\\ude00"', '"a \\\\ud800 in words, 1e999 and NaN"', "[1e+100, 2.5e-300]"]
)
def test_what_only_looks_odd_is_read(text: str) -> None:
    assert read_written(text.encode()) is not None


@pytest.mark.parametrize("name", ODD)
def test_a_damaged_entry_is_asked_anew_and_a_damaged_line_passed_over(name: str, tmp_path: Path) -> None:
    entry = f'{{"key":"{KEY}","completion":{ODD[name]}}}'.encode("latin-1")
    place = tmp_path / "cache" / KEY[:2] / f"{KEY[2:]}.json"
    place.parent.mkdir(parents=True)
    place.write_bytes(entry)
    cache = ResponseCache(tmp_path / "cache")
    assert cache.get(KEY) is None
    good = Completion("x", 1, 1)
    cache.put(KEY, good)
    assert cache.get(KEY) is not None

    judged = entry[:-1] + b',"judged":true}'
    record = tmp_path / "run.jsonl"
    record.write_bytes(
        entry + b"\n" + judged + b"\n" + judged.replace(ODD[name].encode("latin-1"), b"7") + b"\n"
    )
    assert list(read_record(record)) == []
    with Record(record) as held:
        assert held.answer(KEY) is None
        held.note(KEY, good)
    assert read_recording(record).answers == {KEY: good}
