"""One way to turn a value into bytes and bytes into a name.

Every digest in Promptyard, in CI as in production, comes from here; a second way would be a second truth.
It must never accept what JSON cannot say (NaN, infinities, keys that are not strings).
"""

from __future__ import annotations

import hashlib
import json

from serve.core.model import Json


def canonical(value: Json) -> bytes:
    """The canonical JSON of a value: sorted keys, no white space, UTF-8.

    Equal values give equal bytes on every machine. The order of keys is by code point; numbers are
    written as Python writes them (shortest form that reads back), which differs from RFC 8785 for
    some floats, so digests of foreign implementations must take the bytes from the bundle.

    Raises:
        ValueError: for NaN and infinities.
    """
    return json.dumps(
        value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False
    ).encode()


def sha256(data: bytes) -> str:
    """The SHA-256 of some bytes, as 64 lower-case hexadecimal digits (FIPS 180-4)."""
    return hashlib.sha256(data).hexdigest()


def digest(value: Json) -> str:
    """The SHA-256 of the canonical JSON of a value."""
    return sha256(canonical(value))


class ListDigest:
    """What :func:`digest` says of a list, taken item by item: a long one keeps nobody waiting."""

    def __init__(self) -> None:
        self._hash = hashlib.sha256(b"[")
        self._between = b""

    def add(self, item: Json) -> None:
        """The next item."""
        self._hash.update(self._between + canonical(item))
        self._between = b","

    def hex(self) -> str:
        """The digest of all items so far."""
        done = self._hash.copy()
        done.update(b"]")
        return done.hexdigest()
