"""A channel's root: which keys may say what, and how its next version comes about.

A root is a document that people sign one after the other, so all here is about the document and nothing about
where it lies. ``online`` stands for the roles snapshot and timestamp, which share a key.
It must never count a signature that it did not verify, nor leave a role without enough keys.

Source: The Update Framework specification 1.0, sections 5.3 (root updates) and 6 (key management).
"""

from __future__ import annotations

import copy
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal

from securesystemslib.signer import Key, Signer
from tuf.api.exceptions import UnsignedMetadataError
from tuf.api.metadata import Metadata, Root, Snapshot, Targets, Timestamp
from tuf.api.serialization import DeserializationError

from registry.errors import Unavailable, Usage
from registry.publish import signers
from registry.publish.metadata import ROOT_DAYS

Role = Literal["root", "targets", "online"]
ROLES: dict[Role, tuple[str, ...]] = {
    "root": (Root.type,),
    "targets": (Targets.type,),
    "online": (Snapshot.type, Timestamp.type),
}
_OWNER = "x-promptyard-owner"
_REVOKED = "x-promptyard-revoked"
_SHORT = 12


@dataclass(frozen=True, slots=True)
class Held:
    """A key as people speak of it: its id, and whose it is where that was noted."""

    id: str
    owner: str | None

    def __str__(self) -> str:
        return f"{self.owner} ({self.id[:_SHORT]})" if self.owner else self.id[:_SHORT]


@dataclass(frozen=True, slots=True)
class Quorum:
    """How far one root version's keys are with signing: ``threshold`` of them are needed."""

    version: int
    threshold: int
    signed: tuple[Held, ...]
    missing: tuple[Held, ...]

    @property
    def complete(self) -> bool:
        """Whether enough have signed."""
        return len(self.signed) >= self.threshold


def owned(key: Key, owner: str | None) -> Key:
    """The key with a note whose it is, which is signed with the root."""
    if owner:
        key.unrecognized_fields[_OWNER] = owner
    return key


def first(holders: Sequence[Key], threshold: int, targets: Key, online: Key, now: datetime) -> Metadata[Root]:
    """Version 1, unsigned; raises Usage (KEY009) when the holders cannot reach the threshold."""
    document = Root(version=1, expires=now + timedelta(days=ROOT_DAYS))
    for role, group in (("root", holders), ("targets", [targets]), ("online", [online])):
        for name in ROLES[role]:  # type: ignore[index]  # the three of Role
            for key in group:
                document.add_key(key, name)
    document.roles[Root.type].threshold = threshold
    _require_reachable(document)
    return Metadata(document)


def successor(before: Root, now: datetime) -> Metadata[Root]:
    """The next version, unsigned: the same keys, another year."""
    document = copy.deepcopy(before)
    document.version += 1
    document.expires = now.replace(microsecond=0) + timedelta(days=ROOT_DAYS)
    return Metadata(document)


def replace_key(
    document: Root, role: Role, new: Key, *, instead_of: str | None = None, add: bool = False
) -> None:
    """Give a role a key in place of the one it has, or beside it with ``add``.

    Raises:
        Usage: KEY009 when it is not clear which key goes, when the new one has the role or was revoked.
    """
    held = holders(document, role)
    if new.keyid in revoked(document):
        raise Usage("KEY009", f"the key {new.keyid[:_SHORT]} was revoked", "Make another key.")
    if any(signers.same(document.keys[each.id], new) for each in held):
        raise Usage(
            "KEY009", f"the key {new.keyid[:_SHORT]} has the role {role} already", "Make another key."
        )
    gone: Held | None = None
    if instead_of is not None:
        gone = find(document, instead_of, held)
    elif not add:
        if len(held) > 1:
            names = ", ".join(map(str, held))
            raise Usage(
                "KEY009", f"the role {role} has {len(held)} keys: {names}", "Say --replaces, or --add."
            )
        gone = held[0]
    for name in ROLES[role]:
        document.add_key(new, name)
        if gone is not None:
            document.revoke_key(gone.id, name)


def revoke(document: Root, who: str, reason: str, new: Key | None = None) -> Held:
    """Take a key out of every role and note that nothing it signed is believed any more.

    Raises:
        Usage: KEY009 for a key that is not there, or that leaves a role without enough keys.
    """
    everyone = tuple({each.id: each for role in ROLES for each in holders(document, role)}.values())
    gone = find(document, who, everyone)
    for name, role in document.roles.items():
        if gone.id in role.keyids:
            if new is not None:
                document.add_key(new, name)
            document.revoke_key(gone.id, name)
    _require_reachable(document)
    noted = dict(document.unrecognized_fields.get(_REVOKED, {}))
    document.unrecognized_fields[_REVOKED] = {**noted, gone.id: reason}
    return gone


def set_threshold(document: Root, threshold: int) -> None:
    """How many holders have to sign the root; raises Usage (KEY009) when there are not so many."""
    document.roles[Root.type].threshold = threshold
    _require_reachable(document)


def holders(document: Root, role: Role) -> tuple[Held, ...]:
    """The keys of a role, in the order of the root."""
    return tuple(_held(document.keys[name]) for name in document.roles[ROLES[role][0]].keyids)


def revoked(document: Root) -> frozenset[str]:
    """The ids of keys that were revoked in this version or an earlier one."""
    return frozenset(document.unrecognized_fields.get(_REVOKED, {}))


def without_revoked(document: Root, revoked_ids: frozenset[str]) -> Root:
    """An earlier root as far as it is still to be believed."""
    if not revoked_ids & document.keys.keys():
        return document
    rest = copy.deepcopy(document)
    for role in rest.roles.values():
        role.keyids = [name for name in role.keyids if name not in revoked_ids]
    return rest


def find(document: Root, who: str, among: Sequence[Held]) -> Held:
    """The key that a name or the beginning of an id means; raises Usage (KEY009) unless it is exactly one."""
    meant = [each for each in among if each.owner == who or (len(who) >= 6 and each.id.startswith(who))]
    if len(meant) != 1:
        known = ", ".join(map(str, among))
        count = "no key" if not meant else f"{len(meant)} keys"
        raise Usage("KEY009", f"{who} means {count} of root {document.version}", f"Keys are: {known}.")
    return meant[0]


def sign(metadata: Metadata[Root], signer: Signer) -> None:
    """Add one signature, once it is seen to be one; raises Unavailable (KEY004), or Usage (KEY003)."""
    try:
        signature = metadata.sign(signer, append=True)
    except UnsignedMetadataError as error:
        what = "the root could not be signed"
        raise Unavailable("KEY004", what, "Check that the key service can be reached.") from error
    try:
        signer.public_key.verify_signature(signature, metadata.signed_bytes)
    except Exception as error:
        del metadata.signatures[signature.keyid]
        what = f"the signature is not one by the key {signature.keyid[:_SHORT]} of the root"
        raise Usage("KEY003", what, "Check which key the URI names.") from error


def signed_by(metadata: Metadata[Root], before: Root | None) -> tuple[Quorum, ...]:
    """Who signed and who is missing: of the version itself and, unless it is the first, of the one before."""
    return tuple(_quorum(root, metadata) for root in (before, metadata.signed) if root is not None)


def parse(data: bytes) -> Metadata[Root]:
    """A root document whose signatures are not judged yet; raises Usage (KEY010) for what is none."""
    try:
        metadata = Metadata[Any].from_bytes(data)
    except DeserializationError as error:
        raise Usage("KEY010", "the proposed root cannot be read", "Take it back from Git.") from error
    if metadata.signed.type != Root.type:
        raise Usage("KEY010", "the proposed root is no root", "Take it back from Git.")
    return metadata


def _quorum(root: Root, metadata: Metadata[Root]) -> Quorum:
    result = root.get_verification_result(Root.type, metadata.signed_bytes, metadata.signatures)
    signed, missing = (tuple(map(_held, keys.values())) for keys in (result.signed, result.unsigned))
    return Quorum(root.version, result.threshold, signed, missing)


def _held(key: Key) -> Held:
    return Held(key.keyid, key.unrecognized_fields.get(_OWNER))


def _require_reachable(document: Root) -> None:
    for name, role in document.roles.items():
        if not 1 <= role.threshold <= len(role.keyids):
            what = f"the role {name} would have {len(role.keyids)} keys for a threshold of {role.threshold}"
            raise Usage("KEY009", what, "Give another key with --to, or another --threshold.")
