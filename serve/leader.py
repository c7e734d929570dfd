"""One poller per host: whoever holds the file lock asks the store, the others read what it wrote.

The kernel releases the lock when its holder dies, however it dies, so nothing has to be cleaned up; a forked
child starts over with a thread of its own instead of serving frozen values.
It must never wait for the lock, and a forked child must never keep its parent's.
"""

from __future__ import annotations

import fcntl
import os
import threading
import time
import weakref
from collections.abc import Callable
from pathlib import Path

_ALL: weakref.WeakSet[Duty] = weakref.WeakSet()


class Leader:
    """A claim on the leadership of one cache folder; not held until :meth:`acquire` says so."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._fd: int | None = None

    @property
    def held(self) -> bool:
        """True while this process holds the lock."""
        return self._fd is not None

    def acquire(self) -> bool:
        """Take the lock if it is free; True when this process holds it afterwards.

        Raises:
            OSError: when the lock file cannot be opened, as in a folder that cannot be written.
        """
        if self._fd is not None:
            return True
        fd = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o644)
        try:
            fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(fd)
            return False
        except OSError:
            os.close(fd)
            raise
        self._fd = fd
        return True

    def release(self) -> None:
        """Let go, so that another process may lead; in a forked child, leave the lock to the parent.

        Closes and does not unlock: parent and child share the open file; unlocking would free it for both.
        """
        if self._fd is not None:
            os.close(self._fd)
            self._fd = None


class Duty:
    """The thread of one client: leads where it holds the lock or is on its own, follows elsewhere.

    Args:
        lock: the lock file of the cache folder.
        lead: one poll; returns the seconds to the next. Must not raise.
        follow: one look at what the leader wrote; returns the seconds to the next. Must not raise.
        renew: called first in a forked child, to drop what belongs to the parent.
    """

    def __init__(
        self, lock: Path, *, lead: Callable[[], float], follow: Callable[[], float], renew: Callable[[], None]
    ) -> None:
        self._leader = Leader(lock)
        self._lead, self._follow, self._renew = lead, follow, renew
        self._alone = False
        self._due = 0.0
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None
        _ALL.add(self)

    @property
    def polls(self) -> bool:
        """True while this process asks the store itself."""
        return self._leader.held or self._alone

    @property
    def running(self) -> bool:
        """True from :meth:`start` to :meth:`stop`, in a forked child too."""
        return self._thread is not None

    def start(self, first_s: float = 0.0) -> None:
        """Begin; the first poll comes after ``first_s`` seconds, following begins at once."""
        if self._thread is not None:
            return
        self._due = time.monotonic() + first_s
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, args=(self._stop,), name="promptyard", daemon=True)
        self._thread.start()

    def stop(self, timeout_s: float = 10.0) -> None:
        """End the thread, which lets go of the lock; may be called twice, and from the thread itself."""
        thread, self._thread = self._thread, None
        self._stop.set()
        if thread is None:
            self._leader.release()
        elif thread is not threading.current_thread():
            thread.join(timeout_s)

    def go_alone(self, alone: bool) -> None:
        """Poll without the lock: for a process whose writes fail, so that it keeps nobody from leading."""
        self._alone = alone
        if alone:
            self._leader.release()

    def _run(self, stop: threading.Event) -> None:
        delay = 0.0
        while not stop.wait(delay):
            delay = self._tick()
        self._leader.release()

    def _tick(self) -> float:
        if not self._leads():
            return self._follow()
        wait = self._due - time.monotonic()
        if wait > 0:
            return wait
        delay = self._lead()
        self._due = time.monotonic() + delay
        return delay

    def _leads(self) -> bool:
        if self._alone:
            return True
        try:
            return self._leader.acquire()
        except OSError:
            self._alone = True
            return True

    def reborn(self) -> None:
        """Start over in a forked child: locks, connections and thread of the parent are gone or not ours."""
        self._leader.release()
        was_running, self._thread = self._thread is not None, None
        self._renew()
        if was_running:
            self.start()


def _after_fork() -> None:
    for duty in tuple(_ALL):
        duty.reborn()


os.register_at_fork(after_in_child=_after_fork)
