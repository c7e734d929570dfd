"""What a client leaves on disk, for its next start and for the other processes of its host, and what it takes up there.

What cannot be written yet is held until it can; what another process wrote is news until it was taken up.
It must never take for seen what was written after it looked, nor write over a state that it could not read.
"""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

from serve.core.live import Live
from serve.store import CacheUnavailable, Kept, Store
from serve.trust import Verified

Mark = tuple[int, int, int]
Other = tuple[str, bytes | None]


class Keeper:
    """The cache folder of one client: what it has still to write there, and how much it has seen of it."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._unsaved: tuple[Kept, bytes | None] | None = None  # and the bundle, while the cache lacks it
        self._other: Other | None = None  # digest and bytes of a rollout's other bundle
        self._looked: Mark | None = None
        self._seen: Mark | None = None
        self._apart = False

    @property
    def lock(self) -> Path:
        """The file whose lock makes a process the poller of this folder."""
        return self._store.lock

    def prepare(self) -> None:
        """Make the folders; raises CacheUnavailable (CAC001)."""
        self._store.prepare()

    def latest(self) -> Kept | None:
        """What was kept last, by whichever process; None when there is nothing readable."""
        self._looked = self._store.mark()  # before it is read: what is written in between is news
        return self._store.load()

    def news(self) -> Kept | None:
        """The same, if it was not seen yet."""
        mark = self._store.mark()
        return self.latest() if mark is not None and mark != self._seen else None

    def taken(self) -> None:
        """What was looked at last is in use here, and nothing is left to write."""
        self.see()
        self._unsaved = None

    def see(self, *, again: bool = False) -> None:
        """What was looked at last is no news any more; with ``again``, it is."""
        self._seen = None if again else self._looked

    def stand_apart(self) -> None:
        """What others keep is no use here: of the next answer, only the bundle is written."""
        self._apart = True

    def keep(self, verified: Verified, live: Live, etag: str | None, packed: bytes | None) -> None:
        """Have a release written down, with the answer it came from; ``packed`` where it did not come from here."""
        chain = verified.chain
        signed = (chain.roots, chain.timestamp, chain.snapshot, chain.targets)
        self._unsaved = Kept(live.release, live.sha256, etag, *signed), packed

    def keep_other(self, other: Other | None) -> None:
        """Have the other bundle of a rollout beside it; None outside of one."""
        self._other = other

    def write_down(self) -> None:
        """Write what is to be written, and that the store confirmed it just now.

        Raises:
            CacheUnavailable: CAC001; it is tried again the next time.
        """
        self._store.prepare()
        kept, packed = self._unsaved or (None, None)
        if kept is not None and packed is not None:
            self._store.put(kept.sha256, packed)
            self._unsaved = kept, None
        other = self._write_other()
        if self._apart:
            self._apart, self._seen = False, None  # the object may be what was missing: follow again
            return
        if kept is not None:
            before = self._store.load()
            self._store.save(kept)
            self._seen, self._unsaved = self._store.mark(), None
            self._store.collect({kept.sha256, other, before.sha256 if before else ""})
        self._store.beat()

    def _write_other(self) -> str:
        """The digest of the other bundle; what may be needed later keeps nothing back that is needed now."""
        digest, packed = self._other or ("", None)
        if packed is not None:
            with suppress(CacheUnavailable):
                self._store.put(digest, packed)
                self._other = digest, None
        return digest

    def confirmed_at(self) -> float | None:
        """When the store last confirmed what is kept (epoch seconds), by any process of this host."""
        return self._store.polled_at()
