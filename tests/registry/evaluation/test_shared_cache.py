"""The shared cache on moto's server and on a real one, and when there is none to be had."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import boto3
import pytest

from registry.errors import Usage
from registry.evaluation.cache import ResponseCache
from registry.evaluation.records import Called, Completion
from registry.evaluation.shared_cache import SharedCache, bucket_of, open_cache

KEYS = [f"{n:064x}" for n in range(40)]
ANSWER = Completion("billing", 12, 3, seconds=0.5, cost=0.001, tool_calls=(Called("c", "f", {"a": 1}),))


@pytest.fixture(params=["moto_store", pytest.param("ceph_store", marks=pytest.mark.real_s3)])
def url(request: pytest.FixtureRequest) -> str:
    return str(request.getfixturevalue(request.param))


@pytest.fixture
def opened(tmp_path: Path) -> Iterator[Any]:
    made: list[ResponseCache] = []

    def make(name: str, url: str) -> ResponseCache:
        made.append(open_cache(tmp_path / name, url))
        return made[-1]

    yield make
    for cache in made:
        cache.close()


def objects(url: str) -> dict[str, bytes]:
    place = bucket_of(url)
    client = boto3.session.Session().client("s3", endpoint_url=place.endpoint)
    listed = client.list_objects_v2(Bucket=place.name).get("Contents", [])
    return {
        each["Key"]: client.get_object(Bucket=place.name, Key=each["Key"])["Body"].read() for each in listed
    }


def overwrite(url: str, key: str, data: bytes) -> None:
    place = bucket_of(url)
    client = boto3.session.Session().client("s3", endpoint_url=place.endpoint)
    client.put_object(Bucket=place.name, Key=f"{place.prefix}{key[:2]}/{key[2:]}.json", Body=data)


def test_what_one_machine_asked_another_knows(url: str, opened: Any, tmp_path: Path) -> None:
    laptop, ci = opened("laptop", url), opened("ci", url)
    assert ci.get(KEYS[0]) is None
    laptop.put(KEYS[1], ANSWER)
    laptop.close()
    known = ci.get(KEYS[1])
    assert known is not None
    assert (known.text, known.cached, known.seconds) == ("billing", True, None)
    assert known.tool_calls == ANSWER.tool_calls
    assert ResponseCache(tmp_path / "ci").get(KEYS[1]) == known
    assert list(objects(url)) == [f"yard/00/{KEYS[1][2:]}.json"]


def test_two_runs_at_once_lose_nothing_and_overwrite_nothing(url: str, opened: Any) -> None:
    caches = [opened(str(n), url) for n in range(4)]

    def work(number: int) -> None:
        for key in KEYS if number % 2 else reversed(KEYS):
            caches[number].put(key, Completion(f"from {number}", 1, 1))
        caches[number].close()

    with ThreadPoolExecutor(4) as threads:
        list(threads.map(work, range(4)))
    held = objects(url)
    assert len(held) == len(KEYS)
    late = opened("late", url)
    late.put(KEYS[0], Completion("too late", 1, 1))
    late.close()
    assert objects(url) == held


def test_many_keys_are_fetched_at_once(url: str, opened: Any, tmp_path: Path) -> None:
    first, second = opened("first", url), opened("second", url)
    for key in KEYS:
        first.put(key, Completion(key, 1, 1))
    first.close()
    second.fetch([*KEYS, "f" * 64])
    second.close()
    local = ResponseCache(tmp_path / "second")
    assert [getattr(local.get(key), "text", None) for key in KEYS] == KEYS
    assert local.get("f" * 64) is None


@pytest.mark.parametrize("damage", [b"", b"{", b'{"key": "other"}', b"\xff"])
def test_a_broken_entry_is_a_miss_and_is_mended(moto_store: str, opened: Any, damage: bytes) -> None:
    overwrite(moto_store, KEYS[0], damage)
    finder = opened("finder", moto_store)
    assert finder.get(KEYS[0]) is None
    finder.put(KEYS[0], ANSWER)
    finder.close()
    other = opened("other", moto_store).get(KEYS[0])
    assert other is not None
    assert other.text == "billing"


def test_an_error_is_not_kept(moto_store: str, opened: Any) -> None:
    cache = opened("a", moto_store)
    cache.put(KEYS[0], Completion("", 1, 0, error="ENG022 no answer"))
    cache.close()
    assert objects(moto_store) == {}


def test_a_bucket_that_is_not_there_costs_nothing_but_a_note(moto_store: str, opened: Any) -> None:
    cache = opened("a", moto_store.replace("s3://test-", "s3://gone-"))
    cache.fetch(KEYS)
    for key in KEYS:
        cache.put(key, ANSWER)
        assert cache.get(key) is not None
    cache.close()
    assert cache.notes == (
        "the shared cache could not be read (NoSuchBucket); answers are in the local folder",
        "the shared cache could not be written (NoSuchBucket); answers are in the local folder",
    )


def test_a_server_that_is_not_there_is_given_up_soon(tmp_path: Path, moto_endpoint: str) -> None:
    cache = open_cache(tmp_path, "s3://b/p?endpoint=http://127.0.0.1:9&region=us-east-1")
    cache.fetch(KEYS)
    cache.put(KEYS[0], ANSWER)
    assert cache.get(KEYS[0]) is not None
    cache.close()
    assert "could not be read (EndpointConnectionError)" in cache.notes[0]


@pytest.mark.parametrize(
    "url", ["http://x/y", "s3://", "s3://key:secret@bucket/p", "s3://bucket/p?acl=public", "file:x"]
)
def test_any_other_url_is_refused(url: str, tmp_path: Path) -> None:
    with pytest.raises(Usage, match="CAC003"):
        open_cache(tmp_path, url)


def test_without_a_url_the_folder_is_all() -> None:
    assert type(open_cache(Path("x"), None)) is ResponseCache
    assert issubclass(SharedCache, ResponseCache)
