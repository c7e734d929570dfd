"""Numbers for Prometheus, counted without a dependency and without growing for ever.

Labels hold ids from the release and nothing that a caller sent, so the number of series is bounded.
It must never slow a render measurably or hold a user, an input or a render id in a label.

Source: Prometheus text exposition format 0.0.4; names from the run-time design.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Collection, Iterable, Mapping

from serve.observe.guarding import Guarding, Look

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
UNKNOWN = "unknown"
_VERSION_DIGITS = 12
_STATES = ("fresh", "stale", "empty")
_TOTALS = {
    "swaps": "Releases made live.",
    "refusals": "Bundles or metadata refused.",
    "poll_failures": "Polls without an answer.",
}

Key = tuple[str, str, str, str]


class Renders:
    """Renders so far, by prompt, version, variant and outcome (``ok`` or the code of the refusal)."""

    def __init__(self) -> None:
        self._counts: dict[Key, int] = {}
        self.reset_lock()

    def reset_lock(self) -> None:
        """A new lock: after a fork the old one may be held by a thread that is gone."""
        self._lock = threading.Lock()

    def add(self, prompt: str, version: str, variant: str | None, outcome: str = "ok") -> None:
        """Count one render."""
        key = (prompt, version, variant or "", outcome)
        with self._lock:
            self._counts[key] = self._counts.get(key, 0) + 1

    def retire(self, versions: Collection[str]) -> None:
        """Drop the series of versions that no release in use holds."""
        with self._lock:
            self._counts = {key: n for key, n in self._counts.items() if not key[1] or key[1] in versions}

    def counts(self) -> Mapping[Key, int]:
        """A copy of the counts."""
        with self._lock:
            return dict(self._counts)


def exposition(
    renders: Renders,
    *,
    state: str,
    channel: str,
    release: int | None,
    sha256: str | None,
    age_s: float | None,
    expiry_s: float | None,
    totals: Mapping[str, int],
    guarding: Guarding | None = None,
) -> str:
    """Everything in Prometheus' text format, ready for ``/metrics``.

    ``totals`` holds the client's ``swaps``, ``refusals`` and ``poll_failures`` so far.
    """
    rows = [
        (_labels(prompt=p, version=v[:_VERSION_DIGITS], variant=arm, outcome=outcome), n)
        for (p, v, arm, outcome), n in sorted(renders.counts().items())
    ]
    info = _labels(channel=channel, release=str(release), version=sha256 or "")
    states = [(_labels(state=name), int(name == state)) for name in _STATES]
    lines = _family("renders_total", "counter", "Prompts rendered.", rows)
    lines += _family("bundle_info", "gauge", "The live release.", [] if release is None else [(info, 1)])
    lines += _gauge("bundle_age_seconds", "Since the store last confirmed the release.", age_s)
    lines += _gauge("metadata_expiry_seconds", "Until the signed metadata expires.", expiry_s)
    lines += _family("client_state", "gauge", "1 for the state the client is in.", states)
    for name, meaning in _TOTALS.items():
        lines += _family(f"{name}_total", "counter", meaning, [("", totals[name])])
    if guarding is not None:
        lines += _guarded(guarding)
    return "\n".join(lines) + "\n"


_SECONDS = "Processor seconds that a rule took; for one that asks a model, seconds on the clock."


def _guarded(guarding: Guarding) -> list[str]:
    verdicts = [(_labels(stage=s, action=a), n) for (s, a), n in sorted(guarding.verdicts().items())]
    rules = [(_labels(set=s, rule=rule), look) for (s, rule), look in sorted(guarding.rules().items())]
    lines = _family("guard_verdicts_total", "counter", "Texts checked by guardrails.", verdicts)
    figures: tuple[tuple[str, str, Callable[[Look], float]], ...] = (
        ("looks", "Texts that a rule looked at.", lambda look: look.looks),
        ("hits", "Matches of a rule.", lambda look: look.hits),
        ("failures", "Texts on which a rule could not be evaluated.", lambda look: look.failures),
        ("seconds", _SECONDS, lambda look: look.ns / 1e9),
    )
    for name, meaning, value in figures:
        rows = [(labels, value(look)) for labels, look in rules]
        lines += _family(f"guard_rule_{name}_total", "counter", meaning, rows)
    return lines


def _gauge(name: str, meaning: str, value: float | None) -> list[str]:
    return _family(name, "gauge", meaning, [] if value is None else [("", round(value, 3))])


def _family(name: str, kind: str, meaning: str, rows: Iterable[tuple[str, float]]) -> list[str]:
    full = f"promptyard_{name}"
    return [
        f"# HELP {full} {meaning}",
        f"# TYPE {full} {kind}",
        *(f"{full}{labels} {n}" for labels, n in rows),
    ]


def _labels(**values: str) -> str:
    return "{" + ",".join(f'{name}="{_escaped(value)}"' for name, value in values.items()) + "}"


def _escaped(value: str) -> str:
    return value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
