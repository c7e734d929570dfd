"""The root document: its keys, its next version, and whose signatures count."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from securesystemslib.signer import CryptoSigner
from tuf.api.metadata import Metadata, Root

from registry.errors import Unavailable, Usage
from registry.publish import metadata, roots

NOW = datetime(2026, 11, 21, 12, 0, 0, 5, tzinfo=UTC)


def signer() -> CryptoSigner:
    return CryptoSigner.generate_ed25519()


class Trust:
    """A root of two holders out of three, and its signers."""

    def __init__(self) -> None:
        self.holders = {name: signer() for name in ("ada", "bob", "eve")}
        self.targets, self.online = signer(), signer()
        public = [roots.owned(each.public_key, name) for name, each in self.holders.items()]
        self.first = roots.first(public, 2, self.targets.public_key, self.online.public_key, NOW)

    def sign(self, document: Metadata[Root], *names: str) -> Metadata[Root]:
        for name in names:
            roots.sign(document, self.holders[name])
        return document

    @property
    def signed(self) -> Root:
        return metadata.read_root(self.sign(self.first, "ada", "bob").to_bytes())


@pytest.fixture
def trust() -> Trust:
    return Trust()


def owners(held: tuple[roots.Held, ...]) -> list[str | None]:
    return [each.owner for each in held]


def test_a_first_root_says_who_may_what(trust: Trust) -> None:
    root = trust.signed
    assert owners(roots.holders(root, "root")) == ["ada", "bob", "eve"]
    assert [each.id for each in roots.holders(root, "online")] == [trust.online.public_key.keyid]
    assert root.roles["snapshot"].keyids == root.roles["timestamp"].keyids
    assert root.expires - NOW > timedelta(days=364)


def test_signatures_are_counted_by_holder(trust: Trust) -> None:
    (quorum,) = roots.signed_by(trust.sign(trust.first, "bob"), None)
    assert (owners(quorum.signed), owners(quorum.missing)) == (["bob"], ["ada", "eve"])
    assert not quorum.complete
    (quorum,) = roots.signed_by(trust.sign(trust.first, "eve"), None)
    assert quorum.complete


def test_a_signature_over_an_earlier_wording_does_not_count(trust: Trust) -> None:
    document = trust.sign(trust.first, "ada", "bob")
    document.signed.expires += timedelta(days=1)
    (quorum,) = roots.signed_by(document, None)
    assert quorum.signed == ()


def test_the_next_root_is_signed_for_by_the_old_keys_and_the_new(trust: Trust) -> None:
    before, new = trust.signed, signer()
    trust.holders["zoe"] = new
    document = roots.successor(before, NOW)
    roots.replace_key(document.signed, "root", roots.owned(new.public_key, "zoe"), instead_of="eve")
    roots.set_threshold(document.signed, 3)
    old, own = roots.signed_by(trust.sign(document, "ada", "bob"), before)
    assert (old.version, old.complete, own.version, own.complete) == (1, True, 2, False)
    old, own = roots.signed_by(trust.sign(document, "zoe"), before)
    assert own.complete
    assert metadata.read_root(document.to_bytes(), before).version == 2


def test_what_would_leave_a_role_without_enough_keys_is_refused(trust: Trust) -> None:
    root = trust.signed
    with pytest.raises(Usage, match="KEY009 the role root would have 3 keys for a threshold of 4"):
        roots.set_threshold(roots.successor(root, NOW).signed, 4)
    with pytest.raises(Usage, match="KEY009 the role targets would have 0 keys"):
        roots.revoke(roots.successor(root, NOW).signed, trust.targets.public_key.keyid[:8], "lost")
    one = signer().public_key
    with pytest.raises(Usage, match="KEY009 the role root would have 1 keys for a threshold of 2"):
        roots.first([one, one], 2, one, one, NOW)


def test_which_key_goes_must_be_clear(trust: Trust) -> None:
    document = roots.successor(trust.signed, NOW).signed
    with pytest.raises(Usage, match=r"KEY009 the role root has 3 keys: ada .*Say --replaces"):
        roots.replace_key(document, "root", signer().public_key)
    with pytest.raises(Usage, match="KEY009 mallory means no key of root 2"):
        roots.replace_key(document, "root", signer().public_key, instead_of="mallory")
    with pytest.raises(Usage, match="has the role root already"):
        roots.replace_key(document, "root", trust.holders["ada"].public_key, instead_of="bob")


def test_a_key_beside_the_others(trust: Trust) -> None:
    document = roots.successor(trust.signed, NOW).signed
    roots.replace_key(document, "root", roots.owned(signer().public_key, "zoe"), add=True)
    assert owners(roots.holders(document, "root")) == ["ada", "bob", "eve", "zoe"]


def test_the_online_key_is_replaced_in_both_its_roles(trust: Trust) -> None:
    document, new = roots.successor(trust.signed, NOW).signed, signer().public_key
    roots.replace_key(document, "online", new)
    assert document.roles["snapshot"].keyids == document.roles["timestamp"].keyids == [new.keyid]
    assert trust.online.public_key.keyid not in document.keys


def test_a_revoked_key_is_out_of_every_role_and_never_comes_back(trust: Trust) -> None:
    document = roots.successor(trust.signed, NOW).signed
    gone = roots.revoke(document, trust.online.public_key.keyid, "laptop stolen", signer().public_key)
    assert gone.id not in document.keys
    assert roots.revoked(document) == {gone.id}
    assert document.unrecognized_fields["x-promptyard-revoked"] == {gone.id: "laptop stolen"}
    later = roots.successor(document, NOW).signed
    with pytest.raises(Usage, match="was revoked"):
        roots.replace_key(later, "online", trust.online.public_key)
    roots.revoke(later, "eve", "left")
    assert len(roots.revoked(later)) == 2


def test_an_earlier_root_without_revoked_keys_believes_the_rest(trust: Trust) -> None:
    root = trust.signed
    rest = roots.without_revoked(root, frozenset({trust.targets.public_key.keyid}))
    assert rest.roles["targets"].keyids == []
    assert rest.roles["timestamp"].keyids == root.roles["timestamp"].keyids
    assert root.roles["targets"].keyids != []
    assert roots.without_revoked(root, frozenset({"other"})) is root


class Broken(CryptoSigner):
    """A signer whose service fails, or signs with another key."""

    def __init__(self, public: CryptoSigner, private: CryptoSigner | None) -> None:
        self._public, self._other = public, private

    @property
    def public_key(self):
        return self._public.public_key

    def sign(self, payload):
        if self._other is None:
            raise ConnectionError
        signature = self._other.sign(payload)
        signature.keyid = self.public_key.keyid
        return signature


def test_what_is_no_signature_is_not_kept(trust: Trust) -> None:
    with pytest.raises(Unavailable, match="KEY004"):
        roots.sign(trust.first, Broken(trust.holders["ada"], None))
    with pytest.raises(Usage, match="KEY003"):
        roots.sign(trust.first, Broken(trust.holders["ada"], signer()))
    assert trust.first.signatures == {}


@pytest.mark.parametrize("data", [b"", b"{}", b"no json"])
def test_a_proposal_that_is_none_is_named(data: bytes) -> None:
    with pytest.raises(Usage, match="KEY010"):
        roots.parse(data)
