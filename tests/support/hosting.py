"""A Git host on loopback: the parts of GitHub's and GitLab's interfaces that the workflows ask.

It must never answer a request that carries no token.
"""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit


class Host:
    """What the host knows and was told. ``comments`` are those of every pull request together."""

    def __init__(self) -> None:
        self.url = ""
        self.comments: list[dict[str, Any]] = []
        self.reviews: dict[int, list[dict[str, Any]]] = {}
        self.pulls: dict[str, list[dict[str, Any]]] = {}
        self.approvals: dict[int, list[str]] = {}
        self.asked: list[str] = []

    def answer(self, method: str, path: str, body: Any) -> tuple[int, Any]:
        """Status and JSON for a request."""
        parts, query = urlsplit(path).path, parse_qs(urlsplit(path).query)
        self.asked.append(f"{method} {parts}")
        if parts == "/token":
            return 200, {"value": f"identity-for-{query['audience'][0]}"}
        if found := re.search(r"/issues/(\d+)/comments$", parts):
            return self._comments(method, int(query.get("page", ["1"])[0]), found[1], body)
        if found := re.search(r"/issues/comments/(\d+)$", parts):
            comment = next(it for it in self.comments if it["id"] == int(found[1]))
            comment["body"] = body["body"]
            return 200, comment
        if found := re.search(r"/commits/(\w+)/(?:pulls|merge_requests)$", parts):
            return 200, self.pulls.get(found[1], [])
        if found := re.search(r"/pulls/(\d+)/reviews$", parts):
            return 200, self.reviews.get(int(found[1]), [])
        if found := re.search(r"/merge_requests/(\d+)/approvals$", parts):
            return 200, {"approved_by": [{"user": {"username": it}} for it in self.approvals[int(found[1])]]}
        if found := re.search(r"/merge_requests/(\d+)/notes(?:/(\d+))?$", parts):
            return self._notes(method, found[2], body)
        return 404, {"message": "Not Found"}

    def _comments(self, method: str, page: int, number: str, body: Any) -> tuple[int, Any]:
        if method == "GET":
            return 200, self.comments[(page - 1) * 100 : page * 100]
        made = {
            "id": 1000 + len(self.comments), "user": {"type": "Bot"}, "body": body["body"],
            "html_url": f"https://github.invalid/{number}",
        }  # fmt: skip
        self.comments.append(made)
        return 201, made

    def _notes(self, method: str, note: str | None, body: Any) -> tuple[int, Any]:
        if method == "GET":
            return 200, self.comments
        if method == "PUT" and note:
            next(it for it in self.comments if it["id"] == int(note))["body"] = body["body"]
            return 200, {}
        self.comments.append({"id": 2000 + len(self.comments), "body": body["body"]})
        return 201, {}


@contextmanager
def hosting() -> Iterator[Host]:
    """A host that listens on a free port."""
    host = Host()

    class Handler(BaseHTTPRequestHandler):
        def _do(self) -> None:
            size = int(self.headers.get("Content-Length") or 0)
            body = json.loads(self.rfile.read(size)) if size else None
            known = self.headers.get("Authorization") or self.headers.get("PRIVATE-TOKEN")
            status, told = host.answer(self.command, self.path, body) if known else (401, {})
            data = json.dumps(told).encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        do_GET = do_POST = do_PATCH = do_PUT = _do  # noqa: N815  # the server's names

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
    host.url = f"http://127.0.0.1:{server.server_address[1]}"
    try:
        yield host
    finally:
        server.shutdown()
        server.server_close()
