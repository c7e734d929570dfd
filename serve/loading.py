"""From what the signatures name to a release that can answer: fetch, compare, unpack, compile.

A bundle that fails here is put away for a while, so that a bad publish costs one download, not one per poll.
It must never make anything live, nor let bytes be parsed before they are what was signed for.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, replace

from serve.core.archive import Limits
from serve.core.bundle import no_rest, unpack
from serve.core.compile import compile_bundle
from serve.core.digest import sha256
from serve.core.errors import BundleRefused, PromptyardError, Refused, Unavailable
from serve.core.guard.checks.asked import NO_MODELS, Models
from serve.core.live import Live
from serve.core.model import Bundle
from serve.instance import Instance
from serve.poll import Quarantine
from serve.sources.port import Fetched, Source, SourceTooLarge
from serve.store import Store
from serve.trust import Verified

WORK_S = 50e-6
MOST_BYTES = Limits().packed_bytes
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


@dataclass(frozen=True, slots=True)
class Loaded:
    """A release ready to answer.

    Attributes:
        live: the release; the held one when it is that.
        packed: the bytes it was made from, None for the held one.
        aimed: what the signatures name for this instance.
        failure: why that is not what was loaded; the stable release was, then.
    """

    live: Live
    packed: bytes | None
    aimed: Verified
    failure: PromptyardError | None = None


class Loader:
    """Loads releases from the cache where they are, else from the store, as rollouts draw ``instance``.

    ``now`` gives epoch seconds; ``models`` opens what guardrail rules ask.
    """

    def __init__(
        self,
        source: Source,
        store: Store,
        quarantine: Quarantine,
        now: Callable[[], float],
        instance: Instance = Instance(),
        models: Models = NO_MODELS,
    ) -> None:
        self._models = models
        self._source, self._store, self._quarantine, self._now = source, store, quarantine, now
        self._instance = instance
        self._last: Bundle | None = None

    def meant(self, verified: Verified) -> Verified:
        """The same for this instance: it names the canary's bundle where the rollout draws it."""
        to = verified.canary
        if to is None or not self._instance.draws(to.salt, to.percent):
            return verified
        return replace(verified, release=to.release, sha256=to.sha256, size_bytes=to.size_bytes)

    def load_drawn(
        self, verified: Verified, held: Live | None, *, warm: bool = True, from_disk: bool = False
    ) -> Loaded:
        """The release for this instance. Where a canary cannot be used it is the stable one.

        Raises:
            As ``load``, of the stable release.
        """
        aimed = self.meant(verified)
        try:
            live, packed = self.load(aimed, held, warm=warm, from_disk=from_disk)
        except PromptyardError as error:
            if aimed is verified:
                raise
            live, packed = self.load(verified, held, warm=warm, from_disk=from_disk)
            return Loaded(live, packed, aimed, error)
        return Loaded(live, packed, aimed)

    def other(self, verified: Verified, loaded: Loaded) -> tuple[str, bytes | None] | None:
        """During a rollout: the digest of the bundle that was not loaded, and its bytes unless the cache has them.

        At hand, so that a step of the rollout asks the store for nothing but its word. None where there is none.
        """
        canary = verified.canary
        if canary is None or loaded.failure is not None:
            return None
        wanted = verified
        if loaded.live.sha256 == verified.sha256:
            wanted = replace(verified, sha256=canary.sha256, size_bytes=canary.size_bytes)
        if self._store.object(wanted.sha256) is not None:
            return wanted.sha256, None
        try:
            return wanted.sha256, self._packed(wanted, from_disk=False)
        except PromptyardError:  # the step that needs it asks again, and tells
            return wanted.sha256, None

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
            BundleRefused: BND001 too large to be fetched, BND004 another release than was signed for, BND008 other
                bytes, BND009 it breaks the loader; or what unpacking and compiling refuse.
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
        if verified.size_bytes > MOST_BYTES:
            raise _refused("BND001", verified, f"it has more than {MOST_BYTES} packed bytes")
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
            live = compile_bundle(
                bundle,
                sha256=verified.sha256,
                previous=held,
                warm=warm,
                rest=rest,
                models=self._models,
            )
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
