"""One poller per host, in real processes: who leads, who follows, and what a killed leader leaves."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap
import time
from contextlib import contextmanager

import pytest
from support.bundles import bundle, prompt, text

from serve.leader import Duty, Leader

WORKER = """
    import json, sys, time
    import serve

    url, trust, cache = sys.argv[1:]
    client = serve.connect(url, trust=trust, cache=cache, interval_s=0.1, min_interval_s=0.05)
    told = None
    while True:
        status = client.status()
        now = (status.release, status.polls, status.state)
        if now != told:
            print(json.dumps(now), flush=True)
            told = now
        time.sleep(0.02)
"""


def release(number):
    return bundle(prompt(text("user", f"{number} {{{{ name }}}}")), release=number)


@contextmanager
def worker(yard, cache):
    command = [
        sys.executable,
        "-c",
        textwrap.dedent(WORKER),
        yard.url,
        str(yard.folder / "trusted.json"),
        str(cache),
    ]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        yield process
    finally:
        process.kill()
        process.wait()
        process.stdout.close()


def wait_for(process, wanted, within_s=15):
    """Read what a worker tells until it tells this."""
    import json

    began = time.monotonic()
    for line in process.stdout:
        if wanted(*json.loads(line)):
            return
        if time.monotonic() - began > within_s:
            break
    raise AssertionError("the worker never said it")


def test_workers_share_one_poller_and_one_takes_over_when_it_is_killed(yard, tmp_path):
    yard.publish(release(1))
    with worker(yard, tmp_path / "cache") as first:
        wait_for(first, lambda number, polls, _: number == 1 and polls)
        with worker(yard, tmp_path / "cache") as second:
            wait_for(second, lambda number, polls, state: (number, polls, state) == (1, False, "fresh"))
            yard.publish(release(2))
            wait_for(second, lambda number, polls, _: number == 2 and not polls)
            first.send_signal(signal.SIGKILL)
            wait_for(second, lambda _, polls, __: polls)
            yard.publish(release(3))
            wait_for(second, lambda number, _, __: number == 3)


def test_the_lock_is_one_process_wide_too_and_free_after_release(tmp_path):
    first, second = Leader(tmp_path / "lock"), Leader(tmp_path / "lock")
    assert first.acquire()
    assert first.acquire()
    assert not second.acquire()
    first.release()
    assert second.acquire()
    second.release()


def forked(child):
    """Run a function in a forked child; returns what it returned."""
    reading, writing = os.pipe()
    pid = os.fork()
    if pid == 0:
        try:
            os.write(writing, str(child()).encode())
        finally:
            os._exit(0)
    os.close(writing)
    with os.fdopen(reading) as answer:
        said = answer.read()
    os.waitpid(pid, 0)
    return said


@pytest.mark.filterwarnings("ignore:This process:DeprecationWarning")
def test_a_forked_child_keeps_its_parent_from_losing_the_lock(tmp_path):
    calls = []
    duty = Duty(
        tmp_path / "lock", lead=lambda: calls.append(1) or 60.0, follow=lambda: 60.0, renew=lambda: None
    )
    duty.start()
    try:
        until = time.monotonic() + 5
        while not calls and time.monotonic() < until:
            time.sleep(0.005)
        assert forked(lambda: (duty.polls, duty.running)) == "(False, True)"
        assert duty.polls
        assert not Leader(tmp_path / "lock").acquire()
    finally:
        duty.stop()
    assert not duty.polls


@pytest.mark.filterwarnings("ignore:This process:DeprecationWarning")
def test_a_forked_child_goes_on_following_the_store(yard, desk):
    yard.publish(release(1))
    parent = desk()
    parent.client.start()
    assert parent.client.wait_ready(5)

    def child():
        yard.publish(release(2))
        until = time.monotonic() + 5
        while parent.client.live.release != 2 and time.monotonic() < until:
            time.sleep(0.01)
        return parent.say(), parent.client.status().polls

    assert forked(child) == "('2 Ann', False)"


@pytest.mark.filterwarnings("ignore:This process:DeprecationWarning")
def test_a_child_forked_while_the_parent_steps_is_not_stuck(yard, desk):
    yard.publish(release(1))
    parent = desk()
    parent.client.step()
    yard.publish(release(2))
    with parent.client._stepping:
        assert forked(lambda: parent.client.step() and parent.say()) == "2 Ann"


def test_where_no_lock_can_be_had_each_polls_for_itself(tmp_path):
    (tmp_path / "file").touch()
    calls = []
    duties = [
        Duty(
            tmp_path / "file/lock",
            lead=lambda: calls.append(1) or 60.0,
            follow=lambda: 60.0,
            renew=lambda: None,
        )
        for _ in range(2)
    ]
    for duty in duties:
        duty.start()
    until = time.monotonic() + 5
    while len(calls) < 2 and time.monotonic() < until:
        time.sleep(0.005)
    for duty in duties:
        duty.stop()
    assert len(calls) == 2


def test_the_first_poll_waits_its_turn_and_stopping_does_not_wait_for_it(tmp_path):
    calls = []
    duty = Duty(
        tmp_path / "lock", lead=lambda: calls.append(1) or 60.0, follow=lambda: 60.0, renew=lambda: None
    )
    duty.start(first_s=60)
    time.sleep(0.05)
    duty.stop()
    duty.stop()
    assert not calls  # a minute later there would be one
