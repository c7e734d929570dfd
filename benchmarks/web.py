"""A web server over a folder that gives tags, honours them, and counts what it was asked and what it sent."""

from __future__ import annotations

import hashlib
import http.server
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path


@dataclass
class Counts:
    """Where it is, and what was asked of it so far."""

    url: str
    requests: int = 0
    body_bytes: int = 0


@contextmanager
def web(folder: Path) -> Iterator[Counts]:
    """Serve ``folder`` on loopback; paths may have a first part for a bucket, which is dropped."""
    counts = Counts("")

    class Handler(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def do_GET(self) -> None:
            counts.requests += 1
            path = folder / "/".join(self.path.partition("?")[0].split("/")[2:])
            body = path.read_bytes() if path.is_file() else None
            tag = f'"{hashlib.sha256(body or b"").hexdigest()}"'
            status = 404 if body is None else 304 if self.headers["If-None-Match"] == tag else 200
            body = body if body is not None and status == 200 else b""
            counts.body_bytes += len(body)
            self.send_response(status)
            self.send_header("ETag", tag)
            if status != 304:
                self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    with on_loopback(Handler) as counts.url:
        yield counts


@contextmanager
def on_loopback(handler: type[http.server.BaseHTTPRequestHandler]) -> Iterator[str]:
    """A server with this handler, by its URL."""
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()
