from __future__ import annotations

import asyncio
import subprocess
import sys
import threading

import pytest

from serve.core.guard.waiting import beside


def test_work_goes_on_in_another_thread_and_comes_back() -> None:
    assert asyncio.run(beside(threading.get_ident)) != threading.get_ident()


def test_what_it_raises_is_raised() -> None:
    with pytest.raises(ZeroDivisionError):
        asyncio.run(beside(lambda: 1 // 0))


def test_guards_do_not_load_an_event_loop() -> None:
    probe = "import sys, serve.core.live; print('asyncio' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", probe], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"
