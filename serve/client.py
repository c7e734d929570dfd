"""A service's view of one channel: the live release, and the thread that keeps it current.

Poll, verify, compile, swap: whatever fails on the way leaves the live release, the trusted metadata and the
tag as they were, and the next poll tries again.
It must never make a render wait for the network, nor raise because the store is away.
"""

from __future__ import annotations

import logging
import random
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from types import TracebackType
from typing import Any

from serve.core.errors import (
    InputsRefused,
    PromptyardError,
    Refused,
    SignatureRefused,
    Unavailable,
    UnknownPrompt,
)
from serve.core.guard.checks.asked import NO_MODELS, Models
from serve.core.guard.given import Given
from serve.core.live import Live, Render
from serve.core.model import Prompt
from serve.instance import Instance
from serve.keeping import Keeper
from serve.leader import Duty
from serve.loading import Loader
from serve.observe.guarding import Guarding
from serve.observe.ids import new_render_id
from serve.observe.metrics import UNKNOWN, Renders, exposition
from serve.poll import FOLLOW_S, ROOT_CHECK_S, Quarantine, Quarantined, Rhythm
from serve.report import Reporter
from serve.sources.port import Fetched, NotModified, Source, SourceMissing, SourceTooLarge
from serve.status import Record, Status
from serve.store import CacheUnavailable, Kept, Store
from serve.trust import TIMESTAMP_BYTES, Chain, Trust, Verified

log = logging.getLogger("serve")
_DAY_S = 86_400


class Client:
    """The live release of one channel. Safe to use from any number of threads and across forks."""

    def __init__(
        self,
        source: Source,
        trust: Trust,
        store: Store,
        *,
        channel: str = "production",
        rhythm: Rhythm = Rhythm(),
        on_swap: Callable[[Live], None] | None = None,
        chance: Callable[[], float] = random.random,
        now: Callable[[], float] = time.time,
        hash_key: bytes | None = None,
        instance: Instance = Instance(),
        reporter: Reporter | None = None,
        max_staleness_s: float | None = None,
        models: Models = NO_MODELS,
    ) -> None:
        self._source, self._trust, self._keeper = source, trust, Keeper(store)
        self._instance, self._reporter = instance, reporter
        self._channel, self._rhythm, self._on_swap = channel, rhythm, on_swap
        self._chance, self._now = chance, now
        self._loader = Loader(source, store, Quarantine(rhythm), now, instance, models)
        self._renders = Renders()
        self._guarding = Guarding(hash_key)
        self._key, self._day = hash_key or b"", (-1, "")
        self._live: Live | None = None
        self._trusted: Verified | None = None
        self._etag: str | None = None
        self._root_checked = float("-inf")
        self._aim: int | None = None
        self._behind = False
        self._record = Record(channel, rhythm.stale_after_s, max_staleness_s)
        self._ready, self._stepping = threading.Event(), threading.Lock()
        self._duty = Duty(self._keeper.lock, lead=self._lead, follow=self._follow, renew=self._renew)

    @property
    def live(self) -> Live | None:
        """The live release, None before the first one. Read it once per request: it belongs together."""
        return self._live

    def render(
        self,
        prompt: str,
        inputs: Mapping[str, Any],
        *,
        variant: str | None = None,
        segment: Mapping[str, Any] = {},
    ) -> Render:
        """The prompt's messages and model config, all from one release, with a fresh ``render_id`` (UUIDv7).

        ``segment`` are attributes of the request, for which guardrail rules may have exceptions.

        Raises:
            Unavailable: RUN001 before the first release, RUN005 when it is staler than ``max_staleness_s`` allows.
            UnknownPrompt, InputsRefused, Refused: as :meth:`serve.core.live.Live.render`.
        """
        live = self._require()
        try:
            render = live.render(
                prompt,
                inputs,
                variant=variant,
                render_id=new_render_id(),
                watch=self._guarding,
                given=Given(self._today(), segment),
                key=self._key,
            )
        except UnknownPrompt as error:
            self._renders.add(UNKNOWN, "", None, error.code)
            raise
        except PromptyardError as error:
            version = live.digest(prompt) if isinstance(error, InputsRefused) else ""
            self._renders.add(prompt, version, variant, error.code)
            raise
        self._renders.add(prompt, render.version, variant)
        return render

    def _today(self) -> str:
        """The day in UTC, worked out once a day."""
        day = int(self._now() // _DAY_S)
        if self._day[0] != day:
            self._day = day, datetime.fromtimestamp(day * _DAY_S, UTC).date().isoformat()
        return self._day[1]

    def get(self, prompt: str) -> Prompt:
        """One prompt of the live release; raises Unavailable (RUN001, RUN005) or UnknownPrompt (PRM001)."""
        return self._require().prompt(prompt)

    def _require(self) -> Live:
        live = self._live
        if live is None:
            what = f"no release of channel {self._channel} is loaded yet"
            raise Unavailable("RUN001", what, "See client.status(); wait with client.wait_ready().")
        if self._record.max_staleness_s is not None and self._record.too_stale(self._now()):
            what = f"release {live.release} of channel {self._channel} is staler than max_staleness_s allows"
            raise Unavailable("RUN005", what, "Bring the store back, or allow more; see client.status().")
        return live

    def status(self) -> Status:
        """How the client is right now."""
        live, trusted = self._live, self._trusted
        canary = trusted.canary if trusted is not None else None
        return replace(
            self._record.status(live, self._now(), polls=self._duty.polls),
            instance=self._instance.name,
            takes=self._instance.takes,
            canary=live is not None and canary is not None and live.sha256 == canary.sha256,
            report_problem=self._reporter.problem if self._reporter is not None else None,
        )

    def metrics(self) -> str:
        """Counts and state in Prometheus' text format."""
        status = self.status()
        return exposition(
            self._renders,
            state=status.state,
            channel=status.channel,
            release=status.release,
            sha256=status.sha256,
            age_s=status.seconds_since_poll,
            expiry_s=status.seconds_to_expiry,
            totals={
                "swaps": status.swaps,
                "refusals": status.refusals,
                "poll_failures": status.poll_failures,
            },
            guarding=self._guarding,
        )

    def wait_ready(self, timeout_s: float) -> bool:
        """Wait for a first release; True when there is one."""
        return self._ready.wait(timeout_s)

    def step(self) -> bool:
        """Poll, verify, compile, swap, once. True when another release went live.

        Raises:
            Refused: what the store holds must not be used; noted in the status.
            Unavailable: the store did not answer; noted in the status.
        """
        with self._stepping:
            before, self._aim = self._live, None
            try:
                self._turn()
            except Exception as error:
                if isinstance(error, SignatureRefused | SourceMissing | SourceTooLarge):
                    self._source.doubt()
                self._note(error)
                raise
            finally:
                self._report()
            return self._live is not before

    def _turn(self) -> None:
        answer = self._poll()
        failure = self._take(self._verify(answer), answer.etag) if answer is not None else None
        self._confirm()
        if failure is not None:
            raise failure

    def _take(self, verified: Verified, etag: str | None) -> PromptyardError | None:
        """Make live what is meant for this instance, or the stable release and why it is that."""
        self._aim = self._loader.meant(verified).release
        loaded = self._loader.load_drawn(verified, self._live)
        tag = etag if loaded.failure is None else None  # to be asked for again
        self._swap(loaded.live, loaded.aimed, tag)
        self._keeper.keep(verified, loaded.live, tag, loaded.packed)
        self._keeper.keep_other(self._loader.other(verified, loaded))
        return loaded.failure

    def _poll(self) -> Fetched | None:
        """The channel's timestamp when it changed or a root check is due, else None."""
        path = self._trust.timestamp_path
        answer = self._source.fetch(path, etag=self._etag, max_bytes=TIMESTAMP_BYTES)
        if self._record.heard(answer.at, self._now()):
            log.warning(
                "channel %s: this machine's clock and the store's are minutes apart; expiry is judged by this one",
                self._channel,
            )
        if isinstance(answer, Fetched):
            if not self._is_held(answer.data):
                return answer
            self._etag = answer.etag
        if self._trusted is None or not self._root_check_is_due():
            return None
        return Fetched(self._trusted.chain.timestamp.encode(), self._etag)

    def _is_held(self, timestamp: bytes) -> bool:
        """True for the bytes that were verified before: a cache on the way may strip tags and never say 304."""
        live, held = self._live, self._trusted
        if live is None or held is None or live.sha256 != held.sha256:
            return False
        return timestamp == held.chain.timestamp.encode()

    def _root_check_is_due(self) -> bool:
        return not 0 <= self._now() - self._root_checked < ROOT_CHECK_S  # below 0 the clock was set back

    def _verify(self, answer: Fetched) -> Verified:
        held = self._trusted.chain if self._trusted else None
        verified = self._trust.refresh(held, answer.data, self._read)
        self._root_checked = self._now()
        return verified

    def _read(self, path: str, max_bytes: int) -> bytes | None:
        try:
            answer = self._source.fetch(path, max_bytes=max_bytes)
        except SourceMissing:
            return None
        return None if isinstance(answer, NotModified) else answer.data

    def _swap(self, live: Live, verified: Verified, etag: str | None) -> None:
        before = self._live
        self._trusted, self._etag, self._record.expires_at = verified, etag, verified.expires_at
        if live is before:
            return
        self._live = live
        self._ready.set()
        self._record.swaps += 1
        log.info("channel %s: release %d is live", self._channel, live.release)
        self._renders.retire({entry.sha256 for entry in live.manifest.entries} if before else ())
        self._guarding.retire({entry.path for entry in live.manifest.entries})
        if self._on_swap is not None:
            try:
                self._on_swap(live)
            except Exception:
                log.exception(
                    "channel %s: on_swap failed; release %d stays live", self._channel, live.release
                )

    def _confirm(self) -> None:
        """The store was asked and all is well: note it, for this process and for the others of the host."""
        self._record.confirmed(self._now())
        self._try_cache(self._keeper.write_down)

    def _try_cache(self, write: Callable[[], None]) -> None:
        """A cache that cannot be written is reported, and keeps no one from serving or polling."""
        problem = None
        try:
            write()
        except CacheUnavailable as error:
            problem = str(error)
            if self._record.cache_problem is None:
                log.warning("channel %s: %s", self._channel, problem)
        self._record.cache_problem = problem
        self._duty.go_alone(problem is not None)

    def _note(self, error: Exception) -> None:
        """Count a step that failed, and tell the log what it was not told before."""
        if isinstance(error, Quarantined):
            return
        if isinstance(error, Refused):
            if self._record.refused(error, self._now(), self._aim):
                log.warning("channel %s: refused, what was live stays live: %s", self._channel, error)
            return
        self._record.failed(error)
        if not isinstance(error, PromptyardError):
            log.error("channel %s: the step failed unexpectedly", self._channel, exc_info=error)
        elif self._record.failures == 1:
            log.warning("channel %s: %s", self._channel, error)

    def _report(self) -> None:
        """Let whoever looks at the fleet know, from the process that asks the store for this host."""
        if self._reporter is not None:
            trusted = self._trusted
            bake_s = trusted.canary.bake_s if trusted is not None and trusted.canary is not None else None
            self._reporter.offer(self.status(), poll_s=self._rhythm.interval_s, bake_s=bake_s)

    def restore(self) -> bool:
        """Load the last known good from disk, without a network; True when there is one now."""
        kept = self._keeper.latest()
        if kept is not None:
            try:
                self._adopt(kept, warm=False)
            except PromptyardError as error:
                self._note(error)
        return self._live is not None

    def _adopt(self, kept: Kept, *, warm: bool) -> None:
        held = self._trusted
        chain = Chain(kept.roots, kept.timestamp, kept.snapshot, kept.targets)
        verified = self._trust.verify(chain, held.chain if held else None)
        if held is None:  # even where the object turns out broken: what was once trusted bars what is older
            self._trusted = verified
        self._aim = self._loader.meant(verified).release
        loaded = self._loader.load_drawn(verified, self._live, warm=warm, from_disk=True)
        self._swap(loaded.live, loaded.aimed, kept.etag if loaded.failure is None else None)
        self._keeper.taken()
        self._behind, self._record.polled_at = False, self._keeper.confirmed_at()
        if loaded.failure is not None and kept.etag is not None:  # without one its writer met the same
            raise loaded.failure

    def start(self) -> None:
        """Follow the store in a daemon thread; does nothing when that runs already."""
        self._try_cache(self._keeper.prepare)
        self._duty.start(self._rhythm.first_s(self._chance(), cached=self._live is not None))

    def close(self) -> None:
        """Stop the thread and give connections back. What is live can still be rendered."""
        self._duty.stop()
        self._source.close()

    def __enter__(self) -> Client:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _lead(self) -> float:
        """One poll on the thread. Where a thing was refused, the store did answer: only silence backs off."""
        try:
            self.step()
        except Refused:
            pass
        except Exception:  # noqa: BLE001 - the thread must outlive whatever a step trips over; step() noted it
            return self._rhythm.backoff_s(self._record.failures, self._chance())
        return self._rhythm.next_s(self._chance())

    def _follow(self) -> float:
        """One look at what the leader wrote."""
        kept = self._keeper.news()
        if kept is not None:
            try:
                with self._stepping:
                    self._adopt(kept, warm=True)
            except Exception as error:  # noqa: BLE001 - as above
                self._note(error)
                self._behind = True
                self._keeper.see(again=not isinstance(error, Refused))
                if isinstance(error, SignatureRefused | Unavailable):  # another root, or bytes that went bad
                    self._keeper.stand_apart()
                    self._duty.go_alone(True)  # to ask the store for once
        elif not self._behind:
            self._record.polled_at = self._keeper.confirmed_at()
        return FOLLOW_S

    def _renew(self) -> None:
        """In a forked child: what the parent's threads held or shared is replaced."""
        self._source.reset()
        self._renders.reset_lock()
        self._guarding.reset_lock()
        if self._reporter is not None:
            self._reporter.reset()
        self._stepping, self._ready = threading.Lock(), threading.Event()
        if self._live is not None:
            self._ready.set()
