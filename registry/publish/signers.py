"""Keys that never leave their service: KMS, vaults and tokens, by securesystemslib's signer URIs.

    awskms:KEY-ID-OR-ARN-OR-ALIAS                                 ECDSA P-256
    gcpkms:projects/P/locations/L/keyRings/R/cryptoKeys/K/cryptoKeyVersions/V
    azurekms://NAME.vault.azure.net/keys/KEY/VERSION              ECDSA P-256
    hsm:2?label=TOKEN                                             PKCS#11; PYKCS11LIB names the driver
    vault:KEY/VERSION                                             HashiCorp Vault, transit engine, Ed25519

A service's own library is needed only by those who use the service, so it is asked for at the first use.
It must never ask for a private key, nor put a PIN anywhere but into the call that needs it.

Source: securesystemslib 1.x, signer API; credentials are each service's own (environment, profile, role).
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import Any
from urllib.parse import parse_qs, urlsplit

from securesystemslib.exceptions import UnsupportedLibraryError
from securesystemslib.signer import SIGNER_FOR_URI_SCHEME, Key, Signer

from registry.errors import MissingExtra, Unavailable, Usage

PIN = "PROMPTYARD_KEY_PIN"
_ALIASES = {"vault": "hv"}  # the name that people know it by, and securesystemslib's
_EXTRAS = {"awskms": "awskms", "azurekms": "azurekms", "gcpkms": "gcpkms", "hsm": "hsm", "hv": "vault"}


class MissingSigner(MissingExtra):
    """The library of a key service is not installed."""

    def __init__(self, uri: str, extra: str) -> None:
        Unavailable.__init__(
            self,
            "KEY005",
            f"signing with {uri} needs a library that is not installed",
            f"Install it: pip install 'securesystemslib[{extra}]'",
        )


def known(uri: str) -> bool:
    """Whether a URI's scheme is one that securesystemslib can sign with."""
    return _scheme(uri) in SIGNER_FOR_URI_SCHEME


def open_signer(uri: str, trusted: Sequence[Key]) -> Signer | None:
    """The signer at a URI under the trusted key that is its own; None when none of them is.

    With several keys to choose from, the service is asked for its public half first.

    Raises:
        MissingSigner: KEY005. Unavailable: KEY006 when the service does not answer or refuses.
        Usage: KEY008 when it wants a PIN and none is given.
    """
    candidates = trusted
    if len(trusted) > 1 and _scheme(uri) in _EXTRAS:
        own = public(uri)[1]
        candidates = [key for key in trusted if same(key, own)]
    for key in candidates:
        try:
            return Signer.from_priv_key_uri(_native(uri), key, pin)
        except UnsupportedLibraryError as error:
            raise _missing(uri) from error
        except (ValueError, FileNotFoundError):
            continue  # a URI that does not fit this key
        except Usage:
            raise
        except Exception as error:
            raise _silent(uri, error) from error
    return None


def public(uri: str) -> tuple[str, Key]:
    """The full URI and the public half of a key that a service holds, as the service tells it.

    Raises:
        Usage: KEY001 for a scheme that no service stands behind, KEY008 without the PIN that is wanted.
        MissingSigner: KEY005. Unavailable: KEY006 when the service does not answer or refuses.
    """
    scheme = _scheme(uri)
    try:
        signer: Any = SIGNER_FOR_URI_SCHEME[scheme] if scheme in _EXTRAS else None
        address = _address(scheme, uri)
    except (ValueError, IndexError):
        signer = None
    if signer is None:
        what = f"{uri} does not name a key that can be asked for its public half"
        raise Usage(
            "KEY001", what, "Write file:PATH, pub:PATH, or a key service's URI as docs/keys.md shows."
        )
    try:
        full, key = signer.import_(*address)
    except UnsupportedLibraryError as error:
        raise _missing(uri) from error
    except Usage:
        raise
    except Exception as error:
        raise _silent(uri, error) from error
    return _known_as(full), key


def same(one: Key, other: Key) -> bool:
    """Whether two keys are one, whatever each root calls it and notes about it."""
    return (one.keytype, one.scheme, one.keyval) == (other.keytype, other.scheme, other.keyval)


def pin(what: str) -> str:
    """The PIN or passphrase from the environment; raises Usage (KEY008) when there is none."""
    given = os.environ.get(PIN)
    if given is None:
        raise Usage("KEY008", f"the key wants its {what}", f"Set {PIN} for this one call.")
    return given


def _scheme(uri: str) -> str:
    scheme = uri.partition(":")[0]
    return _ALIASES.get(scheme, scheme)


def _native(uri: str) -> str:
    return f"{_scheme(uri)}:{uri.partition(':')[2]}"


def _known_as(uri: str) -> str:
    names = {native: name for name, native in _ALIASES.items()}
    scheme, _, rest = uri.partition(":")
    return f"{names.get(scheme, scheme)}:{rest}"


def _address(scheme: str, uri: str) -> tuple[Any, ...]:
    """What ``import_`` of a scheme's signer takes."""
    rest = uri.partition(":")[2]
    if scheme == "azurekms":
        parts = urlsplit(uri)
        return parts.netloc.partition(".")[0], parts.path.split("/")[2]
    if scheme == "hsm":
        number, _, query = rest.partition("?")
        return int(number) if number else None, parse_qs(query).get("label", [None])[0], pin
    return (rest.partition("/")[0] if scheme == "hv" else rest,)


def _missing(uri: str) -> MissingSigner:
    return MissingSigner(uri, _EXTRAS.get(_scheme(uri), "crypto"))


def _silent(uri: str, error: Exception) -> Unavailable:
    """A service's own words may hold addresses and account numbers, so only the kind of failure is told."""
    return Unavailable(
        "KEY006",
        f"the key service behind {uri} does not answer as it should ({type(error).__name__})",
        "Check the key's name, the credentials, the region and the permission to sign.",
    )
