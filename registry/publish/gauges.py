"""A figure of a Prometheus server, or word that there is none: what a rollout is watched by besides the fleet.

It must never take silence for a figure: a server that is away, an empty answer and NaN are all "unknown".

Source: Prometheus HTTP API v1, instant queries.
"""

from __future__ import annotations

import json
import math
import os
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from registry.errors import Usage
from registry.publish.fleet import Finding
from registry.publish.hearsay import plain

if TYPE_CHECKING:
    from urllib3 import BaseHTTPResponse

TIMEOUT_S = 10.0  # for the answer as a whole, too: one that drips must not hold up what the fleet says
MOST_BYTES = 1 << 20
TOKEN = "PROMPTYARD_PROMETHEUS_TOKEN"  # noqa: S105 - the name of a variable


@dataclass(frozen=True, slots=True)
class Gauge:
    """A query and the highest value that is still well.

    ``$release`` and ``$channel`` in the query stand for what is on its way, and where. Of several values the highest
    counts. A token, where the server wants one, comes from ``PROMPTYARD_PROMETHEUS_TOKEN``.
    """

    url: str
    query: str
    highest: float

    def examine(self, channel: str, release: int) -> Finding:
        """Ask once; raises Usage (PUB027) for a query that the server does not understand."""
        query = self.query.replace("$release", str(release)).replace("$channel", channel)
        found, why = self._ask(query)
        if found is None:
            return Finding("unknown", why)
        if found > self.highest:
            return Finding("bad", f"the query gives {found:g}, above {self.highest:g}")
        return Finding("healthy", f"the query gives {found:g}")

    def _ask(self, query: str) -> tuple[float | None, str]:
        import urllib3

        token = os.environ.get(TOKEN)
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        try:
            with urllib3.PoolManager(retries=False, timeout=TIMEOUT_S) as pool:
                answer = pool.request(
                    "GET",
                    f"{self.url.rstrip('/')}/api/v1/query",
                    fields={"query": query},
                    headers=headers,
                    preload_content=False,
                    redirect=False,
                )
                body, status = _body(answer), answer.status
        except (urllib3.exceptions.HTTPError, OSError, ValueError) as error:
            return None, f"Prometheus does not answer ({type(error).__name__})"
        return _figure(status, body)


def _body(answer: BaseHTTPResponse) -> bytes:
    """The body, or as much of it as is read; raises TimeoutError for one that takes too long."""
    until, body = time.monotonic() + TIMEOUT_S, bytearray()
    while len(body) < MOST_BYTES and (piece := answer.read1(MOST_BYTES - len(body))):
        body += piece
        if time.monotonic() > until:
            raise TimeoutError
    answer.close()
    return bytes(body)


def _figure(status: int, body: bytes) -> tuple[float | None, str]:
    """The highest value of an answer, or None and why there is none."""
    try:
        told: Any = json.loads(body)
        if status in (400, 422) and told["status"] == "error":
            said = plain(told["error"], 200)
            raise Usage("PUB027", f"Prometheus refuses the query: {said}", "Mend --query.")
        if status != 200 or told["status"] != "success":
            return None, f"Prometheus answers with status {status}"
        kind, result = told["data"]["resultType"], told["data"]["result"]
        if kind not in {"vector", "scalar"}:
            what = f"the query gives a {kind}, not one value for each series"
            raise Usage("PUB027", what, "Ask for an instant vector or a scalar in --query.")
        values = [float(series["value"][1]) for series in result] if kind == "vector" else [float(result[1])]
    except (ValueError, KeyError, TypeError, IndexError, RecursionError):
        return None, "Prometheus' answer cannot be read"
    if not values:
        return None, "the query gives nothing"
    if any(math.isnan(value) for value in values):
        return None, "the query gives NaN"
    return max(values), ""
