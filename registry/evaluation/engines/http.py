"""One POST over HTTPS, whole or not at all: the door to every provider that is called without an SDK.

The key travels in a header of this one request and nowhere else.
It must never follow a redirect (the key would go along), retry by itself, or read without a bound in bytes and
seconds.
"""

from __future__ import annotations

import contextlib
import json
import socket
import threading
import time
import weakref
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

from registry.evaluation.engines.endpoints import is_loopback
from registry.evaluation.engines.provider import Fault
from serve.core.model import Json

if TYPE_CHECKING:
    import urllib3

MAX_BYTES = 32 * 1024 * 1024
CONNECT_S = 10.0
_CHUNK_BYTES = 64 * 1024
_HEADERS = {"Content-Type": "application/json", "Accept": "application/json", "User-Agent": "promptyard"}


@dataclass(frozen=True, slots=True)
class Reply:
    """What came back: status, headers by lower-case name, the whole body."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    def json(self) -> Json:
        """The body as JSON, None when it is none."""
        try:
            return json.loads(self.body)
        except (ValueError, RecursionError):
            return None


class Http:
    """Connections to one place, used by several threads.

    Args:
        who: the engine's name, for messages.
        timeout_s: for one request, whole.
        connections: how many stay open.
    """

    def __init__(
        self,
        who: str,
        timeout_s: float,
        connections: int,
        *,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._who = who
        self._timeout_s = timeout_s
        self._connections = connections
        self._monotonic = monotonic
        self._pool: urllib3.PoolManager | None = None
        self._known = _Connections()
        self._lock = threading.Lock()

    def post(self, url: str, body: bytes, headers: Mapping[str, str]) -> Reply:
        """The reply to one request.

        Raises:
            Fault: ENG022 when no whole reply came, or it would lead elsewhere.
        """
        import urllib3

        pool = self._pool_to(url)
        until = self._monotonic() + self._timeout_s
        sent = {**_HEADERS, **headers}
        try:
            response = pool.request(
                "POST", url, body=body, headers=sent, preload_content=False, redirect=False
            )
        except (urllib3.exceptions.NewConnectionError, urllib3.exceptions.ConnectTimeoutError) as error:
            raise self._gone("no connection", billed=False) from error
        except urllib3.exceptions.SSLError as error:
            raise self._gone("no trusted TLS connection", billed=False) from error
        except (urllib3.exceptions.HTTPError, OSError, ValueError) as error:
            raise self._gone(_why(error), billed=True) from error
        return self._reply(response, until)

    def close(self) -> None:
        """Cut every connection, so that a thread that waits for an answer goes on at once."""
        with self._lock:
            self._known.cut()
            pool, self._pool = self._pool, None
        if pool is not None:
            pool.clear()

    def _pool_to(self, url: str) -> urllib3.PoolManager:
        with self._lock:
            if self._known.closed:
                raise self._gone("it was closed", billed=False)
            if self._pool is None:
                self._pool = _pool_for(url, self._timeout_s, self._connections, self._known)
            return self._pool

    def _reply(self, response: urllib3.BaseHTTPResponse, until: float) -> Reply:
        import urllib3

        try:
            body = self._body(response, until)
        except (urllib3.exceptions.HTTPError, OSError, ValueError) as error:
            raise self._gone(_why(error), billed=response.status < 400) from error
        finally:
            response.release_conn()
        if 300 <= response.status < 400:
            what = f"{self._who} answered with a redirect, which is not followed"
            raise Fault("ENG022", what, "Name the endpoint that answers itself.", fatal=True)
        return Reply(response.status, {k.lower(): v for k, v in response.headers.items()}, body)

    def _body(self, response: urllib3.BaseHTTPResponse, until: float) -> bytes:
        body = bytearray()
        while chunk := response.read1(_CHUNK_BYTES):
            body += chunk
            if len(body) > MAX_BYTES:
                response.close()
                raise ValueError(f"more than {MAX_BYTES} bytes")
            if self._monotonic() > until:
                response.close()
                raise ValueError(f"not whole after {self._timeout_s:g} s")
        return bytes(body)

    def _gone(self, why: str, *, billed: bool) -> Fault:
        what = f"{self._who} gave no whole answer ({why})"
        advice = "Check the network and the endpoint; timeoutSeconds in promptyard.yaml gives more time."
        return Fault("ENG022", what, advice, again=True, billed=billed)


class _Connections:
    """The connections to a place, known one by one because urllib3 cannot cut one that is in use."""

    def __init__(self) -> None:
        self._open: weakref.WeakSet[Any] = weakref.WeakSet()
        self.closed = False

    def cut(self) -> None:
        """End all of them, and those that are just being made."""
        self.closed = True
        for connection in list(self._open):
            held = getattr(connection, "sock", None)
            if held is not None:
                with contextlib.suppress(OSError):
                    held.shutdown(socket.SHUT_RDWR)

    def tracked(self, pool_class: Any) -> Any:
        """A pool whose connections are known here."""
        held = self

        def connect(connection: Any) -> None:
            held._open.add(connection)
            pool_class.ConnectionCls.connect(connection)
            if held.closed:
                connection.close()
                raise ConnectionAbortedError("closed")

        tracked = type("Tracked", (pool_class.ConnectionCls,), {"connect": connect})
        return type("TrackedPool", (pool_class,), {"ConnectionCls": tracked})


def _pool_for(url: str, timeout_s: float, connections: int, known: _Connections) -> urllib3.PoolManager:
    from urllib.request import getproxies, proxy_bypass

    import urllib3

    options: dict[str, Any] = {
        "retries": False,
        "timeout": urllib3.Timeout(connect=min(CONNECT_S, timeout_s), read=timeout_s),
        "maxsize": connections,
    }
    parts = urllib3.util.parse_url(url)
    host = (parts.host or "").strip("[]")
    proxy = None if is_loopback(host) or proxy_bypass(host) else getproxies().get(parts.scheme or "")
    pool = _through(proxy, options) if proxy else urllib3.PoolManager(**options)
    pool.pool_classes_by_scheme = {
        "http": known.tracked(urllib3.HTTPConnectionPool),
        "https": known.tracked(urllib3.HTTPSConnectionPool),
    }
    return pool


def _through(proxy: str, options: dict[str, Any]) -> urllib3.ProxyManager:
    import urllib3

    auth = urllib3.util.parse_url(proxy).auth
    headers = urllib3.make_headers(proxy_basic_auth=unquote(auth)) if auth else None
    return urllib3.ProxyManager(proxy, proxy_headers=headers, **options)


def _why(error: Exception) -> str:
    """A fault of the network in words; a library's own text may quote what was sent."""
    import urllib3

    if isinstance(error, urllib3.exceptions.TimeoutError):
        return "it took too long"
    if isinstance(error, ValueError) and not isinstance(error, urllib3.exceptions.HTTPError):
        return str(error)
    return "the connection ended early"
