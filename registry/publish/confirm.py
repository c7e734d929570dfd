"""A channel seen as a service sees it: by the services' own client, the shipped root and an empty cache.

It must never share code or trust with what published: that is the point of looking again.
"""

from __future__ import annotations

import logging
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import serve
from registry.publish.state import trusted_root
from registry.settings import Channel
from serve.core.bundle import unpack
from serve.core.compile import compile_bundle
from serve.core.digest import sha256
from serve.core.guard.checks.asked import LATER


@dataclass(frozen=True, slots=True)
class Seen:
    """A release that a service would serve. ``expires_in_s`` is None for a file, which nobody signed.

    ``canary``: what an instance would serve that a rollout draws, None outside of one.
    """

    release: int
    sha256: str
    prompts: int
    expires_in_s: float | None = None
    canary: Seen | None = None


def see(
    url: str,
    channel: Channel,
    root: Path = Path(),
    *,
    trust: bytes | None = None,
    cache: Path | None = None,
) -> Seen:
    """What a service finds on a channel: verified, unpacked, compiled, probes rendered.

    Args:
        url: the store, as services read it; a relative ``file:`` path is below ``root``.
        channel: the channel, whose root file is the trust unless ``trust`` gives another.
        root: the registry's folder.
        trust: a root file's bytes.
        cache: where the service left off; by default it is a fresh one.

    Raises:
        SignatureRefused, BundleRefused, Unavailable, Usage: as a service would report.
    """
    first = trust if trust is not None else trusted_root(channel, root)
    with _said_once(), tempfile.TemporaryDirectory(prefix="promptyard-") as fresh:

        def seen(takes: str) -> tuple[Seen, bool]:
            return _seen(below(url, root), channel.name, first, cache or Path(fresh), takes)

        drawn, is_canary = seen("always")
        return replace(seen("never")[0], canary=drawn) if is_canary else drawn


def see_file(data: bytes) -> Seen:
    """What a service would make of a packed bundle; raises BundleRefused."""
    live = compile_bundle(unpack(data), sha256=sha256(data), models=LATER)
    return Seen(live.release, live.sha256, len(live.prompts()))


def _seen(url: str, channel: str, trust: bytes, cache: Path, takes: str) -> tuple[Seen, bool]:
    with serve.connect(
        url,
        trust=trust,
        cache=cache,
        channel=channel,
        start=False,
        canary=takes,
        report="",
        models=LATER,  # whether a service has the models that rules ask is the service's to find out
    ) as client:
        client.step()
        status, live = client.status(), client.live
    if live is None:
        raise serve.Unavailable(
            "RUN001", f"no release of channel {channel} is loaded", "Publish to it first."
        )
    return Seen(live.release, live.sha256, len(live.prompts()), status.seconds_to_expiry), status.canary


@contextmanager
def _said_once() -> Iterator[None]:
    """Keep the client from logging what is raised here anyway, where nobody set logging up."""
    log, silent = logging.getLogger("serve"), logging.NullHandler()
    log.addHandler(silent)
    try:
        yield
    finally:
        log.removeHandler(silent)


def below(url: str, root: Path) -> str:
    """The URL of a store with a relative folder made absolute, for readers that know no registry."""
    if not url.startswith("file:"):
        return url
    return f"file:{(root / url.removeprefix('file:').removeprefix('//')).absolute()}"
