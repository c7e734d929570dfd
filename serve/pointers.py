"""What signed targets point at: the stable release, and during a rollout the one on its way.

It must never refuse the stable release for what stands beside it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeGuard

from serve.core.errors import SignatureRefused

if TYPE_CHECKING:
    from tuf.api.metadata import TargetFile

STABLE = "stable"
CANARY = "canary"
_SHA256 = re.compile(r"[0-9a-f]{64}\Z")
_MOST = 10**9  # as seconds 30 years; far from where figures begin to overflow


@dataclass(frozen=True, slots=True)
class Canary:
    """A release on its way: ``percent`` of the instances run it, drawn by ``salt``; a step stands ``bake_s`` or longer."""

    release: int
    sha256: str
    size_bytes: int
    percent: int
    salt: str
    bake_s: float


def stable(targets: Mapping[str, TargetFile]) -> tuple[int, str, int]:
    """Release, digest and size of the stable bundle; raises SignatureRefused (SIG006) when none is named."""
    target = targets.get(STABLE)
    custom = target.custom if target is not None else None
    release = custom.get("release") if isinstance(custom, dict) else None
    digest = target.hashes.get("sha256", "") if target is not None else ""
    if target is None or not isinstance(release, int) or not _SHA256.match(digest):
        raise SignatureRefused(
            "SIG006", "the signed targets name no stable release", "Publish a release first."
        )
    return release, digest, target.length


def canary(targets: Mapping[str, TargetFile]) -> Canary | None:
    """The release on its way. What a later version tells otherwise is not for this one: stable is."""
    target = targets.get(CANARY)
    told = target.custom if target is not None else None
    if target is None or not isinstance(told, dict):
        return None
    release, percent, salt = told.get("release"), told.get("percent"), told.get("salt")
    digest, bake_s = target.hashes.get("sha256", ""), told.get("bakeSeconds", 0)
    if not (_is_whole(release, 1) and _is_whole(percent, 1, 99) and _is_whole(bake_s)):
        return None
    if not isinstance(salt, str) or not _SHA256.match(digest):
        return None
    return Canary(release, digest, target.length, percent, salt, float(bake_s))


def _is_whole(told: object, least: int = 0, most: int = _MOST) -> TypeGuard[int]:
    return type(told) is int and least <= told <= most
