"""Reports: what is told, when, and that nothing about them can hurt the service."""

from __future__ import annotations

import errno
import io
import json
import threading
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest
from botocore.awsrequest import AWSResponse
from support.bundles import bundle, prompt, text
from urllib3 import HTTPResponse

from serve.core.errors import Usage
from serve.instance import Instance
from serve.report import HEARTBEAT_S, Reporter, report_path, reporter_of
from serve.sources import open_source
from serve.sources.directory import DirectorySource
from serve.status import Refusal, Status

WELL = Status("fresh", "", "production", release=1, sha256="a" * 64, instance="web-1")


@dataclass
class Shelf:
    """Keeps what was put; can refuse, or hang until told."""

    put_: list[tuple[str, dict]] = field(default_factory=list)
    error: Exception | None = None
    gate: threading.Event = field(default_factory=threading.Event)
    resets: int = 0

    def put(self, path, data):
        assert self.gate.wait(5)
        if self.error is not None:
            raise self.error
        self.put_.append((path, json.loads(data)))

    def reset(self):
        self.resets += 1


@dataclass
class Counter:
    shelf: Shelf
    reporter: Reporter
    now: float = 1_000_000.0

    def offer(self, status=WELL, **more):
        """Offer, and wait for the write, if there is one; how many were written by now."""
        self.reporter.offer(status, poll_s=30, **more)
        if self.reporter._writing is not None:
            self.reporter._writing.join(5)
        return len(self.shelf.put_)


@pytest.fixture
def counter():
    made = Counter(Shelf(), None)
    made.shelf.gate.set()
    made.reporter = Reporter(made.shelf, now=lambda: made.now)
    return made


def test_a_report_says_what_runs_since_when_and_what_was_refused(counter):
    refused = replace(WELL, refusals=1, last_refusal=Refusal("BND004", "no", 999_990.0, 2), canary=True)
    counter.offer(refused)
    ((path, told),) = counter.shelf.put_
    assert path == report_path("production", "web-1") == "status/production/web-1.json"
    assert told == {
        "instance": "web-1",
        "channel": "production",
        "state": "fresh",
        "at": "1970-01-12T13:46:40Z",
        "release": 1,
        "sha256": "a" * 64,
        "canary": True,
        "since": "1970-01-12T13:46:40Z",
        "refusals": 1,
        "lastRefusal": {"code": "BND004", "reason": "no", "at": "1970-01-12T13:46:30Z", "release": 2},
    }


def test_a_change_is_told_at_once_and_the_same_once_an_hour(counter):
    assert [counter.offer(), counter.offer()] == [1, 1]
    assert counter.offer(replace(WELL, sha256="b" * 64, release=2)) == 2
    assert counter.offer(replace(WELL, sha256="b" * 64, release=2, state="stale")) == 3
    counter.now += HEARTBEAT_S - 1
    assert counter.offer(replace(WELL, sha256="b" * 64, release=2, state="stale")) == 3
    counter.now += 1
    assert counter.offer(replace(WELL, sha256="b" * 64, release=2, state="stale")) == 4
    assert counter.shelf.put_[-1][1]["since"] == counter.shelf.put_[1][1]["since"]


def test_during_a_rollout_a_quarter_of_the_bake_time_is_the_beat(counter):
    assert counter.offer(bake_s=600) == 1
    assert counter.shelf.put_[0][1]["heartbeatS"] == 150
    counter.now += 149
    assert counter.offer(bake_s=600) == 1
    counter.now += 1
    assert counter.offer(bake_s=600) == 2
    assert counter.offer(bake_s=1) == 3
    assert counter.shelf.put_[2][1]["heartbeatS"] == 30, "no sooner than it polls"


def test_a_store_that_refuses_is_told_of_and_tried_again_later_and_later(counter):
    counter.shelf.error = OSError(errno.ENOSPC, "full")
    assert counter.offer() == 0
    assert counter.reporter.problem == "OSError"
    counter.now += 59
    counter.shelf.error = None
    assert counter.offer() == 0, "not before a minute"
    counter.now += 1
    assert counter.offer() == 1
    assert counter.reporter.problem is None


def test_a_store_that_hangs_holds_up_nobody(counter):
    counter.shelf.gate.clear()
    counter.reporter.offer(WELL, poll_s=30)
    hanging = counter.reporter._writing
    for state in ("stale", "empty"):
        counter.reporter.offer(replace(WELL, state=state), poll_s=30)
    assert counter.reporter._writing is hanging, "one write at a time"
    counter.shelf.gate.set()
    hanging.join(5)
    assert counter.offer(replace(WELL, state="empty")) == 2, (
        "the news that was missed is told with the next poll"
    )


def test_a_clock_that_was_set_back_does_not_silence_it(counter):
    counter.offer()
    counter.now -= 10 * HEARTBEAT_S
    assert counter.offer() == 2


def test_no_thread_to_be_had_is_no_error(counter, monkeypatch):
    def broken(_):
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr(threading.Thread, "start", broken)
    counter.reporter.offer(WELL, poll_s=30)
    assert counter.reporter.problem == "RuntimeError"


def test_a_forked_child_begins_anew(counter):
    counter.offer()
    counter.reporter.reset()
    assert counter.shelf.resets == 1
    assert counter.offer() == 2


def test_reports_go_to_a_folder_or_a_bucket_and_nowhere_unless_asked(tmp_path, monkeypatch):
    monkeypatch.delenv("PROMPTYARD_REPORT", raising=False)
    assert reporter_of(None) is None
    monkeypatch.setenv("PROMPTYARD_REPORT", f"file:{tmp_path}")
    assert reporter_of(None) is not None
    assert reporter_of("") is None
    with pytest.raises(Usage, match="SRC006"):
        reporter_of("https://example.invalid/prompts")
    with pytest.raises(Usage, match="SRC005"):
        reporter_of("ftp://example.invalid")


def test_a_folder_gets_whole_files_and_a_full_one_leaves_no_rest(tmp_path, monkeypatch):
    source = DirectorySource(tmp_path)
    source.put("status/production/a.json", b"1")
    source.put("status/production/a.json", b"2")
    folder = tmp_path / "status/production"
    assert [(path.name, path.read_bytes()) for path in folder.iterdir()] == [("a.json", b"2")]

    def full(*_):
        raise OSError(errno.ENOSPC, "full")

    monkeypatch.setattr(Path, "replace", full)
    with pytest.raises(OSError, match="full"):
        source.put("status/production/a.json", b"3")
    monkeypatch.undo()
    assert [path.name for path in folder.iterdir()] == ["a.json"]


@pytest.mark.parametrize("broken", ["a file in the way", "nothing"])
def test_a_client_serves_on_whatever_its_report_store_does(yard, desk, tmp_path, broken):
    yard.publish(bundle(prompt(text("user", "1 {{ name }}")), release=1))
    place = tmp_path / "reports"
    if broken == "a file in the way":
        place.write_text("not a folder")
    reporter = reporter_of(f"file:{place}")
    one = desk(instance=Instance("web-1"), reporter=reporter)
    assert one.client.step()
    reporter._writing.join(5)
    assert one.say() == "1 Ann"
    problem = one.client.status().report_problem
    assert (problem is None) == (broken == "nothing")
    if broken == "nothing":
        told = json.loads((place / "status/production/web-1.json").read_bytes())
        assert (told["release"], told["state"]) == (1, "fresh")


@pytest.mark.parametrize("store", ["moto", pytest.param("ceph", marks=pytest.mark.real_s3)])
def test_a_bucket_gets_the_report_and_a_bucket_that_is_away_is_no_error(store, request):
    url = request.getfixturevalue(f"{store}_store")
    reporter = reporter_of(url)
    reporter.offer(WELL, poll_s=30)
    reporter._writing.join(20)
    assert reporter.problem is None
    reader = open_source(url)
    told = json.loads(reader.fetch(report_path("production", "web-1"), max_bytes=10_000).data)
    assert told["sha256"] == WELL.sha256
    lost = reporter_of("s3://no-such-bucket/x?" + url.partition("?")[2])
    lost.offer(WELL, poll_s=30)
    lost._writing.join(20)
    assert lost.problem.startswith("SRC003")


@pytest.mark.parametrize(
    ("options", "sent"),
    [
        ("", (None, None)),
        ("&sse=AES256", ("AES256", None)),
        ("&sse=aws:kms&kms=alias/prompts", ("aws:kms", "alias/prompts")),
    ],
)
def test_a_report_is_encrypted_as_its_url_asks(options, sent, monkeypatch):
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "not-a-key")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "not-a-secret")
    source = open_source(f"s3://bucket/a?endpoint=http://127.0.0.1:9&region=eu-north-1{options}")
    seen = []

    def answer(request, **_):
        seen.append({name.lower(): value for name, value in request.headers.items()})
        return AWSResponse(request.url, 200, {}, HTTPResponse(io.BytesIO(), preload_content=False))

    source._connected().meta.events.register("before-send.s3", answer)
    source.put("status/production/web-1.json", b"{}")
    head = "x-amz-server-side-encryption"
    found = [seen[0].get(name) for name in (head, f"{head}-aws-kms-key-id")]
    assert tuple(each.decode() if isinstance(each, bytes) else each for each in found) == sent
