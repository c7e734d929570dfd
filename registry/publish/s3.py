"""S3 as a store, spoken by boto3 and by nothing else of the registry.

Every write carries a condition; a doubtful answer (412, 409, 5xx, none at all) is settled by reading back:
equal bytes mean that this writer's own request landed.
It must never let a botocore exception out, nor take a lost answer for a lost write.

Source: Amazon S3 conditional requests; the habits of other servers are kept in ``store.json``.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from registry.errors import MissingExtra, StoreUnavailable
from registry.publish.target import Conflict, Stored

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

ATTEMPTS = 5
IMMUTABLE = "public, max-age=31536000, immutable"
MUTABLE = "no-cache"
_DOUBTFUL = {0, 404, 409, 412, 500, 502, 503, 504}
_NEXT = {
    "NoCredentialsError": "Set credentials where the AWS tools look for them: environment, profile or role.",
    "NoSuchBucket": "Create the bucket, or correct store in promptyard.yaml.",
    "AccessDenied": "Give these credentials the right to read and write below the prefix, and to use the bucket's key.",
    "InvalidRequest": "Look at the server's log; sse and kms in the store's URL are for servers that can encrypt.",
    "KMS.NotFoundException": "Correct kms in the store's URL: a key's id, ARN or alias, in the bucket's region.",
    "KMS.DisabledException": "Enable the KMS key, or name another as kms in the store's URL.",
    "InvalidAccessKeyId": "Check the credentials.",
    "SignatureDoesNotMatch": "Check the credentials.",
}


class _Answer(Exception):
    """An answer that is not a success: its HTTP status, 0 when none came, and its name."""

    def __init__(self, status: int, name: str) -> None:
        super().__init__(status, name)
        self.status = status
        self.name = name

    @property
    def doubtful(self) -> bool:
        return self.status in _DOUBTFUL and self.name not in _NEXT

    def unavailable(self, key: str) -> StoreUnavailable:
        what = f"the S3 store cannot serve {key} ({self.name})"
        return StoreUnavailable(
            "STO001", what, _NEXT.get(self.name, "Check the endpoint, the network and the region.")
        )


class S3Target:
    """A store in a bucket, below a prefix. Credentials come from the environment's standard chain.

    ``style`` is ``path`` or ``virtual``, by default ``path`` behind an endpoint and boto3's choice on AWS; ``sse`` and
    ``kms`` go with every write, and without them the bucket's own default holds.
    """

    def __init__(
        self,
        bucket: str,
        prefix: str = "",
        *,
        endpoint: str | None = None,
        region: str | None = None,
        style: str | None = None,
        sse: str | None = None,
        kms: str | None = None,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._client = _client(endpoint, region, style or ("path" if endpoint else None))
        asked = {"ServerSideEncryption": sse, "SSEKMSKeyId": kms}
        self._encryption: Any = {name: value for name, value in asked.items() if value}
        self._bucket = bucket
        self._prefix = f"{prefix}/" if prefix else ""
        self._sleep = sleep
        self._bare_tags = False

    def read(self, key: str) -> Stored | None:
        """What a key holds now, or None."""
        return self._get(key, None)

    def peek(self, key: str, most_bytes: int) -> bytes | None:
        """The first bytes of a key, or None."""
        stored = self._get(key, most_bytes)
        return stored.data if stored is not None else None

    def _get(self, key: str, most_bytes: int | None) -> Stored | None:
        from botocore.exceptions import BotoCoreError, ClientError

        try:
            answer = self._client.get_object(Bucket=self._bucket, Key=self._prefix + key)
            with answer["Body"] as body:
                return Stored(body.read(most_bytes), answer["ETag"])
        except (BotoCoreError, ClientError) as error:
            answered = _answer(error)
            if answered.status == 404 and answered.name not in _NEXT:
                return None
            raise answered.unavailable(key) from error

    def unchanged(self, key: str, etag: str) -> bool:
        """True when a conditional GET is answered with 304."""
        from botocore.exceptions import BotoCoreError, ClientError

        try:
            self._client.get_object(Bucket=self._bucket, Key=self._prefix + key, IfNoneMatch=etag)[
                "Body"
            ].close()
        except (BotoCoreError, ClientError) as error:
            answered = _answer(error)
            if answered.status in {304, 404} and answered.name not in _NEXT:
                return answered.status == 304
            raise answered.unavailable(key) from error
        return False

    def put_once(self, key: str, data: bytes, *, immutable: bool = True) -> None:
        """Create a key under If-None-Match; equal bytes already there count as success."""
        self._settle(key, data, None, IMMUTABLE if immutable else MUTABLE)

    def replace_if(self, key: str, data: bytes, etag: str | None) -> None:
        """Replace a key under If-Match, with the tag quoted as this server likes it."""
        self._settle(key, data, etag, MUTABLE)

    def remove(self, key: str) -> None:
        """Remove a key; one that does not exist is fine."""
        from botocore.exceptions import BotoCoreError, ClientError

        try:
            self._client.delete_object(Bucket=self._bucket, Key=self._prefix + key)
        except (BotoCoreError, ClientError) as error:
            raise _answer(error).unavailable(key) from error

    def list(self, prefix: str) -> tuple[str, ...]:
        """Sorted keys directly below a prefix; folders end in a slash."""
        from botocore.exceptions import BotoCoreError, ClientError

        found: list[str] = []
        try:
            pages = self._client.get_paginator("list_objects_v2").paginate(
                Bucket=self._bucket, Prefix=self._prefix + prefix, Delimiter="/"
            )
            for page in pages:
                found += [folder["Prefix"] for folder in page.get("CommonPrefixes", ())]
                found += [item["Key"] for item in page.get("Contents", ())]
        except (BotoCoreError, ClientError) as error:
            raise _answer(error).unavailable(prefix) from error
        return tuple(sorted(name.removeprefix(self._prefix) for name in found))

    def traits(self) -> Mapping[str, str]:
        """Whether this server wants tags without their quotes in If-Match."""
        return {"etagQuotes": "bare"} if self._bare_tags else {}

    def recall(self, traits: Mapping[str, str]) -> None:
        """Take over what ``store.json`` remembers."""
        self._bare_tags = traits.get("etagQuotes") == "bare"

    def _settle(self, key: str, data: bytes, etag: str | None, cache: str) -> None:
        """Write under a condition until it is certain what became of it."""
        bare, answered = self._bare_tags, _Answer(0, "no answer")
        for attempt in range(ATTEMPTS):
            refusal = self._put(key, data, etag.strip('"') if etag and bare else etag, cache)
            if refusal is None:
                self._bare_tags = bare if etag else self._bare_tags
                return
            answered = refusal
            stored = self.read(key) if answered.doubtful else None
            if not answered.doubtful:
                break
            if stored is not None and stored.data == data:
                return
            if (stored.etag if stored else None) != etag:
                raise Conflict(key)
            if answered.status == 412 and etag is not None:
                bare = not bare  # nothing changed, and yet the tag did not match: the other spelling of it
            else:
                self._sleep(0.05 * 2**attempt)
        if answered.status == 412:
            raise Conflict(key)
        raise answered.unavailable(key)

    def _put(self, key: str, data: bytes, etag: str | None, cache: str) -> _Answer | None:
        from botocore.exceptions import BotoCoreError, ClientError

        kind = "application/json" if key.endswith(".json") else "application/octet-stream"
        condition: Any = {"IfNoneMatch": "*"} if etag is None else {"IfMatch": etag}
        try:
            self._client.put_object(
                Bucket=self._bucket,
                Key=self._prefix + key,
                Body=data,
                CacheControl=cache,
                ContentType=kind,
                **condition,
                **self._encryption,
            )
        except (BotoCoreError, ClientError) as error:
            return _answer(error)
        return None


def _client(endpoint: str | None, region: str | None, style: str | None) -> S3Client:
    try:
        import boto3
        from botocore.config import Config
    except ImportError as error:
        raise MissingExtra("an s3: store", "s3") from error

    # Servers other than AWS refuse or corrupt the checksums that boto3 sends by default since 1.36.
    foreign: Any = (
        {"request_checksum_calculation": "when_required", "response_checksum_validation": "when_required"}
        if endpoint
        else {}
    )
    addressing: Any = {"addressing_style": style} if style else None
    retries: Any = {"total_max_attempts": 3, "mode": "standard"}
    config = Config(connect_timeout=5, read_timeout=30, retries=retries, s3=addressing, **foreign)
    region = region or ("us-east-1" if endpoint else None)
    return boto3.session.Session().client("s3", endpoint_url=endpoint, region_name=region, config=config)


def _answer(error: Exception) -> _Answer:
    """The answer in a botocore exception; without one, the exception's own name."""
    response: Any = getattr(error, "response", None)
    if response is None:
        return _Answer(0, type(error).__name__)
    status = response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
    return _Answer(status, str(response.get("Error", {}).get("Code") or status))
