"""Names for single renders, so that an answer, a trace and a thumb can be traced to the prompt behind them.

It must never carry anything about the caller: time and chance only.
"""

from __future__ import annotations

import os
import time


def new_render_id() -> str:
    """A UUID of version 7 as 32 hexadecimal digits, sortable by time. Source: RFC 9562, section 5.7."""
    value = time.time_ns() // 1_000_000 << 80 | int.from_bytes(os.urandom(10), "big")
    return f"{value & ~(0xF << 76) & ~(0b11 << 62) | 0x7 << 76 | 0b10 << 62:032x}"
