"""A client out of what a service knows: where the store is, whom to trust, where to keep what was loaded.

It must never fail because the store is away: what is wrong with the words it is given is all that it refuses.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from pathlib import Path

from serve.client import Client
from serve.core.errors import Usage
from serve.core.guard.checks.asked import Asked, AskedDetect, Models
from serve.core.live import Live
from serve.core.model import RuleKind
from serve.instance import instance_of
from serve.poll import MIN_INTERVAL_S, Rhythm
from serve.report import reporter_of
from serve.sources import open_source
from serve.store import Store
from serve.trust import Trust

WEIGHTS = "weights"  # below the cache, as the registry keeps them
_CHANNEL = re.compile(r"[a-z0-9][a-z0-9-]{0,62}\Z")


def connect(
    url: str | Sequence[str],
    *,
    trust: str | Path | bytes,
    cache: str | Path,
    channel: str = "production",
    interval_s: float = 30.0,
    min_interval_s: float = MIN_INTERVAL_S,
    wait_s: float = 5.0,
    on_swap: Callable[[Live], None] | None = None,
    start: bool = True,
    hash_key: bytes | None = None,
    instance: str | None = None,
    canary: str | None = None,
    report: str | None = None,
    max_staleness_s: float | None = None,
    models: Models | None = None,
) -> Client:
    """A client that serves from ``cache`` at once and follows the store from then on.

    Args:
        url: the store, as :func:`serve.sources.open_source` reads it; or several places of it, the preferred one first.
        trust: the channel's root of trust, the file ``trust/<channel>.root.json`` or its bytes.
        cache: a folder of this host; worker processes share it, and one of them polls for all.
        channel: which channel to follow.
        interval_s: seconds between polls, each drawn ± 20 %, clamped to [``min_interval_s``, 1 h].
        min_interval_s: the clamp's lower end; shorter than 5 s is for tests and the development loop.
        wait_s: how long to wait for a first release when the cache holds none.
        on_swap: called with each new release after it went live, on the polling thread.
        start: False leaves polling to the caller, by :meth:`Client.step`.
        hash_key: keys the hashes that stand for matched text in the log, by default chance of this process, and
            the canaries of prompts, by default none: they are then the same everywhere.
        max_staleness_s: refuse to render (RUN005) from a release that the store has not confirmed, or whose
            signatures have been expired, for longer than this. By default never: an old prompt beats none.
        instance: who this is in rollouts and reports; by default ``PROMPTYARD_INSTANCE``, or of host and cache.
        canary: whether it takes part in rollouts: when it is ``drawn``, ``always`` or ``never``; by default
            ``PROMPTYARD_CANARY``, or when it is drawn.
        report: a store to tell how this instance is, ``file:`` or ``s3://``, for ``promptyard fleet``; by default
            ``PROMPTYARD_REPORT``, or none. ``sse=`` and ``kms=`` in its URL go with each write, as a publisher's do.
        models: opens what guardrail rules ask; by default a :class:`serve.guard_ml.models.LocalModels` with the
            weights below ``cache/weights``, which asks no hosted model.

    Returns without a release, rather than raising, when the store is away and the cache is empty.

    Raises:
        Usage: SRC005 bad URL, TRU001 unreadable root of trust, RUN002 bad channel name, RUN003 and
            RUN004 bad instance, RUN006 bad bound, SRC006 a store that reports cannot be written to.
    """
    if not _CHANNEL.match(channel):
        raise Usage(
            "RUN002", "the channel name is not made of a-z, 0-9 and -", "Name a channel of promptyard.yaml."
        )
    named = instance_of(instance, Path(cache), canary)
    if max_staleness_s is not None and not max_staleness_s > 0:  # NaN, too
        raise Usage("RUN006", "max_staleness_s is not above 0", "Leave it out to serve however stale it is.")
    kept = Store(Path(cache) / channel)
    client = Client(
        open_source(url),
        Trust(_root_of(trust, channel), channel, kept),
        kept,
        channel=channel,
        rhythm=Rhythm(interval_s, min_interval_s),
        on_swap=on_swap,
        hash_key=hash_key,
        instance=named,
        reporter=reporter_of(report),
        max_staleness_s=max_staleness_s,
        models=models or _WhenAsked(Path(cache) / WEIGHTS),
    )
    client.restore()
    if start:
        client.start()
        client.wait_ready(wait_s)
    return client


def _root_of(trust: str | Path | bytes, channel: str) -> bytes:
    if isinstance(trust, bytes):
        return trust
    try:
        return Path(trust).read_bytes()
    except OSError as error:
        what = f"the root of trust {trust} cannot be read"
        raise Usage("TRU001", what, f"Give the committed file trust/{channel}.root.json.") from error


class _WhenAsked:
    def __init__(self, weights: Path) -> None:
        self._weights = weights
        self._models: Models | None = None

    def open(self, kind: RuleKind, detect: AskedDetect, /) -> Asked:
        if self._models is None:
            # Few releases ask a model, and a start should not pay for those that do.
            from serve.guard_ml.models import LocalModels

            self._models = LocalModels([self._weights])
        return self._models.open(kind, detect)
