from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from registry.errors import Unavailable
from registry.evaluation.cache import ResponseCache
from registry.evaluation.records import Completion

KEY = "ab" + "0" * 62
ANSWER = Completion("billing", 12, 3, seconds=0.5)


def test_an_answer_comes_back_as_cached_and_without_its_time(tmp_path: Path) -> None:
    cache = ResponseCache(tmp_path / "new")
    assert cache.get(KEY) is None
    cache.put(KEY, ANSWER)
    assert cache.get(KEY) == Completion("billing", 12, 3, cached=True)
    assert [p.relative_to(tmp_path).as_posix() for p in tmp_path.rglob("*") if p.is_file()] == [
        f"new/ab/{KEY[2:]}.json"
    ]


@given(st.text(alphabet=st.characters(codec="utf-8")))
def test_every_text_survives(tmp_path_factory: pytest.TempPathFactory, text: str) -> None:
    cache = ResponseCache(tmp_path_factory.mktemp("cache"))
    cache.put(KEY, Completion(text, 1, 1, finish="length"))
    assert cache.get(KEY) == Completion(text, 1, 1, finish="length", cached=True)


def test_an_error_is_not_kept(tmp_path: Path) -> None:
    cache = ResponseCache(tmp_path)
    cache.put(KEY, Completion("", 1, 0, error="ENG010 no answer"))
    assert cache.get(KEY) is None


@pytest.mark.parametrize("damage", [b"", b"{", b"[]", b"null", b'{"key": "other"}', b'{"key": 1}', b"\xff"])
def test_a_broken_entry_is_a_miss_and_is_mended(damage: bytes, tmp_path: Path) -> None:
    cache = ResponseCache(tmp_path)
    cache.put(KEY, ANSWER)
    (entry,) = tmp_path.rglob("*.json")
    entry.write_bytes(damage)
    assert cache.get(KEY) is None
    cache.put(KEY, ANSWER)
    assert cache.get(KEY) is not None


def test_an_entry_under_another_name_is_not_believed(tmp_path: Path) -> None:
    cache = ResponseCache(tmp_path)
    cache.put(KEY, ANSWER)
    (entry,) = tmp_path.rglob("*.json")
    entry.rename(entry.with_name(f"{'1' * 62}.json"))
    assert cache.get("ab" + "1" * 62) is None


def test_a_folder_that_cannot_be_written_is_told_with_what_to_do(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(Unavailable, match=r"EVL030 the cache of answers cannot be written .*--no-cache"):
        ResponseCache(tmp_path / "file").put(KEY, ANSWER)


def test_a_cut_off_write_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def cut_off(self: Path, target: Path) -> Path:
        raise KeyboardInterrupt

    monkeypatch.setattr(Path, "replace", cut_off)
    with pytest.raises(KeyboardInterrupt):
        ResponseCache(tmp_path).put(KEY, ANSWER)
    assert [p for p in tmp_path.rglob("*") if p.is_file()] == []
