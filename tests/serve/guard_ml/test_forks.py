from __future__ import annotations

import os
import threading

from serve.guard_ml.forks import PerProcess


def test_a_thing_is_made_once_for_all_threads():
    made: list[int] = []
    thing = PerProcess(lambda: made.append(1) or object())  # type: ignore[func-returns-value]
    threads = [threading.Thread(target=thing) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert thing() is thing()
    assert made == [1]


def test_another_process_makes_its_own(monkeypatch):
    thing = PerProcess(object)
    first = thing()
    with thing._lock[1]:  # held by a thread that the child does not have
        monkeypatch.setattr(os, "getpid", lambda: -1)
        assert thing() is not first
