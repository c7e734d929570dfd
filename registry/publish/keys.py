"""Signing keys by URI: Ed25519 files for small teams, key services for the rest.

A key is made once, readable by its owner alone, and found again by the URI in ``promptyard.yaml``. ``pub:PATH``
is the public half of a key that lies with somebody else.
It must never print, log or return private bytes, nor overwrite a key, nor use one that others can read.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    PublicFormat,
    load_pem_private_key,
    load_pem_public_key,
)
from securesystemslib.exceptions import Error as SigningError
from securesystemslib.signer import CryptoSigner, Key, Signer, SSlibKey

from registry.errors import Usage
from registry.publish import signers

_FILE, _PUBLIC = "file:", "pub:"


def create(uri: str, root: Path = Path()) -> Key:
    """The public half of a file key; the key is made when the file does not exist yet (mode 0600).

    A relative path is relative to ``root``.

    Raises:
        Usage: KEY001 for a URI that names no file, KEY002 for a file that is no private key, KEY007 for one that
            others can read.
    """
    path = _path(uri, root)
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        _write_private(path, CryptoSigner(Ed25519PrivateKey.generate()).private_bytes)
    return _load(path, uri).public_key


def public(uri: str, root: Path = Path()) -> tuple[str, Key]:
    """The full URI and the public half of the key at a URI: a file, a public file, or a key service.

    A file key is made when it does not exist yet.

    Raises:
        Usage: KEY001 no such key, KEY002 not a key, KEY008 no PIN, KEY007 a file that others can read.
        MissingExtra: KEY005. Unavailable: KEY006.
    """
    if uri.startswith(_PUBLIC):
        return uri, _read_public(root / uri.removeprefix(_PUBLIC), uri)
    return (uri, create(uri, root)) if uri.startswith(_FILE) else signers.public(uri)


def load(uri: str, trusted: Iterable[Key], root: Path = Path()) -> Signer:
    """The signer at a URI, which must be one of the trusted public keys.

    Raises:
        Usage: KEY001 no such key, KEY002 not a private key, KEY003 a key that the root does not trust, KEY008
            no PIN for one that is locked, KEY007 a file that others can read.
        MissingExtra: KEY005. Unavailable: KEY006 when a key service does not answer.
    """
    if uri.startswith(_PUBLIC):
        raise Usage("KEY001", f"{uri} is the public half of a key", "Only its holder can sign with it.")
    keys = tuple(trusted)
    if uri.startswith(_FILE):
        signer = _load(_path(uri, root), uri)
        for key in keys:
            if signers.same(key, signer.public_key):
                return _under_name(signer, key)
        raise _untrusted(uri)
    found = signers.open_signer(uri, keys) if signers.known(uri) else None
    if found is None:
        raise _untrusted(uri)
    return found


def pem(key: Key) -> str:
    """A public key as others read it."""
    return str(key.keyval["public"]) if key.keytype != "ed25519" else _ed25519_pem(key.keyval["public"])


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
        data = path.read_bytes()
        shared = path.stat().st_mode & 0o077
    except OSError as error:
        raise Usage(
            "KEY001",
            f"the signing key {uri} cannot be read ({error.strerror})",
            "Run promptyard init for a new channel, or bring the key from where it is kept.",
        ) from error
    if shared:
        raise Usage("KEY007", f"other accounts can read the signing key {uri}", f"Run chmod 600 {path}.")
    try:
        return CryptoSigner(load_pem_private_key(data, _passphrase(data)))
    except (ValueError, TypeError, SigningError) as error:
        raise Usage(
            "KEY002",
            f"{uri} is not a private key in PEM form, or the passphrase is wrong",
            f"Restore the file from its backup, or set {signers.PIN}.",
        ) from error


def _passphrase(pem: bytes) -> bytes | None:
    return signers.pin("passphrase").encode() if b"ENCRYPTED" in pem else None


def _read_public(path: Path, uri: str) -> Key:
    try:
        return SSlibKey.from_crypto(load_pem_public_key(path.read_bytes()))
    except OSError as error:
        what = f"the public key {uri} cannot be read ({error.strerror})"
        raise Usage("KEY001", what, "Its holder makes it: promptyard keys public URI > FILE.") from error
    except (ValueError, TypeError, SigningError) as error:
        raise Usage("KEY002", f"{uri} is not a public key in PEM form", "Ask its holder for it.") from error


def _ed25519_pem(raw: str) -> str:
    """TUF writes such a key as bare hexadecimal digits."""
    key = Ed25519PublicKey.from_public_bytes(bytes.fromhex(raw))
    return key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()


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
