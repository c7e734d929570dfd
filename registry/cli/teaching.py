"""Examples at the end of a command's ``--help``, line by line as they are typed.

It must never hold an example that does not run.
"""

from __future__ import annotations


def examples(*lines: str) -> str:
    """An epilog that click leaves unwrapped."""
    return "\n".join(("\b", "Examples:", *(f"  {line}" for line in lines)))
