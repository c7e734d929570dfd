"""Answers that laptops and CI share: the local folder first, then a bucket, written once under a condition.

A bucket that is not there, or may not be written, costs time and nothing else: the run goes on with the folder.
boto3 is imported here because no storey below publishing may reach publishing's adapter of it.
It must never overwrite an answer that another run put there, nor let a botocore exception out.

Source: Amazon S3 conditional writes (If-None-Match, If-Match).
"""

from __future__ import annotations

import os
import threading
from collections.abc import Iterable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal
from urllib.parse import parse_qs, urlsplit

from registry.errors import MissingExtra, Usage
from registry.evaluation.cache import ResponseCache, entry_of, read_entry
from registry.evaluation.records import Completion
from registry.settings import Settings

VARIABLE = "PROMPTYARD_SHARED_CACHE"
_THREADS = 16
_PATIENCE = 3
_FLUSH_S = 30.0
_THERE = frozenset((409, 412))
_Act = Literal["read", "write"]
_PARTICIPLES: Mapping[_Act, str] = {"read": "read", "write": "written"}


@dataclass(frozen=True, slots=True)
class Bucket:
    """A place in S3: where answers lie below a prefix."""

    name: str
    prefix: str
    endpoint: str | None = None
    region: str | None = None


class SharedCache(ResponseCache):
    """A folder of answers in front of a bucket; the folder gets whatever the bucket has."""

    def __init__(self, folder: Path, bucket: Bucket) -> None:
        super().__init__(folder)
        self._bucket = bucket
        self._client = _client(bucket)
        self._threads = ThreadPoolExecutor(_THREADS, "promptyard-cache")
        self._writes: set[Future[None]] = set()
        self._absent: set[str] = set()
        self._broken: dict[str, str] = {}
        self._lock = threading.Lock()
        self._faults: dict[_Act, int] = {"read": 0, "write": 0}
        self._trouble: dict[_Act, str] = {}

    @property
    def notes(self) -> tuple[str, ...]:
        """Why the bucket was left alone, if it was."""
        return tuple(
            f"the shared cache could not be {_PARTICIPLES[what]} ({why}); answers are in the local folder"
            for what, why in self._trouble.items()
        )

    def fetch(self, keys: Iterable[str]) -> None:
        """Bring what the bucket has of some keys into the folder, many at once."""
        missing = [key for key in dict.fromkeys(keys) if super(SharedCache, self).get(key) is None]
        for _ in self._threads.map(self._bring, missing):
            pass

    def get(self, key: str) -> Completion | None:
        """The answer in the folder, else the bucket's; see :meth:`ResponseCache.get`."""
        held = super().get(key)
        if held is None and key not in self._absent:
            self._bring(key)
            held = super().get(key)
        return held

    def put(self, key: str, completion: Completion) -> None:
        """Keep an answer in the folder, and in the bucket unless another run was first."""
        super().put(key, completion)
        if completion.error is None and self._may("write"):
            self._writes = {future for future in self._writes if not future.done()}
            self._writes.add(self._threads.submit(self._send, key, entry_of(key, completion)))

    def close(self) -> None:
        """Wait for what is still being written, for a while."""
        wait(self._writes, timeout=_FLUSH_S)
        self._threads.shutdown(wait=False, cancel_futures=True)
        self._client.close()

    def _bring(self, key: str) -> None:
        if not self._may("read"):
            return
        from botocore.exceptions import BotoCoreError, ClientError

        try:
            answer = self._client.get_object(Bucket=self._bucket.name, Key=self._name(key))
            data, etag = answer["Body"].read(), str(answer["ETag"])
        except ClientError as error:
            if _status(error) == 404 and _name(error) != "NoSuchBucket":
                self._absent.add(key)
            else:
                self._fault("read", _name(error), final=_status(error) in (301, 403, 404))
            return
        except BotoCoreError as error:
            self._fault("read", type(error).__name__)
            return
        self._faults["read"] = 0
        completion = read_entry(key, data)
        if completion is None:
            self._absent.add(key)
            self._broken[key] = etag
        else:
            super().put(key, completion)

    def _send(self, key: str, data: bytes) -> None:
        if not self._may("write"):
            return
        from botocore.exceptions import BotoCoreError, ClientError

        broken = self._broken.get(key)
        condition: Any = {"IfNoneMatch": "*"} if broken is None else {"IfMatch": broken}
        try:
            self._client.put_object(
                Bucket=self._bucket.name,
                Key=self._name(key),
                Body=data,
                ContentType="application/json",
                **condition,
            )
        except ClientError as error:
            if _status(error) not in _THERE:
                self._fault("write", _name(error), final=_status(error) in (301, 403, 404))
                return
        except BotoCoreError as error:
            self._fault("write", type(error).__name__)
            return
        self._faults["write"] = 0

    def _may(self, what: _Act) -> bool:
        return what not in self._trouble

    def _fault(self, what: _Act, why: str, *, final: bool = False) -> None:
        """After a fault that stays, or several in a row, the bucket is left alone."""
        with self._lock:
            self._faults[what] += 1
            if final or self._faults[what] >= _PATIENCE:
                self._trouble.setdefault(what, why)

    def _name(self, key: str) -> str:
        return f"{self._bucket.prefix}{key[:2]}/{key[2:]}.json"


def cache_of(root: Path, settings: Settings) -> ResponseCache:
    """The cache of a registry: its folder, and the shared one that the environment or the settings name.

    Raises:
        Usage: CAC003 for a URL that is not one of S3.
        MissingExtra: for a shared cache without boto3.
    """
    shared = os.environ.get(VARIABLE, settings.cache.shared or "").strip()
    return open_cache(root / "responses", shared or None)


def open_cache(folder: Path, url: str | None) -> ResponseCache:
    """The cache in a folder, in front of ``s3://bucket/prefix?endpoint=…&region=…`` where a URL is given.

    Raises:
        Usage: CAC003 for any other URL.
        MissingExtra: without boto3.
    """
    return ResponseCache(folder) if not url else SharedCache(folder, bucket_of(url))


def bucket_of(url: str) -> Bucket:
    """The place that a URL names; raises Usage (CAC003)."""
    parts = urlsplit(url)
    options = parse_qs(parts.query)
    if (
        parts.scheme != "s3"
        or not parts.hostname
        or parts.username
        or options.keys() - {"endpoint", "region"}
    ):
        what = "the URL of the shared cache is not one of S3"
        raise Usage("CAC003", what, "Write s3://bucket/prefix?endpoint=URL&region=NAME, without credentials.")
    prefix = parts.path.strip("/")
    endpoint, region = (options.get(name, [None])[0] for name in ("endpoint", "region"))
    return Bucket(parts.netloc, f"{prefix}/" if prefix else "", endpoint, region)


def _client(bucket: Bucket) -> Any:
    try:
        import boto3
        from botocore.config import Config
        from botocore.exceptions import BotoCoreError
    except ImportError as error:
        raise MissingExtra("a shared cache", "s3") from error

    # Servers other than AWS refuse or corrupt the checksums that boto3 sends by default since 1.36.
    foreign: Any = (
        {"request_checksum_calculation": "when_required", "response_checksum_validation": "when_required",
         "s3": {"addressing_style": "path"}}
        if bucket.endpoint
        else {}
    )  # fmt: skip
    config = Config(
        connect_timeout=5,
        read_timeout=15,
        retries={"total_max_attempts": 3, "mode": "standard"},
        max_pool_connections=_THREADS,
        **foreign,
    )
    region = bucket.region or ("us-east-1" if bucket.endpoint else None)
    try:
        return boto3.session.Session().client(
            "s3", endpoint_url=bucket.endpoint, region_name=region, config=config
        )
    except (BotoCoreError, ValueError) as error:
        what = f"the shared cache cannot be opened ({type(error).__name__})"
        raise Usage("CAC003", what, "Check endpoint and region in its URL.") from error


def _status(error: Any) -> int:
    return int(error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0))


def _name(error: Any) -> str:
    return str(error.response.get("Error", {}).get("Code") or _status(error))
