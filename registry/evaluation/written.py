"""JSON that an earlier run wrote, read as if a stranger had: caches are shared, records are mailed.

It must never give what could not be written again.
"""

from __future__ import annotations

import json
import re
from typing import Any

from serve.core.digest import canonical

_ODD = re.compile(rb"\\u[dD]|[eE]\+?[0-9]{3}|NaN|Infinity")


def read_written(data: bytes) -> Any:
    """The JSON value of a line or a file.

    Raises:
        ValueError: for what is no JSON, is nested too deeply, or holds half a character or a number without bounds.
    """
    try:
        found = json.loads(data)
        if _ODD.search(data):
            canonical(found)
    except RecursionError as error:
        raise ValueError("it is nested too deeply") from error
    return found
