"""Work beside an event loop: what may take long there goes on in a thread of its own.

It must never be needed by a service that has no event loop, nor load what only one with it has loaded already.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

_Result = TypeVar("_Result")


async def beside(work: Callable[[], _Result]) -> _Result:
    """What ``work`` returns; the loop that waits for it goes on meanwhile."""
    from asyncio import to_thread  # brings sockets and TLS along, which only a running loop has loaded

    return await to_thread(work)
