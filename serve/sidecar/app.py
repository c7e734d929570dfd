"""The web server around the handlers: routes, the body limit, the socket.

One process and one event loop: a render takes microseconds, so more of either would only share less.
It must never decide what an answer says.
"""

from __future__ import annotations

import signal
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from serve.client import Client
from serve.core.errors import MissingExtra, Unavailable, Usage
from serve.sidecar import handlers
from serve.sidecar.handlers import JSON_TYPE, Answer

if TYPE_CHECKING:
    from starlette.applications import Starlette
    from starlette.requests import Request
    from starlette.responses import Response

DEFAULT_HOST = "127.0.0.1"
DEFAULT_PORT = 8700
MAX_BODY_BYTES = 1 << 20


def build_app(client: Client, *, max_body_bytes: int = MAX_BODY_BYTES) -> Starlette:
    """The ASGI application over a client; the client stays its owner's to close.

    Raises:
        MissingExtra: ENV001 without the sidecar extra.
    """
    try:
        from starlette.applications import Starlette
        from starlette.routing import Route
    except ModuleNotFoundError as error:
        raise MissingExtra("the sidecar", "sidecar") from error

    async def render(request: Request) -> Response:
        body = await _body(request, max_body_bytes)
        if isinstance(body, Answer):
            return _response(body)
        return _response(handlers.render(client, request.path_params["prompt"], body))

    async def prompts(request: Request) -> Response:
        return _response(handlers.prompts(client, request.headers.get("if-none-match")))

    async def prompt(request: Request) -> Response:
        etag = request.headers.get("if-none-match")
        return _response(handlers.prompt(client, request.path_params["prompt"], etag))

    async def health(_: Request) -> Response:
        return _response(handlers.health())

    async def ready(_: Request) -> Response:
        return _response(handlers.ready(client))

    async def metrics(_: Request) -> Response:
        return _response(handlers.metrics(client))

    return Starlette(
        routes=[
            Route("/v1/render/{prompt:path}", render, methods=["POST"]),
            Route("/v1/prompts", prompts),
            Route("/v1/prompts/{prompt:path}", prompt),
            Route("/healthz", health),
            Route("/readyz", ready),
            Route("/metrics", metrics),
        ]
    )


def run(
    client: Client,
    *,
    host: str = DEFAULT_HOST,
    port: int = DEFAULT_PORT,
    on_listening: Callable[[str, int], None] | None = None,
) -> None:
    """Serve until SIGINT or SIGTERM. ``on_listening`` gets host and port once connections are taken in.

    Raises:
        MissingExtra: ENV001 without the sidecar extra.
        Unavailable: HTP005 when the address is in use or not this host's.
    """
    app = build_app(client)
    try:
        import httptools  # noqa: F401 - uvicorn takes it by name; asked for here so that a lack is told in time
        import uvicorn
        import uvloop  # noqa: F401 - as httptools
    except ModuleNotFoundError as error:
        raise MissingExtra("the sidecar", "sidecar") from error
    listener = _listen(host, port)
    if on_listening is not None:
        on_listening(host, listener.getsockname()[1])
    config = uvicorn.Config(
        app, loop="uvloop", http="httptools", ws="none", lifespan="off", access_log=False, log_level="warning"
    )
    with listener, _ended_by_signals():
        uvicorn.Server(config).run(sockets=[listener])


@contextmanager
def _ended_by_signals() -> Iterator[None]:
    """Let the caller go on after SIGINT or SIGTERM, which uvicorn raises anew once it has shut down."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = {name: signal.signal(name, lambda *_: None) for name in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for name, handler in before.items():
            signal.signal(name, handler)


def _listen(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((host, port))
        listener.listen(2048)
    except OSError as error:
        listener.close()
        what = f"cannot listen on {host} port {port} ({error.strerror or type(error).__name__})"
        raise Unavailable("HTP005", what, "Choose another port, or stop what uses it.") from error
    return listener


async def _body(request: Request, max_bytes: int) -> bytes | Answer:
    """The body, or the answer that refuses it. Only JSON: no web page can send that unasked."""
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != JSON_TYPE:
        refusal = Usage("HTP003", f"the body's type is not {JSON_TYPE}", f"Send Content-Type: {JSON_TYPE}.")
        return handlers.problem(refusal, 415)
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > max_bytes:
            refusal = Usage("HTP004", f"the body is larger than {max_bytes} bytes", "Send less context.")
            return handlers.problem(refusal, 413)
    return bytes(body)


def _response(answer: Answer) -> Response:
    from starlette.responses import Response

    return Response(answer.body, answer.status, dict(answer.headers), answer.media_type)
