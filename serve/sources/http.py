"""A store behind HTTP or HTTPS: a web server, a CDN, a bucket's public address.

Plain HTTP is allowed because nothing is believed before its signature is checked.
It must never follow a redirect, retry by itself or read without a bound in bytes and seconds.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

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
    import urllib3


class HttpSource:
    """Reads objects below a base URL over pooled connections."""

    def __init__(self, base_url: str, *, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._base_url = base_url.rstrip("/")
        self._monotonic = monotonic
        self._pool: urllib3.PoolManager | None = None

    def fetch(self, path: str, *, etag: str | None = None, max_bytes: int) -> Fetched | NotModified:
        """See :meth:`serve.sources.port.Source.fetch`."""
        import urllib3  # 60 ms that a service on a folder or on S3 need not pay

        headers = {"Accept-Encoding": "identity"} | ({"If-None-Match": etag} if etag else {})
        try:
            response = self._connected().request(
                "GET", f"{self._base_url}/{path}", headers=headers, preload_content=False, redirect=False
            )
            try:
                return self._answer(response, path, max_bytes, conditional=etag is not None)
            finally:
                response.release_conn()
        except urllib3.exceptions.HTTPError as error:
            raise no_answer(path) from error

    def _answer(
        self, response: urllib3.BaseHTTPResponse, path: str, max_bytes: int, *, conditional: bool
    ) -> Fetched | NotModified:
        if response.status == 304 and conditional:  # else it is no answer to what was asked
            return NotModified(told_at(response.headers))
        if response.status in (403, 404, 410):
            response.drain_conn()
            raise missing(path)
        if response.status != 200:
            response.close()
            raise unusable(path, response.status)
        body = self._body(response, path, max_bytes)
        return Fetched(body, response.headers.get("ETag"), told_at(response.headers))

    def _body(self, response: urllib3.BaseHTTPResponse, path: str, max_bytes: int) -> bytes:
        until = self._monotonic() + TOTAL_S
        body = bytearray()
        while chunk := response.read1(CHUNK_BYTES):
            body += chunk
            if len(body) > max_bytes:
                response.close()
                raise too_large(path, max_bytes)
            if self._monotonic() > until:
                response.close()
                raise no_answer(path)
        return bytes(body)

    def _connected(self) -> urllib3.PoolManager:
        if self._pool is None:
            self._pool = _pool_for(self._base_url)
        return self._pool

    def doubt(self) -> None:
        """There is no other place."""

    def reset(self) -> None:
        """Forget the pool; its sockets stay the parent's."""
        self._pool = None

    def close(self) -> None:
        """Close idle connections."""
        if self._pool is not None:
            self._pool.clear()
            self._pool = None


def _pool_for(url: str) -> urllib3.PoolManager:
    from urllib.request import getproxies, proxy_bypass

    import urllib3

    options: dict[str, Any] = {
        "retries": False,
        "timeout": urllib3.Timeout(connect=CONNECT_S, read=READ_S),
        "maxsize": 1,
    }
    parts = urllib3.util.parse_url(url)
    proxy = getproxies().get(parts.scheme or "")
    if proxy and not proxy_bypass(parts.host or ""):
        return urllib3.ProxyManager(proxy, **options)
    return urllib3.PoolManager(**options)
