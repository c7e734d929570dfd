"""How much work something takes, told in a way that a busy machine does not change.

Work in Python is counted in calls. Work inside one call of C, as in a regular expression, cannot be counted: there a
text is taken so long that a way which looks at it again and again needs minutes of processor time, and is ended.
It must never compare two readings of a clock.
"""

from __future__ import annotations

import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType


def calls_of(act: Callable[[], object]) -> int:
    """How many functions an act enters, Python's and C's."""
    count = 0

    def seen(_frame: FrameType, event: str, _: object) -> None:
        nonlocal count
        count += event in ("call", "c_call")

    before = sys.getprofile()
    sys.setprofile(seen)
    try:
        act()
    finally:
        sys.setprofile(before)
    return count


@contextmanager
def ending(processor_s: float = 30.0) -> Iterator[None]:
    """Ends what is inside, and fails, when it has used so much processor time; other processes do not count.

    The bound is for work that would take minutes or would never end; what is in order needs a hundredth of it.
    """

    def end(_signal: int, _frame: FrameType | None) -> None:
        raise AssertionError(f"not done after {processor_s:g} seconds of processor time")

    before = signal.signal(signal.SIGPROF, end)
    signal.setitimer(signal.ITIMER_PROF, processor_s)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, before)
