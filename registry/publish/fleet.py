"""Who runs what, as services report it: one small object per instance below ``status/`` of a store.

Nobody signs a report, so it is read as what it is: hearsay of whoever may write there. It can hold a rollout up or
end it, and never makes a release live that was not signed for.
It must never fail for one report that cannot be read: that is named, and holds a rollout up as silence does.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from registry.errors import StoreUnavailable, Usage
from registry.publish.hearsay import plain
from registry.publish.moves import Canary
from registry.publish.target import Target, metadata_key
from registry.publish.times import moment
from serve import Report
from serve.core.codec import ShapeError, from_json, keys_of
from serve.instance import Instance, is_name
from serve.report import report_path

READERS = 16
MOST_BYTES = 16_384
SLACK_S = 120.0
LONGEST_BEAT_S = 86_400.0
FORGOTTEN = timedelta(days=7)
_FORMAT = 1
_MOST = 10**9
_CODE, _REASON = 40, 300


@dataclass(frozen=True, slots=True)
class Seen:
    """One instance as it reported last; ``silent`` when the report after that is overdue, or it is one from the future."""

    report: Report
    age_s: float
    silent: bool


@dataclass(frozen=True, slots=True)
class Fleet:
    """The instances of a channel by name, those silent for a week left out, and the reports that told nothing."""

    instances: tuple[Seen, ...]
    forgotten: int = 0
    unreadable: tuple[str, ...] = ()

    @property
    def heard(self) -> tuple[Seen, ...]:
        """Those whose word counts."""
        return tuple(each for each in self.instances if not each.silent)

    def states(self) -> Mapping[str, int]:
        """How many are fresh, stale, empty and silent."""
        found = Counter("silent" if each.silent else each.report.state for each in self.instances)
        return {state: found[state] for state in ("fresh", "stale", "empty", "silent")}

    def releases(self) -> Mapping[int, int]:
        """How many run each release, of those whose word counts, by number in falling order."""
        found = Counter(each.report.release for each in self.heard if each.report.release is not None)
        return {number: found[number] for number in sorted(found, reverse=True)}


@dataclass(frozen=True, slots=True)
class Finding:
    """How a step of a rollout stands: a word, and why.

    ``healthy``: whoever should run it does, and well. ``nobody``: nobody should. ``unknown``: not to be told.
    """

    word: str
    why: str


def read_fleet(target: Target, channel: str, now: datetime) -> Fleet:
    """All reports of a channel; raises StoreUnavailable, and Usage (PUB010) for a bad channel name."""
    metadata_key(channel, "timestamp")  # the name, checked
    keys = [key for key in target.list(f"status/{channel}/") if key.endswith(".json")]
    with ThreadPoolExecutor(READERS) as readers:
        data = list(readers.map(lambda key: _read(target, key), keys))
    failures = [each for each in data if isinstance(each, StoreUnavailable)]
    if failures and len(failures) == len(data):
        raise failures[0]
    names = [key.split("/")[-1].removesuffix(".json") for key in keys]
    found = {name: _seen(told, name, channel, now) for name, told in zip(names, data, strict=True) if told}
    told = [each for each in found.values() if each is not None]
    near = (each for each in told if each.age_s <= FORGOTTEN.total_seconds())
    instances = tuple(sorted(near, key=lambda each: each.report.instance))
    lost = tuple(plain(name) for name, each in found.items() if each is None)
    return Fleet(instances, len(told) - len(instances), lost)


def forget(target: Target, channel: str, instance: str) -> None:
    """Remove the report of an instance that is gone; raises Usage (PUB028) where there is none."""
    key = report_path(channel, instance)
    if key not in target.list(f"status/{channel}/"):
        what = f"no instance {instance} reports on channel {channel}"
        raise Usage("PUB028", what, "promptyard fleet shows their names.")
    target.remove(key)


def examine(fleet: Fleet, canary: Canary, *, max_refusals: int = 0) -> Finding:
    """What the reports say of a step: refusals of the release end it, and whoever is drawn has to run it."""
    begun = moment(canary.since)
    refused = [each for each in fleet.heard if _refuses(each.report, canary)]
    if len(refused) > max_refusals:
        last = refused[0].report.last_refusal
        code = last.code if last is not None else ""
        return Finding("bad", f"{_some(len(refused))} refused release {canary.release}: {code}")
    if fleet.unreadable:
        name = fleet.unreadable[0]
        return Finding("unknown", f"{_some(len(fleet.unreadable))} not to be read, such as {name}")
    if not fleet.heard:
        return Finding("unknown", "no instance reports")
    chosen = [each for each in fleet.instances if _drawn(each.report, canary) and not _left(each, begun)]
    if not chosen:
        return Finding("nobody", f"none of {_some(len(fleet.heard))} falls into {canary.percent} %")
    lacking = [each for each in chosen if not _runs(each, canary, begun)]
    if lacking:
        name = lacking[0].report.instance
        return Finding(
            "unknown", f"{len(lacking)} of {_some(len(chosen))} drawn not seen running it yet, such as {name}"
        )
    return Finding("healthy", f"{len(chosen)} of {len(fleet.heard)} instances drawn, and running it")


def _read(target: Target, key: str) -> bytes | StoreUnavailable | None:
    """The bytes of a report, a few more than it may have; None where it is gone by now."""
    try:
        return target.peek(key, MOST_BYTES + 1)
    except StoreUnavailable as error:
        return error


def _seen(data: bytes | StoreUnavailable, name: str, channel: str, now: datetime) -> Seen | None:
    if not isinstance(data, bytes) or len(data) > MOST_BYTES:
        return None
    try:
        told = json.loads(data)
        known = {
            name: told[name] for name in keys_of(Report) if name in told
        }  # a newer service may tell more
        report = _harmless(from_json(Report, known))
        age_s = (now - moment(report.at)).total_seconds()
    except (ShapeError, ValueError, TypeError, RecursionError, OverflowError):
        return None
    if (report.channel, report.instance, report.format) != (channel, name, _FORMAT) or not is_name(name):
        return None
    return Seen(report, max(0.0, age_s), not -SLACK_S <= age_s <= 2 * report.heartbeat_s + SLACK_S)


def _harmless(report: Report) -> Report:
    """A report whose times are times, whose figures are of a size to work with, and whose words can be shown.

    Raises:
        ValueError: it is none.
    """
    last = report.last_refusal
    times = [report.at, report.since or report.at, last.at if last else report.at]
    if not all(text.isprintable() and moment(text) for text in times):
        raise ValueError("no time")
    figures = [report.release or 0, report.swaps, report.refusals, report.poll_failures]
    if not all(0 <= figure <= _MOST for figure in figures) or not 0 < report.heartbeat_s <= LONGEST_BEAT_S:
        raise ValueError("no figure")
    if last is None:
        return report
    return replace(
        report, last_refusal=replace(last, code=plain(last.code, _CODE), reason=plain(last.reason, _REASON))
    )


def _refuses(report: Report, canary: Canary) -> bool:
    """Whether it refused the canary in this rollout, not in an earlier one, and does not run it by now."""
    last = report.last_refusal
    if last is None or last.release != canary.release or report.sha256 == canary.sha256:
        return False
    return moment(last.at) >= moment(canary.begun or canary.since)


def _drawn(report: Report, canary: Canary) -> bool:
    return Instance(report.instance, report.takes).draws(canary.salt, canary.percent)


def _left(each: Seen, begun: datetime) -> bool:
    """Whether it was gone before the step began. One that fell silent since may be what the release did to it."""
    return each.silent and moment(each.report.at) < begun


def _runs(each: Seen, canary: Canary, begun: datetime) -> bool:
    """Whether it said so after the step began: what it was like before tells nothing of it."""
    report = each.report
    return (
        not each.silent
        and (report.sha256, report.state) == (canary.sha256, "fresh")
        and moment(report.at) >= begun
    )


def _some(count: int) -> str:
    return "one instance" if count == 1 else f"{count} instances"
