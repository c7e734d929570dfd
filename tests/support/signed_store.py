"""A signed store in a folder that a test can publish to, break and rewind.

Smaller than the publisher and free of its promises: a test may sign lies, late, or with another key.
"""

from __future__ import annotations

import shutil
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from securesystemslib.signer import CryptoSigner

from registry.publish import metadata
from registry.publish.moves import Move
from serve.core.bundle import pack
from serve.core.digest import sha256
from serve.core.model import Bundle

CHANNEL = "production"


@dataclass
class SignedStore:
    """A store in a folder, with its keys; every publish makes one more version of the metadata."""

    folder: Path
    version: int = 0
    signer: CryptoSigner = field(default_factory=CryptoSigner.generate_ed25519)
    online: CryptoSigner = field(default_factory=CryptoSigner.generate_ed25519)
    move: Move | None = None

    def __post_init__(self) -> None:
        self.metadata = self.folder / f"channels/{CHANNEL}/metadata"
        self.metadata.mkdir(parents=True)
        (self.folder / "objects/sha256").mkdir(parents=True)
        now = datetime.now(UTC)
        self.root = metadata.first_root(self.signer, self.signer.public_key, self.online.public_key, now)
        (self.metadata / "1.root.json").write_bytes(self.root)
        (self.folder / "trusted.json").write_bytes(self.root)

    @property
    def url(self) -> str:
        return f"file:{self.folder}"

    def object(self) -> Path:
        assert self.move is not None
        return self.folder / "objects/sha256" / self.move.sha256

    def publish(self, what: Bundle, *, signed_as: int | None = None, now: datetime | None = None) -> str:
        """Make a bundle live; ``signed_as`` lies about its number, ``now`` is when it was signed."""
        data = pack(what)
        number = what.manifest.release if signed_as is None else signed_as
        self.move = Move(number, sha256(data), len(data), "c", "d", "publish", "test", "", "")
        self.object().write_bytes(data)
        self.sign(now)
        return self.move.sha256

    def sign(self, now: datetime | None = None) -> None:
        """Sign what is live anew, under the next version."""
        assert self.move is not None
        self.version += 1
        n, at = self.version, now or datetime.now(UTC)
        move = Move(**{name: getattr(self.move, name) for name in Move.__slots__} | {"version": n})
        targets = metadata.targets(move, self.signer, at)
        snapshot = metadata.snapshot(n, n, targets, self.online, at)
        (self.metadata / f"{n}.targets.json").write_bytes(targets)
        (self.metadata / f"{n}.snapshot.json").write_bytes(snapshot)
        fresh = self.metadata / "timestamp.new"
        fresh.write_bytes(metadata.timestamp(n, n, snapshot, self.online, at))
        fresh.replace(self.timestamp)

    @property
    def timestamp(self) -> Path:
        return self.metadata / "timestamp.json"

    def leave(self) -> None:
        """The store goes away."""
        self.folder.rename(self.folder.with_suffix(".away"))

    def come_back(self) -> None:
        """And comes back."""
        self.folder.with_suffix(".away").rename(self.folder)

    def forget(self, path: Path) -> None:
        """Wipe a cache folder."""
        shutil.rmtree(path)
