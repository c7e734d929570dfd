"""From what the signatures name to a release that can answer: fetch, compare, unpack, compile.

A bundle that fails here is put away for a while, so that a bad publish costs one download, not one per poll.
It must never make anything live, nor let bytes be parsed before they are what was signed for.
"""

from __future__ import annotations

import time
from collections.abc import Callable

from serve.core.bundle import no_rest, unpack
from serve.core.compile import compile_bundle
from serve.core.digest import sha256
from serve.core.errors import BundleRefused, PromptyardError, Refused, Unavailable
from serve.core.live import Live
from serve.core.model import Bundle
from serve.poll import Quarantine
from serve.sources.port import Fetched, Source, SourceTooLarge
from serve.store import Store
from serve.trust import Verified

WORK_S = 50e-6
REST_S = 20e-6  # the kernel makes 70 of it


class Rests:
    """Short rests of a thread that works beside renders: Python runs one thread at a time.

    Without them a render waits until the interpreter takes turns, 5 ms; with them, for one entry at most.
    """

    def __init__(self) -> None:
        self._since = time.perf_counter()

    def __call__(self) -> None:
        """Sleep for a moment when it was long ago."""
        if time.perf_counter() - self._since > WORK_S:
            time.sleep(REST_S)
            self._since = time.perf_counter()


class Loader:
    """Loads releases from the cache where they are, else from the store. ``now`` gives epoch seconds."""

    def __init__(
        self, source: Source, store: Store, quarantine: Quarantine, now: Callable[[], float]
    ) -> None:
        self._source, self._store, self._quarantine, self._now = source, store, quarantine, now
        self._last: Bundle | None = None

    def load(
        self, verified: Verified, held: Live | None, *, warm: bool = True, from_disk: bool = False
    ) -> tuple[Live, bytes | None]:
        """The release ready to answer, and the bytes it was made from; ``held`` itself when it is that.

        Args:
            verified: what the signatures name.
            held: the live release; entries of equal digest are taken over.
            warm: compile all prompts and run the probes now, not at first use.
            from_disk: do not ask the store.

        Raises:
            BundleRefused: BND004 another release than was signed for, BND008 other bytes, BND009 it breaks
                the loader; or what unpacking and compiling refuse.
            Quarantined: it was refused before and is not due for another try.
            Unavailable: the store does not answer, or CAC002 when ``from_disk`` and the cache lacks it.
        """
        if held is not None and held.sha256 == verified.sha256:
            return held, None
        self._quarantine.check(verified.sha256, self._now())
        try:
            packed = self._packed(verified, from_disk=from_disk)
            return self._built(packed, verified, held, warm=warm), packed
        except Refused as error:
            self._quarantine.add(verified.sha256, error, self._now())
            raise

    def _packed(self, verified: Verified, *, from_disk: bool) -> bytes:
        kept = self._store.object(verified.sha256)
        if kept is not None:
            return kept
        if from_disk:
            what = f"the cache lacks the bundle of release {verified.release}, or its bytes changed"
            raise Unavailable("CAC002", what, "Nothing to do: the next poll fetches it again.")
        path = f"objects/sha256/{verified.sha256}"
        try:
            answer = self._source.fetch(path, max_bytes=verified.size_bytes)
        except SourceTooLarge as error:
            raise _refused("BND008", verified, "its bytes are more than were signed for") from error
        data = answer.data if isinstance(answer, Fetched) else b""
        if len(data) != verified.size_bytes or sha256(data) != verified.sha256:
            raise _refused("BND008", verified, "its bytes are not those that were signed for")
        return data

    def _built(self, packed: bytes, verified: Verified, held: Live | None, *, warm: bool) -> Live:
        try:
            rest = no_rest if held is None else Rests()
            bundle = unpack(packed, previous=self._last, rest=rest)
            live = compile_bundle(bundle, sha256=verified.sha256, previous=held, warm=warm, rest=rest)
        except PromptyardError:
            raise
        except (
            Exception
        ) as error:  # a bundle that trips this code over must be put away like any other bad one
            raise _refused("BND009", verified, f"it cannot be loaded ({type(error).__name__})") from error
        if live.release != verified.release:
            raise _refused("BND004", verified, f"it calls itself release {live.release}")
        self._last = bundle
        return live


def _refused(code: str, verified: Verified, why: str) -> BundleRefused:
    what = f"bundle {verified.sha256[:12]}… of release {verified.release} refused: {why}"
    return BundleRefused(code, what, "The release before stays live; publish again from Git.")
