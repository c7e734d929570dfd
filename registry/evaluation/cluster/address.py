"""From what ``--engine-cluster`` says to a cluster.

It must never connect: that is done when the first question is asked.
"""

from __future__ import annotations

import re
from urllib.parse import parse_qs, urlsplit

from registry.errors import Usage
from registry.evaluation.cluster.local import LocalCluster
from registry.evaluation.cluster.port import Cluster
from registry.evaluation.cluster.ray import RayCluster

_LOCAL = re.compile(r"local:([1-9][0-9]{0,2})")
_COUNT = re.compile(r"[1-9][0-9]{0,3}")


def cluster_of(text: str) -> Cluster:
    """The cluster that ``local:4``, ``ray://HOST:PORT`` or ``ray://auto`` names; ``?workers=8`` says how many actors.

    Raises:
        Usage: CLU001 for anything else.
    """
    local = _LOCAL.fullmatch(text)
    if local is not None:
        return LocalCluster(int(local[1]))
    try:
        parts = urlsplit(text)
        options = parse_qs(parts.query, keep_blank_values=True)
        workers = options.get("workers", [None])[0]
        whole = parts.hostname == "auto" or parts.port is not None
    except ValueError:
        raise _refused(text) from None
    plain = not (parts.username or parts.password or parts.path.strip("/") or options.keys() - {"workers"})
    if parts.scheme != "ray" or not whole or not plain or (workers and not _COUNT.fullmatch(workers)):
        raise _refused(text)
    if workers == "":
        raise _refused(text)
    address = "auto" if parts.hostname == "auto" else f"ray://{parts.netloc}"
    return RayCluster(address, int(workers) if workers is not None else None)


def _refused(text: str) -> Usage:
    next_step = (
        "Write local:4 for four workers here, ray://HOST:10001 or ray://auto for Ray, with ?workers=8."
    )
    return Usage("CLU001", f"{text!r} names no cluster", next_step)
