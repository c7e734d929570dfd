from __future__ import annotations

from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key
from securesystemslib.signer import CryptoSigner

from registry.errors import Usage
from registry.publish import keys

URI = "file:keys/staging.pem"


def test_a_key_is_made_once_and_for_its_owner_alone(tmp_path: Path) -> None:
    made = keys.create(URI, tmp_path)
    path = tmp_path / "keys/staging.pem"
    assert path.stat().st_mode & 0o777 == 0o600
    assert path.parent.stat().st_mode & 0o777 == 0o700
    assert keys.create(URI, tmp_path).keyid == made.keyid
    assert [each.name for each in path.parent.iterdir()] == ["staging.pem"]


def test_a_signature_verifies_with_the_public_half(tmp_path: Path) -> None:
    public = keys.create(URI, tmp_path)
    signature = keys.load(URI, [public], tmp_path).sign(b"bytes")
    public.verify_signature(signature, b"bytes")


def test_a_key_is_known_by_its_value_under_the_name_of_the_root(tmp_path: Path) -> None:
    public = keys.create(URI, tmp_path)
    public.keyid = "named-by-the-root"
    assert keys.load(URI, [public], tmp_path).sign(b"bytes").keyid == "named-by-the-root"


def test_a_key_that_the_root_does_not_trust_is_refused(tmp_path: Path) -> None:
    keys.create(URI, tmp_path)
    other = keys.create("file:keys/other.pem", tmp_path)
    with pytest.raises(Usage, match=r"KEY003 the key file:keys/staging\.pem"):
        keys.load(URI, [other], tmp_path)


def test_a_key_that_is_missing_or_broken_is_named_without_its_content(tmp_path: Path) -> None:
    with pytest.raises(Usage, match="KEY001"):
        keys.load(URI, [], tmp_path)
    (tmp_path / "keys").mkdir()
    (tmp_path / "keys/staging.pem").write_text("very secret, but no key")
    (tmp_path / "keys/staging.pem").chmod(0o600)
    with pytest.raises(Usage, match="KEY002") as caught:
        keys.create(URI, tmp_path)
    assert "secret" not in str(caught.value)
    assert (tmp_path / "keys/staging.pem").read_text() == "very secret, but no key"


def test_only_file_keys_can_be_made_here(tmp_path: Path) -> None:
    with pytest.raises(Usage, match="KEY001 awskms:alias/yard is not a file key"):
        keys.create("awskms:alias/yard", tmp_path)


def test_other_schemes_are_left_to_their_own_signers(tmp_path: Path) -> None:
    signer = CryptoSigner(generate_private_key(SECP256R1()))
    path = tmp_path / "p256.pem"
    path.write_bytes(signer.private_bytes)
    found = keys.load(f"file2:{path}", [keys.create(URI, tmp_path), signer.public_key])
    assert found.public_key == signer.public_key
    with pytest.raises(Usage, match="KEY003"):
        keys.load("nosuchscheme:key", [signer.public_key])
