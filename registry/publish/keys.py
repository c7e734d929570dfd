"""Signing keys by URI: Ed25519 files for small teams, securesystemslib's schemes for the rest.

A key is made once, readable by its owner alone, and found again by the URI in ``promptyard.yaml``.
It must never print, log or return private bytes, nor overwrite a key.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from securesystemslib.exceptions import Error as SigningError
from securesystemslib.signer import CryptoSigner, Key, Signer

from registry.errors import Usage

_FILE = "file:"


def create(uri: str, root: Path = Path()) -> Key:
    """The public half of a file key; the key is made when the file does not exist yet (mode 0600).

    A relative path is relative to ``root``.

    Raises:
        Usage: KEY001 for a URI that names no file, KEY002 for a file that is no private key.
    """
    path = _path(uri, root)
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        _write_private(path, CryptoSigner(Ed25519PrivateKey.generate()).private_bytes)
    return _load(path, uri).public_key


def load(uri: str, trusted: Iterable[Key], root: Path = Path()) -> Signer:
    """The signer at a URI, which must be one of the trusted public keys.

    Raises:
        Usage: KEY001 no such key, KEY002 not a private key, KEY003 a key that the root does not trust.
    """
    if uri.startswith(_FILE):
        signer = _load(_path(uri, root), uri)
        for key in trusted:
            if key.to_dict() == signer.public_key.to_dict():
                return _under_name(signer, key)
        raise _untrusted(uri)
    for key in trusted:
        try:
            return Signer.from_priv_key_uri(uri, key)
        except (SigningError, ValueError, OSError):
            continue
    raise _untrusted(uri)


def _path(uri: str, root: Path) -> Path:
    if not uri.startswith(_FILE):
        raise Usage(
            "KEY001",
            f"{uri} is not a file key",
            "Make it with your key service; put file:PATH here for a file key.",
        )
    return root / uri.removeprefix(_FILE)


def _load(path: Path, uri: str) -> CryptoSigner:
    try:
        return CryptoSigner(load_pem_private_key(path.read_bytes(), None))
    except OSError as error:
        raise Usage(
            "KEY001",
            f"the signing key {uri} cannot be read ({error.strerror})",
            "Run promptyard init for a new channel, or bring the key from where it is kept.",
        ) from error
    except (ValueError, TypeError, SigningError) as error:
        raise Usage(
            "KEY002", f"{uri} is not a private key in PEM form", "Restore the file from its backup."
        ) from error


def _write_private(path: Path, pem: bytes) -> None:
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(pem)
            file.flush()
            os.fsync(file.fileno())
        os.link(temporary, path)
    except FileExistsError:
        return  # another process made the key first; its key is the one
    finally:
        temporary.unlink(missing_ok=True)


def _under_name(signer: CryptoSigner, key: Key) -> Signer:
    """The same signer under the key id that the root gives it."""
    signer.public_key.keyid = key.keyid
    return signer


def _untrusted(uri: str) -> Usage:
    return Usage(
        "KEY003",
        f"the key {uri} is not one that the channel's root trusts",
        "Check the channel's keys and its root file in promptyard.yaml.",
    )
