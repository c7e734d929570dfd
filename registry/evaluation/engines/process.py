"""A worker process on a leash: start it, hand it tasks, take answers, survive its death.

It must never wait for ever, leave a process behind, or let a full pipe block both sides.
"""

from __future__ import annotations

import contextlib
import json
import os
import queue
import subprocess
import sys
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import IO, Any, Protocol, cast

from registry.errors import EngineError, MissingExtra, PromptyardError

_SCRIPT = Path(__file__).with_name("worker.py")
_EXIT_S = 5.0


class WorkerDied(Exception):
    """The process ended or went silent; what it was asked is unanswered."""


class Worker(Protocol):
    """A worker wherever it runs; each line that it says is told to whom it was started for."""

    @property
    def pid(self) -> int:
        """The id of its process, where it runs."""
        ...

    def wait(self, timeout_s: float) -> None:
        """Return when the model is loaded; raises EngineError, MissingExtra."""
        ...

    def send(self, task: Mapping[str, Any]) -> None:
        """Hand over one task; raises WorkerDied."""
        ...

    def farewell(self) -> str:
        """How it ended."""
        ...

    def kill(self) -> None:
        """End it at once; what it last said still comes."""
        ...

    def close(self) -> None:
        """End it; safe to call twice."""
        ...


Inbox = queue.SimpleQueue[tuple[Worker, bytes]]  # an empty line says that the worker has ended


class WorkerProcess:
    """One worker, started at once; it has its model when ``wait`` returns.

    Args:
        setup: what the worker loads, and where.
        environment: variables beside those of this process.
        told: gets this worker and each line that it says; an empty line says that it has ended.
    """

    def __init__(
        self,
        setup: Mapping[str, Any],
        environment: Mapping[str, str],
        told: Inbox,
    ) -> None:
        self._setup = setup
        self._told = told
        self._process = subprocess.Popen(  # noqa: S603  # our own script under our own interpreter
            [sys.executable, "-P", str(_SCRIPT)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            # The parent's import path may have been set by hand; the child needs the same.
            env={**os.environ, "PYTHONPATH": os.pathsep.join(p for p in sys.path if p), **environment},
        )
        self._input = cast("IO[bytes]", self._process.stdin)
        self._output = cast("IO[bytes]", self._process.stdout)
        self._greeting: queue.SimpleQueue[bytes] = queue.SimpleQueue()
        self._reader = threading.Thread(target=self._read, daemon=True, name="promptyard-worker")
        self._reader.start()
        with contextlib.suppress(WorkerDied):  # then there is no greeting, and ``wait`` says so
            self.send(setup)

    @property
    def pid(self) -> int:
        """The id of the process."""
        return self._process.pid

    def wait(self, timeout_s: float) -> None:
        """Return when the model is loaded and has answered a probe.

        Raises:
            EngineError: ENG003 when the model cannot be loaded.
            MissingExtra: without ``ctranslate2``.
        """
        try:
            line = self._greeting.get(timeout=timeout_s)
            answer = json.loads(line) if line else {"ready": False, "error": self.farewell()}
        except queue.Empty:
            answer = {"ready": False, "error": f"the worker did not answer for {timeout_s:g} s"}
        except BaseException:
            self.close()
            raise
        if not answer["ready"]:
            self.close()
            raise not_loaded(str(self._setup["folder"]), str(answer["error"]))

    def send(self, task: Mapping[str, Any]) -> None:
        """Hand over one task; raises WorkerDied."""
        try:
            self._input.write(json.dumps(task).encode() + b"\n")
            self._input.flush()
        except (BrokenPipeError, ValueError) as error:
            raise WorkerDied(self.farewell()) from error

    def farewell(self) -> str:
        """How the process ended."""
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(_EXIT_S)
        return f"the worker process ended with status {self._process.returncode}"

    def kill(self) -> None:
        """End the process at once; what it last said still comes."""
        self._process.kill()

    def close(self) -> None:
        """End the process, at once if it does not go by itself; safe to call twice."""
        with contextlib.suppress(BrokenPipeError):
            self._input.close()
        if self._process.poll() is None:
            self._process.kill()
        self._process.wait(_EXIT_S)
        self._reader.join(_EXIT_S)
        self._output.close()

    def _read(self) -> None:
        first = self._output.readline()
        self._greeting.put(first)
        if first:
            for line in self._output:
                self._told.put((self, line))
        self._told.put((self, b""))


def not_loaded(folder: str, why: str) -> PromptyardError:
    """What is raised when a worker cannot load its model."""
    if "No module named 'ctranslate2'" in why:
        return MissingExtra("promptyard test with a local model", "eval")
    next_step = "Check that the folder is a CTranslate2 model and that memory is enough."
    return EngineError("ENG003", f"the model in {Path(folder).name} cannot be loaded: {why}", next_step)
