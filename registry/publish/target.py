"""What publishing needs of a store, and the names of everything in it.

A folder and an S3 bucket keep the same three promises: create once, replace only what was read, read back.
It must never offer a plain overwrite: every write says what it expects to find.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from registry.errors import PublishConflict, Usage

STORE = "store.json"
_CHANNEL = re.compile(r"[a-z0-9][a-z0-9._-]{0,62}")


class Conflict(PublishConflict):
    """A key holds something else than this writer expected."""

    def __init__(self, key: str) -> None:
        super().__init__(
            "PUB001", f"{key} was written by somebody else", "Look at promptyard history, then publish again."
        )


@dataclass(frozen=True, slots=True)
class Stored:
    """The bytes of a key, and the tag that names this very state of it."""

    data: bytes
    etag: str


class Target(Protocol):
    """A store that can be written to. Every method raises StoreUnavailable when it cannot be reached."""

    def read(self, key: str) -> Stored | None:
        """What a key holds now, or None."""
        ...

    def peek(self, key: str, most_bytes: int) -> bytes | None:
        """The first bytes of a key that others than publishers may write, or None; never waits for a strange file."""
        ...

    def unchanged(self, key: str, etag: str) -> bool:
        """True when a conditional read says that the key still has this tag."""
        ...

    def put_once(self, key: str, data: bytes, *, immutable: bool = True) -> None:
        """Create a key. Equal bytes already there count as success; raises Conflict for others."""
        ...

    def replace_if(self, key: str, data: bytes, etag: str | None) -> None:
        """Replace a key that still has the tag (None: that does not exist yet); raises Conflict otherwise."""
        ...

    def remove(self, key: str) -> None:
        """Remove a key; one that does not exist is fine."""
        ...

    def list(self, prefix: str) -> tuple[str, ...]:
        """Sorted keys directly below a prefix that ends in a slash; folders end in a slash themselves."""
        ...

    def traits(self) -> Mapping[str, str]:
        """What was learned of this store's habits and is worth remembering in ``store.json``."""
        ...

    def recall(self, traits: Mapping[str, str]) -> None:
        """Take over what an earlier publisher learned."""
        ...


def is_channel(name: str) -> bool:
    """True for a name that a channel may have."""
    return _CHANNEL.fullmatch(name) is not None


def metadata_key(channel: str, role: str, version: int | None = None) -> str:
    """Where a metadata document of a channel lives; only the timestamp has no version.

    Raises:
        Usage: PUB010 for a channel name that could leave its prefix.
    """
    if not is_channel(channel):
        raise Usage(
            "PUB010",
            f"the channel name {channel!r} cannot be a path",
            "Use lower-case letters, digits and dashes.",
        )
    name = role if version is None else f"{version}.{role}"
    return f"channels/{channel}/metadata/{name}.json"


def object_key(sha256: str) -> str:
    """Where the bytes with this SHA-256 live, for all channels."""
    return f"objects/sha256/{sha256}"
