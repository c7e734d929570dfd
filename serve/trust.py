"""What makes bytes from anywhere believable: The Update Framework, by python-tuf, behind an ETag gate.

The gate is the caller's: it asks for ``timestamp.json`` under its tag and comes here only when that changed,
or to look for a new root. What ngclient lacks is here too: starting from kept metadata without a network.
It must never hand out metadata that it did not verify itself, and never drop what was trusted before.

Source: The Update Framework specification 1.0, section 5 (detailed client workflow).
"""

from __future__ import annotations

import contextlib
import json
import re
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

from serve.core.errors import SignatureRefused, Unavailable, Usage
from serve.pointers import Canary, canary, stable

if TYPE_CHECKING:
    from tuf.api.metadata import Metadata, Root, Snapshot, Targets, Timestamp
    from tuf.ngclient import FetcherInterface

    S = TypeVar("S", Root, Snapshot, Targets, Timestamp)

Read = Callable[[str, int], bytes | None]  # path and most bytes → bytes, None when the store has none

TIMESTAMP_BYTES = 16_384
_ROOTS = "root_history"
_NAME = re.compile(rf"(?:{_ROOTS}/\d{{1,9}}\.root|timestamp|snapshot|targets)\.json\Z")
_MEMORY = "/dev/shm"  # noqa: S108 - TemporaryDirectory makes a private folder below it
_HOSTILE = "The release before stays live; check who can write to the store."


@dataclass(frozen=True, slots=True)
class Chain:
    """Signed metadata as it was received, as text: the roots after the shipped one, then one of each role."""

    roots: tuple[str, ...]
    timestamp: str
    snapshot: str
    targets: str


@dataclass(frozen=True, slots=True)
class Verified:
    """What a verified chain says: which bundle is live, and until when (epoch seconds) to believe it.

    During a rollout also what is on its way.
    """

    chain: Chain
    release: int
    sha256: str
    size_bytes: int
    expires_at: float
    version: int
    canary: Canary | None = None


class Notes(Protocol):
    """Where it is kept between processes."""

    def recall(self) -> bytes | None:
        """What was noted last, or None when there is nothing readable."""
        ...

    def note(self, data: bytes) -> bool:
        """Keep it; False when that is not possible."""
        ...


class Seen:
    """The newest metadata that ngclient verified for one channel, by the names of its own cache.

    A refresh that fails half-way leaves what is served as it was. A new root or a higher timestamp that it
    verified must still count the next time, or whoever controls the store could take a revocation back by
    failing first (TUF 1.0, sections 5.3.8, 5.4.5 and 5.5.7). All of it is verified again before it counts.
    """

    def __init__(self, notes: Notes | None = None) -> None:
        self._notes = notes
        self._last = b""
        self._unkept: bytes | None = None

    def lay_out(self, folder: Path, shipped: int) -> None:
        """Add to ngclient's folder what was seen, unless that is older than what lies there.

        ``shipped`` is the version of the root that trust begins with.
        """
        seen = _noted(self._unkept or (self._notes.recall() if self._notes is not None else None))
        newer = _rank(seen, shipped) >= _rank(_files(folder), shipped)
        (folder / _ROOTS).mkdir(exist_ok=True)
        for name, text in seen.items():
            path = folder / name
            if newer or (name.startswith(_ROOTS) and not path.exists()):
                path.write_bytes(text.encode())

    def take(self, folder: Path) -> None:
        """Note what ngclient left in its folder."""
        data = json.dumps(_files(folder), sort_keys=True).encode()
        if data != self._last:
            kept = self._notes is not None and self._notes.note(data)
            self._last, self._unkept = data, None if kept else data


class Trust:
    """Verification for one channel, starting from the root that the service ships.

    ``notes`` keeps between processes what was verified and not used yet.

    Raises:
        Usage: TRU001 when ``root`` is not a root file signed by itself.
    """

    def __init__(self, root: bytes, channel: str, notes: Notes | None = None) -> None:
        from tuf.api.exceptions import RepositoryError

        self._bootstrap, self._seen = root, Seen(notes)
        self._folder = f"channels/{channel}/metadata/"
        try:
            self._root = _successor(root, None)
        except (RepositoryError, ValueError) as error:
            raise Usage(
                "TRU001",
                "the trusted root cannot be read",
                f"Give the committed file trust/{channel}.root.json as trust.",
            ) from error

    @property
    def timestamp_path(self) -> str:
        """Where in the store the one mutable object of the channel lies."""
        return f"{self._folder}timestamp.json"

    def verify(self, chain: Chain, held: Chain | None = None) -> Verified:
        """What a kept chain says. Expiry is reported, not refused: the release was believed in time.

        Raises:
            SignatureRefused: SIG001 to SIG006; SIG002 also when ``chain`` is older than ``held``.
        """
        from tuf.api.exceptions import RepositoryError

        try:
            verified, root = self._verify(chain)
            if held is not None:
                _refuse_older(verified, held.timestamp, root)
        except RepositoryError as error:
            raise _refused(error) from error
        except (KeyError, ValueError, TypeError, AttributeError) as error:
            raise SignatureRefused("SIG005", "the signed metadata is malformed", _HOSTILE) from error
        return verified

    def refresh(self, held: Chain | None, timestamp: bytes, read: Read) -> Verified:
        """Bring ``held`` up to a timestamp that was just fetched, reading what else is needed.

        Raises:
            SignatureRefused: SIG001 unsigned, SIG002 older than what is held, SIG003 expired, SIG004 not the
                bytes that were signed for, SIG005 malformed, SIG006 names no release.
            Unavailable: SIG007 when a named file is not in the store yet; or what ``read`` raises.
        """
        from tuf.api.exceptions import DownloadError, RepositoryError
        from tuf.ngclient import Updater

        with _workplace() as folder:
            _lay_out(folder, held)
            fetcher = _fetcher({self.timestamp_path: timestamp}, read)
            try:
                self._seen.lay_out(Path(folder), self._root.version)
                Updater(str(folder), self._folder, fetcher=fetcher, bootstrap=self._bootstrap).refresh()
            except RepositoryError as error:
                raise _refused(error) from error
            except DownloadError as error:
                what = "metadata that the timestamp names is not in the store"
                raise Unavailable("SIG007", what, "Wait for the store's copy to finish.") from error
            except OSError as error:
                raise _no_folder() from error
            finally:
                with contextlib.suppress(OSError):
                    self._seen.take(Path(folder))
            return self.verify(_collect(folder, self._older(held), after=self._root.version))

    def _older(self, held: Chain | None) -> tuple[str, ...]:
        """Roots that this process does not need and its neighbours may: a deploy is under way, one ships the next."""
        return tuple(root for root in (held.roots if held else ()) if _version(root) <= self._root.version)

    def _verify(self, chain: Chain) -> tuple[Verified, Root]:
        from tuf.api.metadata import Snapshot, Targets, Timestamp

        root = self._root
        for data in chain.roots:
            if _version(data) > self._root.version:  # the shipped root may be newer than the cache
                root = _successor(data.encode(), root)
        timestamp = _delegate(Timestamp, chain.timestamp, root)
        timestamp.snapshot_meta.verify_length_and_hashes(chain.snapshot.encode())
        snapshot = _delegate(Snapshot, chain.snapshot, root)
        _same_version("snapshot", snapshot.version, timestamp.snapshot_meta.version)
        named = snapshot.meta["targets.json"]
        named.verify_length_and_hashes(chain.targets.encode())
        targets = _delegate(Targets, chain.targets, root)
        _same_version("targets", targets.version, named.version)
        release, digest, size = stable(targets.targets)
        on_its_way = canary(targets.targets)
        expires = min(signed.expires for signed in (root, timestamp, snapshot, targets))
        return Verified(
            chain, release, digest, size, expires.timestamp(), timestamp.version, on_its_way
        ), root


def _successor(data: bytes, root: Root | None) -> Root:
    """A root that is signed by itself and, unless it is the first, by the one before."""
    from tuf.api.metadata import Root

    metadata: Metadata[Root] = _parse(Root, data)
    if root is not None:
        root.verify_delegate(Root.type, metadata.signed_bytes, metadata.signatures)
        _same_version("root", metadata.signed.version, root.version + 1)
    metadata.signed.verify_delegate(Root.type, metadata.signed_bytes, metadata.signatures)
    return metadata.signed


def _delegate(role: type[S], data: str, root: Root) -> S:
    metadata = _parse(role, data.encode())
    root.verify_delegate(role.type, metadata.signed_bytes, metadata.signatures)
    return metadata.signed


def _parse(role: type[S], data: bytes) -> Metadata[S]:
    from tuf.api.exceptions import RepositoryError
    from tuf.api.metadata import Metadata

    metadata = Metadata[Any].from_bytes(data)
    if metadata.signed.type != role.type:
        raise RepositoryError(f"expected {role.type}")
    return metadata


def _same_version(role: str, version: int, wanted: int) -> None:
    from tuf.api.exceptions import BadVersionNumberError

    if version != wanted:
        raise BadVersionNumberError(f"{role} has version {version} instead of {wanted}")


def _refuse_older(verified: Verified, timestamp: str, root: Root) -> None:
    from tuf.api.exceptions import BadVersionNumberError, UnsignedMetadataError
    from tuf.api.metadata import Timestamp

    try:
        held = _delegate(Timestamp, timestamp, root)
    except UnsignedMetadataError:
        return  # the key was revoked since, and with it the version it had reached
    if verified.version < held.version:
        raise BadVersionNumberError(f"timestamp has version {verified.version}, below {held.version}")


def _refused(error: Exception) -> SignatureRefused:
    from tuf.api import exceptions

    if isinstance(error, exceptions.UnsignedMetadataError):
        return SignatureRefused("SIG001", "metadata lacks a valid signature by a trusted key", _HOSTILE)
    if isinstance(error, exceptions.BadVersionNumberError):
        return SignatureRefused("SIG002", "metadata is older than what was already trusted", _HOSTILE)
    if isinstance(error, exceptions.ExpiredMetadataError):
        return SignatureRefused(
            "SIG003",
            "the store's signed metadata has expired",
            "Sign it again: promptyard resign, or publish; check this machine's clock, too.",
        )
    if isinstance(error, exceptions.LengthOrHashMismatchError):
        return SignatureRefused("SIG004", "metadata is not the bytes that were signed for", _HOSTILE)
    return SignatureRefused("SIG005", "the signed metadata is malformed", _HOSTILE)


def _fetcher(handed_over: Mapping[str, bytes], read: Read) -> FetcherInterface:
    """The store as ngclient sees it; what was fetched already is not fetched again."""
    from collections.abc import Iterator

    from tuf.api.exceptions import DownloadHTTPError
    from tuf.ngclient import FetcherInterface

    class Reader(FetcherInterface):
        def _fetch(self, url: str) -> Iterator[bytes]:
            return iter((self.download_bytes(url, TIMESTAMP_BYTES),))

        def download_bytes(self, url: str, max_length: int) -> bytes:
            data = handed_over[url] if url in handed_over else read(url, max_length)
            if data is None:
                raise DownloadHTTPError(f"{url} is missing", 404)
            return data

    return Reader()


def _workplace() -> tempfile.TemporaryDirectory[str]:
    """A folder for ngclient to write in: a refresh that fails half-way must not touch what is trusted."""
    for parent in (None, _MEMORY):  # a container with a read-only root often has only the latter
        try:
            return tempfile.TemporaryDirectory(prefix="promptyard-", dir=parent)
        except OSError:
            continue
    raise _no_folder()


def _no_folder() -> Unavailable:
    return Unavailable("TRU002", "no temporary folder can be written", "Set TMPDIR to a writable folder.")


def _lay_out(folder: str, held: Chain | None) -> None:
    """Write ``held`` as ngclient expects to find its own cache."""
    if held is None:
        return
    place = Path(folder)
    (place / "root_history").mkdir()
    for data in held.roots:
        (place / "root_history" / f"{_version(data)}.root.json").write_bytes(data.encode())
    for name in ("timestamp", "snapshot", "targets"):
        (place / f"{name}.json").write_bytes(getattr(held, name).encode())


def _collect(folder: str, older: tuple[str, ...], *, after: int) -> Chain:
    """The chain that ngclient left in its folder, behind the roots from before the shipped one."""
    place = Path(folder)
    newest = _version((place / "root.json").read_bytes())
    roots = (place / "root_history" / f"{n}.root.json" for n in range(after + 1, newest + 1))
    roles = (place / f"{name}.json" for name in ("timestamp", "snapshot", "targets"))
    return Chain(
        older + tuple(path.read_bytes().decode() for path in roots),
        *(path.read_bytes().decode() for path in roles),
    )


def _version(root: str | bytes) -> int:
    version: int = json.loads(root)["signed"]["version"]
    return version


def _files(folder: Path) -> dict[str, str]:
    found = {}
    for path in (*folder.glob("*.json"), *folder.glob(f"{_ROOTS}/*.json")):
        name = path.relative_to(folder).as_posix()
        if _NAME.match(name) and path.is_file():
            found[name] = path.read_bytes().decode(errors="replace")
    return found


def _noted(data: bytes | None) -> dict[str, str]:
    """The files that were noted; none when the note is not one."""
    try:
        found = json.loads(data or b"{}")
    except (ValueError, RecursionError):
        return {}
    if not isinstance(found, dict):
        return {}
    return {name: text for name, text in found.items() if _NAME.match(name) and isinstance(text, str)}


def _rank(files: Mapping[str, str], shipped: int) -> tuple[int, int]:
    """How new a folder is: by its roots, then by its timestamp."""
    numbers = [int(name.split("/")[1].split(".")[0]) for name in files if name.startswith(_ROOTS)]
    try:
        version = int(json.loads(files["timestamp.json"])["signed"]["version"])
    except (KeyError, ValueError, TypeError, OverflowError, RecursionError):
        version = 0
    return max([shipped, *numbers]), version
