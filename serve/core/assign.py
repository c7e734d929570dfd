"""Which instances of a service a rollout draws: a hash, so that nobody has to keep a list.

It must never draw an instance and let it go again while the percent only rises.
"""

from __future__ import annotations

from serve.core.digest import sha256

BUCKETS = 10_000
_DIGITS = 12


def drawn(instance: str, salt: str, percent: float) -> bool:
    """True for about ``percent`` of all instances, the same ones each time; more with a higher percent.

    Another ``salt``, another draw: not the same instances go first in every rollout.
    """
    place = int(sha256(f"{salt}\0{instance}".encode())[:_DIGITS], 16) % BUCKETS
    return place < percent * BUCKETS / 100
