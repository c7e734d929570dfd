"""A store in a bucket: Amazon's or any server that speaks S3.

boto3 signs the requests and finds the credentials, because home-made signing broke wherever it was tried.
It must never retry by itself (the poll backs off), list a bucket, or write to it but for a report.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from serve.core.errors import MissingExtra
from serve.sources.port import (
    CHUNK_BYTES,
    CONNECT_S,
    READ_S,
    TOTAL_S,
    Fetched,
    NotModified,
    missing,
    no_answer,
    told_at,
    too_large,
    unusable,
)

if TYPE_CHECKING:
    from mypy_boto3_s3.client import S3Client


class S3Source:
    """Reads objects below ``prefix`` of a bucket, anonymously where the environment holds no credentials.

    ``sse`` and ``kms`` go with each report that is written; without them the bucket's own default holds.
    """

    def __init__(
        self,
        bucket: str,
        prefix: str = "",
        *,
        endpoint: str | None = None,
        region: str | None = None,
        anonymous: bool = False,
        style: str | None = None,
        sse: str | None = None,
        kms: str | None = None,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._bucket = bucket
        self._prefix = f"{prefix.strip('/')}/" if prefix.strip("/") else ""
        self._endpoint = endpoint
        self._region = region
        self._anonymous = anonymous
        self._style = style or ("path" if endpoint else None)
        asked = {"ServerSideEncryption": sse, "SSEKMSKeyId": kms}
        self._encryption: Any = {name: value for name, value in asked.items() if value}
        self._monotonic = monotonic
        self._client: S3Client | None = None

    def fetch(self, path: str, *, etag: str | None = None, max_bytes: int) -> Fetched | NotModified:
        """See :meth:`serve.sources.port.Source.fetch`."""
        client = self._connected()
        from botocore.exceptions import BotoCoreError, ClientError
        from urllib3.exceptions import HTTPError

        condition: Any = {"IfNoneMatch": etag} if etag else {}
        try:
            answer = client.get_object(Bucket=self._bucket, Key=self._prefix + path, **condition)
            with answer["Body"] as body:
                data = self._read(body, path, max_bytes)
            return Fetched(data, answer.get("ETag"), told_at(answer["ResponseMetadata"]["HTTPHeaders"]))
        except ClientError as error:
            about = error.response.get("ResponseMetadata", {})
            status = int(about.get("HTTPStatusCode", 0))
            if status == 304 and etag:
                return NotModified(told_at(about.get("HTTPHeaders", {})))
            raise missing(path) if status in (403, 404) else unusable(path, status) from error
        except (BotoCoreError, HTTPError, OSError) as error:
            raise no_answer(path) from error

    def put(self, path: str, data: bytes) -> None:
        """Write a report; raises SourceUnavailable: SRC001 no answer, SRC003 refused."""
        client = self._connected()
        from botocore.exceptions import BotoCoreError, ClientError
        from urllib3.exceptions import HTTPError

        try:
            client.put_object(
                Bucket=self._bucket,
                Key=self._prefix + path,
                Body=data,
                ContentType="application/json",
                **self._encryption,
            )
        except ClientError as error:
            status = int(error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0))
            raise unusable(path, status) from error
        except (BotoCoreError, HTTPError, OSError) as error:
            raise no_answer(path) from error

    def _read(self, body: Any, path: str, max_bytes: int) -> bytes:
        until = self._monotonic() + TOTAL_S
        data = bytearray()
        # read() would wait until all of it is there, which a drip can make last for hours
        while chunk := body.read1(min(CHUNK_BYTES, max_bytes + 1 - len(data))):
            data += chunk
            if len(data) > max_bytes:
                raise too_large(path, max_bytes)
            if self._monotonic() > until:
                raise no_answer(path)
        return bytes(data)

    def _connected(self) -> S3Client:
        if self._client is None:
            self._client = self._connect()
        return self._client

    def _connect(self) -> S3Client:
        try:
            import boto3
            from botocore import UNSIGNED
            from botocore.config import Config
            from botocore.exceptions import BotoCoreError
        except ModuleNotFoundError as error:
            raise MissingExtra("reading from s3://", "s3") from error
        try:
            session = boto3.session.Session(region_name=self._region)
            addressing: Any = {"addressing_style": self._style} if self._style else None
            unsigned = self._anonymous or session.get_credentials() is None
            config = Config(
                connect_timeout=CONNECT_S,
                read_timeout=READ_S,
                retries={"total_max_attempts": 1},
                s3=addressing,
                signature_version=UNSIGNED if unsigned else None,
                request_checksum_calculation="when_required",
                response_checksum_validation="when_required",
                max_pool_connections=1,
            )
            return session.client("s3", endpoint_url=self._endpoint, config=config)
        except (BotoCoreError, ValueError) as error:
            raise no_answer(f"bucket {self._bucket}") from error

    def doubt(self) -> None:
        """There is no other place."""

    def reset(self) -> None:
        """Forget the client; its sockets stay the parent's."""
        self._client = None

    def close(self) -> None:
        """Close idle connections."""
        if self._client is not None:
            self._client.close()
            self._client = None
