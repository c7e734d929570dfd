"""A root on its way: a file in Git that the key holders sign one after the other.

``trust/production.next.root.json`` is the proposal, with the signatures so far. Each holder signs it on their
own machine and pushes; the review of the pull request is the ceremony. With the last signature that is needed it
becomes ``trust/production.root.json``, and the one before stays beside it as ``trust/production.1.root.json``.
It must never touch a store, nor make a root the trusted one that the one before did not sign for.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from securesystemslib.signer import Key
from tuf.api.metadata import Metadata, Root
from tuf.api.serialization.json import JSONSerializer

from registry.errors import Usage
from registry.publish import keys, metadata, roots
from registry.publish.roots import Quorum
from registry.publish.state import committed_roots, root_path
from registry.settings import Channel

NEXT = "next"
_READABLE = JSONSerializer(compact=False)  # people review it line by line


@dataclass(frozen=True, slots=True)
class Ceremony:
    """A proposal and how far it is.

    Attributes:
        path: where the document lies: of the proposal, or of the trusted root once it is complete.
        root: what it says.
        quorums: who signed and who is missing, of the version before (unless it is the first) and of this one.
    """

    path: Path
    root: Root
    quorums: tuple[Quorum, ...]

    @property
    def complete(self) -> bool:
        """Whether the proposal has become the trusted root."""
        return all(quorum.complete for quorum in self.quorums)


def begin(
    channel: Channel,
    holders: Sequence[Key],
    threshold: int,
    targets: Key,
    online: Key,
    now: datetime,
    root: Path = Path(),
) -> Ceremony:
    """Propose the first root of a channel; raises Usage (KEY009, or KEY012 when it has a root already)."""
    if (root / channel.root).exists():
        what = f"channel {channel.name} has a root already ({channel.root})"
        raise Usage("KEY012", what, f"Change it: promptyard keys rotate {channel.name}.")
    return _write(channel, root, roots.first(holders, threshold, targets, online, now), None)


def change(channel: Channel, how: Callable[[Root], None], now: datetime, root: Path = Path()) -> Ceremony:
    """Propose the next root, or change the proposal, which takes the signatures off it.

    Raises:
        Usage: PUB002 without a trusted root, KEY009 as ``how`` says.
    """
    before = metadata.read_root(committed_roots(channel, root)[-1])
    proposed = _proposal(channel, root)
    document = proposed.signed if proposed is not None else roots.successor(before, now).signed
    how(document)
    return _write(channel, root, Metadata(document), before)


def sign(channel: Channel, uri: str, root: Path = Path()) -> Ceremony:
    """Add one's signature. With the last one that is needed the proposal becomes the trusted root.

    Raises:
        Usage: KEY010 when nothing is proposed, KEY00x as :func:`registry.publish.keys.load`. Unavailable: KEY004,
            KEY006.
    """
    proposed = _required(channel, root)
    before = _before(channel, root)
    trusted = [*metadata.role_keys(proposed.signed, Root.type)]
    trusted += metadata.role_keys(before, Root.type) if before is not None else ()
    roots.sign(proposed, keys.load(uri, trusted, root))
    ceremony = _write(channel, root, proposed, before)
    return _conclude(channel, root, ceremony) if ceremony.complete else ceremony


def proposed(channel: Channel, root: Path = Path()) -> Ceremony | None:
    """The proposal of a channel, if there is one; raises Usage (KEY010) when it cannot be read."""
    document = _proposal(channel, root)
    if document is None:
        return None
    quorums = roots.signed_by(document, _before(channel, root))
    return Ceremony(root_path(channel, NEXT), document.signed, quorums)


def _conclude(channel: Channel, root: Path, ceremony: Ceremony) -> Ceremony:
    """The proposal becomes the trusted root, and the one before stays under its number."""
    path, waiting = root / channel.root, root / ceremony.path
    metadata.read_root(waiting.read_bytes(), _before(channel, root))
    if path.exists():
        earlier = root / root_path(channel, ceremony.root.version - 1)
        _replace(earlier, path.read_bytes())
    waiting.replace(path)
    return Ceremony(Path(channel.root), ceremony.root, ceremony.quorums)


def _write(channel: Channel, root: Path, document: Metadata[Root], before: Root | None) -> Ceremony:
    path = root_path(channel, NEXT)
    _replace(root / path, document.to_bytes(_READABLE))
    return Ceremony(path, document.signed, roots.signed_by(document, before))


def _before(channel: Channel, root: Path) -> Root | None:
    if not (root / channel.root).exists():
        return None
    return metadata.read_root(committed_roots(channel, root)[-1])


def _required(channel: Channel, root: Path) -> Metadata[Root]:
    document = _proposal(channel, root)
    if document is None:
        what = f"nothing is proposed for channel {channel.name} ({root_path(channel, NEXT)} is missing)"
        raise Usage("KEY010", what, f"Propose a root: promptyard keys rotate {channel.name}.")
    return document


def _proposal(channel: Channel, root: Path) -> Metadata[Root] | None:
    """The proposal, unless a newer trusted root has overtaken it."""
    path = root / root_path(channel, NEXT)
    if not path.exists():
        return None
    document = roots.parse(path.read_bytes())
    before = _before(channel, root)
    if document.signed.version != (before.version + 1 if before is not None else 1):
        what = f"{root_path(channel, NEXT)} does not follow the trusted root of {channel.name}"
        raise Usage("KEY010", what, "Remove the file and propose again.")
    return document


def _replace(path: Path, data: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    temporary.write_bytes(data)
    temporary.replace(path)
