"""A signed repository that tells any lie it is told to, behind a web server that keeps a list of requests.

Built on python-tuf alone and on nothing of ours but the packed bundles, so that it shares no mistake with the
publisher.
"""

from __future__ import annotations

import contextlib
import copy
import hashlib
import threading
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from securesystemslib.signer import CryptoSigner
from support.bundles import bundle
from tuf.api.metadata import Metadata, MetaFile, Root, Snapshot, TargetFile, Targets, Timestamp

from serve.core.bundle import pack

CHANNEL = "production"
BASE = f"/channels/{CHANNEL}/metadata/"
ROLES = ("timestamp", "snapshot", "targets")


@cache
def packed(release: int) -> bytes:
    return pack(bundle(release=release))


def days(number: float) -> datetime:
    return (datetime.now(UTC) + timedelta(days=number)).replace(microsecond=0)


class Repository:
    """Documents to be changed at will; ``put`` signs them as they are, ``release`` makes an honest new version.

    Attributes:
        signers: who signs a role, whatever the root says about it.
        hashes: whether documents pin each other by digest and length, too.
        files: what the server answers; a path in ``endless`` never ends.
        asked: the paths that were asked for, without the common part.
    """

    def __init__(self) -> None:
        self.signers: dict[str, list[CryptoSigner]] = {}
        self.root = Root(version=1, expires=days(365))
        for role in ("root", *ROLES):
            self.rotate(role)
        self.documents: dict[str, Any] = {
            "targets": Targets(1, expires=days(30)),
            "snapshot": Snapshot(1, expires=days(30)),
            "timestamp": Timestamp(1, expires=days(7)),
        }
        self.hashes = True
        self.files: dict[str, bytes] = {}
        self.endless: set[str] = set()
        self.redirects: dict[str, str] = {}
        self.asked: list[str] = []
        self.put_root()
        self.point(1)
        self.put()

    @property
    def targets(self) -> Targets:
        return self.documents["targets"]

    @property
    def snapshot(self) -> Snapshot:
        return self.documents["snapshot"]

    @property
    def timestamp(self) -> Timestamp:
        return self.documents["timestamp"]

    def rotate(self, role: str, count: int = 1, threshold: int = 1) -> None:
        """New keys for a role, in the root and in hand; the root is not published by that."""
        made = [CryptoSigner.generate_ed25519() for _ in range(count)]
        self.entrust(role, made, threshold)
        self.signers[role] = made

    def entrust(self, role: str, signers: Sequence[CryptoSigner], threshold: int = 1) -> None:
        """Say in the root whose role this is; who signs it is another matter."""
        for keyid in list(self.root.roles[role].keyids):
            self.root.revoke_key(keyid, role)
        for signer in signers:
            self.root.add_key(signer.public_key, role)
        self.root.roles[role].threshold = threshold

    def next_root(self, *also: CryptoSigner) -> None:
        """The next version, signed by the keys of the version before, too."""
        self.root.version += 1
        self.put_root(*also)

    def put_root(self, *also: CryptoSigner, at: int | None = None) -> None:
        self.files[f"{BASE}{at or self.root.version}.root.json"] = signed(
            self.root, [*self.signers["root"], *also]
        )

    def point(self, release: int) -> None:
        """Have ``stable`` mean a release."""
        data = packed(release)
        digest = hashlib.sha256(data).hexdigest()
        custom = {"release": release, "action": "publish"}
        self.targets.targets["stable"] = TargetFile(
            len(data), {"sha256": digest}, "stable", {"custom": custom}
        )
        self.files[f"/objects/sha256/{digest}"] = data

    def release(self, number: int) -> None:
        """An honest new version of everything."""
        self.point(number)
        self.bump(*ROLES)
        self.put()

    def bump(self, *roles: str) -> None:
        for role in roles:
            self.documents[role].version += 1

    def put(self, *roles: str) -> None:
        """Sign and serve these documents, all by default, each pinning the one below as it is now."""
        for role in ("targets", "snapshot", "timestamp"):
            if roles and role not in roles:
                continue
            if role == "snapshot":
                self.snapshot.meta["targets.json"] = self._pin("targets")
            if role == "timestamp":
                self.timestamp.snapshot_meta = self._pin("snapshot")
            self.serve(role, self.sign(role))

    def sign(self, role: str) -> bytes:
        return signed(self.documents[role], self.signers[role])

    def serve(self, role: str, data: bytes) -> None:
        self.files[self.path(role)] = data

    def path(self, role: str) -> str:
        version = "" if role == "timestamp" else f"{self.documents[role].version}."
        return f"{BASE}{version}{role}.json"

    @property
    def object(self) -> str:
        """The path of the live bundle."""
        return f"/objects/sha256/{self.targets.targets['stable'].hashes['sha256']}"

    @property
    def trusted(self) -> bytes:
        """Version 1 of the root."""
        return self.files[f"{BASE}1.root.json"]

    def copy(self) -> dict[str, bytes]:
        """Everything as it is served now, to be brought back later by a store that turned hostile."""
        return dict(self.files)

    def _pin(self, role: str) -> MetaFile:
        if not self.hashes:
            return MetaFile(self.documents[role].version)
        return MetaFile.from_data(self.documents[role].version, self.sign(role), ["sha256"])


def signed(document: Any, signers: Sequence[CryptoSigner]) -> bytes:
    metadata = Metadata(copy.deepcopy(document))
    for signer in signers:
        metadata.sign(signer, append=True)
    return metadata.to_bytes()


class Server(ThreadingHTTPServer):
    """The web server; ``repository`` is what it serves now."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.repository = Repository()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"


class _Handler(BaseHTTPRequestHandler):
    server: Server
    protocol_version = "HTTP/1.1"
    wbufsize = -1
    disable_nagle_algorithm = True

    def do_GET(self) -> None:
        repository = self.server.repository
        repository.asked.append(self.path.removeprefix(BASE))
        if self.path in repository.redirects:
            self._head(302, 0, Location=repository.redirects[self.path])
        elif self.path in repository.endless:
            self._head(200, None)
            self._pour()
        elif self.path not in repository.files:
            self._head(404, 0)
        else:
            self._send(repository.files[self.path])

    def _send(self, data: bytes) -> None:
        etag = f'"{hashlib.sha256(data).hexdigest()[:16]}"'
        if self.headers.get("If-None-Match") == etag:
            self._head(304, 0, ETag=etag)
            return
        self._head(200, len(data), ETag=etag)
        self.wfile.write(data)

    def _head(self, status: int, length: int | None, **headers: str) -> None:
        self.send_response(status)
        if length is None:
            self.send_header("Connection", "close")
        else:
            self.send_header("Content-Length", str(length))
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()

    def _pour(self) -> None:
        self.close_connection = True
        with contextlib.suppress(OSError):
            while True:
                self.wfile.write(b" " * 65_536)

    def log_message(self, *_: Any) -> None:
        pass


@contextlib.contextmanager
def serving() -> Iterator[Server]:
    server = Server()
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
