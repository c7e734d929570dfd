"""Key services by URI. No real service was asked: a stub stands in securesystemslib's table of schemes."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import ClassVar

import pytest
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key
from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, Encoding, PrivateFormat
from securesystemslib.exceptions import UnsupportedLibraryError
from securesystemslib.signer import SIGNER_FOR_URI_SCHEME, CryptoSigner, Key, Signature, Signer
from support.yards import Yard

from registry.errors import MissingExtra, Unavailable, Usage
from registry.publish import keys, metadata, signers
from registry.publish.channels import initialise, open_target


class Service(Signer):
    """A key service that holds P-256 keys by name and signs with whichever the URI says."""

    held: ClassVar[dict[str, CryptoSigner]] = {}
    asked: ClassVar[list[str]] = []

    def __init__(self, name: str, public_key: Key) -> None:
        self.name, self._public = name, public_key

    @property
    def public_key(self) -> Key:
        return self._public

    @classmethod
    def import_(cls, name: str, *_: object) -> tuple[str, Key]:
        cls.asked.append(name)
        return f"awskms:{name}", cls.held[name].public_key

    @classmethod
    def from_priv_key_uri(cls, uri: str, public_key: Key, secrets_handler: object = None) -> Service:
        return cls(uri.partition(":")[2], public_key)

    def sign(self, payload: bytes) -> Signature:
        return Signature(self.public_key.keyid, self.held[self.name].sign(payload).signature)


@pytest.fixture
def service(monkeypatch: pytest.MonkeyPatch) -> type[Service]:
    made = {name: CryptoSigner(generate_private_key(SECP256R1())) for name in ("alias/one", "alias/two")}
    monkeypatch.setattr(Service, "held", made)
    monkeypatch.setattr(Service, "asked", [])
    monkeypatch.setitem(SIGNER_FOR_URI_SCHEME, "awskms", Service)
    return Service


def test_a_service_tells_its_public_half_and_signs(service: type[Service]) -> None:
    uri, public = keys.public("awskms:alias/one")
    assert uri == "awskms:alias/one"
    signature = keys.load(uri, [public]).sign(b"bytes")
    public.verify_signature(signature, b"bytes")


def test_with_one_key_to_trust_the_service_is_not_asked_which_it_is(service: type[Service]) -> None:
    keys.load("awskms:alias/one", [service.held["alias/one"].public_key])
    assert service.asked == []


def test_among_several_the_signer_gets_the_key_that_is_its_own(service: type[Service]) -> None:
    trusted = [service.held[name].public_key for name in ("alias/one", "alias/two")]
    signature = keys.load("awskms:alias/two", trusted).sign(b"bytes")
    trusted[1].verify_signature(signature, b"bytes")
    assert signature.keyid == trusted[1].keyid


def test_a_service_that_signs_with_another_key_is_found_out_before_anything_is_written(
    service: type[Service],
) -> None:
    trusted = service.held["alias/one"].public_key
    signer = keys.load("awskms:alias/two", [trusted])
    with pytest.raises(Usage, match="KEY003"):
        metadata.snapshot(1, 1, b"{}", signer, datetime.now(UTC))


def test_a_service_that_does_not_answer_is_told_of_without_its_words(
    service: type[Service], monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(*_: object) -> None:
        raise ConnectionError("account 0000 at host.invalid")

    monkeypatch.setattr(service, "import_", fails)
    with pytest.raises(Unavailable, match=r"KEY006 .*ConnectionError") as caught:
        keys.public("awskms:alias/one")
    assert "0000" not in str(caught.value)


@pytest.mark.parametrize(
    ("uri", "extra"),
    [
        ("awskms:alias/one", "awskms"),
        ("gcpkms:projects/p/locations/l/keyRings/r/cryptoKeys/k/cryptoKeyVersions/1", "gcpkms"),
        ("azurekms://yard.vault.azure.net/keys/one/1", "azurekms"),
        ("hsm:2?label=yard", "hsm"),
        ("vault:one/1", "vault"),
    ],
)
def test_a_missing_library_is_named_with_what_to_install(
    uri: str, extra: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The real signers of securesystemslib, as they are where the library is not installed."""

    def absent(*_: object, **__: object) -> None:
        raise UnsupportedLibraryError("not here")

    signer = SIGNER_FOR_URI_SCHEME["hv" if extra == "vault" else extra]
    monkeypatch.setattr(signer, "__init__", absent)
    monkeypatch.setattr(signer, "import_", absent)
    wanted = rf"KEY005 .* pip install 'securesystemslib\[{extra}\]'"
    key = CryptoSigner(generate_private_key(SECP256R1())).public_key
    with pytest.raises(MissingExtra, match=wanted):
        keys.public(uri)
    with pytest.raises(MissingExtra, match=wanted):
        keys.load(uri, [key])


def test_each_address_is_taken_apart_as_its_service_wants_it(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[tuple[object, ...]] = []

    def heard(*words: object) -> tuple[str, Key]:
        asked.append(words)
        return "hv:one/7", CryptoSigner.generate_ed25519().public_key

    for scheme in ("azurekms", "hsm", "hv"):
        monkeypatch.setattr(SIGNER_FOR_URI_SCHEME[scheme], "import_", heard)
    signers.public("azurekms://yard.vault.azure.net/keys/one/1")
    signers.public("hsm:9?label=my%20token")
    assert signers.public("vault:one")[0] == "vault:one/7"
    assert asked[0] == ("yard", "one")
    assert asked[1][:2] == (9, "my token")
    assert asked[2] == ("one",)


def test_a_pin_comes_from_the_environment_or_is_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(signers.PIN, raising=False)
    with pytest.raises(Usage, match=r"KEY008 the key wants its user pin\. Set PROMPTYARD_KEY_PIN"):
        signers.pin("user pin")
    monkeypatch.setenv(signers.PIN, "1234")
    assert signers.pin("user pin") == "1234"


def test_a_locked_file_opens_with_its_passphrase(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    private = generate_private_key(SECP256R1())
    locked = private.private_bytes(
        Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(b"open, please")
    )
    path = tmp_path / "locked.pem"
    path.write_bytes(locked)
    path.chmod(0o600)
    public = CryptoSigner(private).public_key
    monkeypatch.delenv(signers.PIN, raising=False)
    with pytest.raises(Usage, match="KEY008"):
        keys.load("file:locked.pem", [public], tmp_path)
    monkeypatch.setenv(signers.PIN, "wrong")
    with pytest.raises(Usage, match="KEY002"):
        keys.load("file:locked.pem", [public], tmp_path)
    monkeypatch.setenv(signers.PIN, "open, please")
    public.verify_signature(keys.load("file:locked.pem", [public], tmp_path).sign(b"x"), b"x")


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o644, 0o660])
def test_a_key_that_others_can_read_is_refused(tmp_path: Path, mode: int) -> None:
    public = keys.create("file:k.pem", tmp_path)
    (tmp_path / "k.pem").chmod(mode)
    with pytest.raises(Usage, match=r"KEY007 other accounts can read the signing key file:k\.pem"):
        keys.load("file:k.pem", [public], tmp_path)


def test_a_public_file_is_the_same_key_and_signs_nothing(tmp_path: Path) -> None:
    public = keys.create("file:k.pem", tmp_path)
    (tmp_path / "k.pub").write_text(keys.pem(public))
    uri, read = keys.public("pub:k.pub", tmp_path)
    assert (uri, read.keyid) == ("pub:k.pub", public.keyid)
    with pytest.raises(Usage, match=r"KEY001 pub:k\.pub is the public half"):
        keys.load(uri, [public], tmp_path)
    (tmp_path / "k.pub").write_text("no key")
    with pytest.raises(Usage, match="KEY002"):
        keys.public("pub:k.pub", tmp_path)
    with pytest.raises(Usage, match="KEY001"):
        keys.public("pub:none.pub", tmp_path)


@pytest.mark.parametrize("uri", ["gnupg:somebody", "what", "azurekms://yard", "hsm:two"])
def test_a_uri_that_names_no_key_says_what_to_write(uri: str) -> None:
    with pytest.raises(Usage, match=r"KEY001 .*Write file:PATH, pub:PATH"):
        keys.public(uri)


def test_a_channel_can_begin_and_publish_with_a_key_service(service: type[Service], tmp_path: Path) -> None:
    for role in ("targets", "online"):
        service.held[role] = CryptoSigner(generate_private_key(SECP256R1()))
    yard = Yard("file:store", tmp_path, open_target("file:store", tmp_path))
    yard.staging = replace(yard.staging, targets_key="awskms:targets", online_key="awskms:online")
    initialise(yard.target, yard.staging, tmp_path)
    assert yard.publish().release == 1
    assert yard.seen()[0] == 1
