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
from typing import IO, Any, cast

from registry.errors import EngineError, MissingExtra, PromptyardError

_SCRIPT = Path(__file__).with_name("worker.py")
_EXIT_S = 5.0


class WorkerDied(Exception):
    """The process ended or went silent; what it was asked is unanswered."""


class WorkerProcess:
    """One running worker. The constructor returns when the model is loaded and has answered a probe.

    Raises:
        EngineError: ENG003 when the model cannot be loaded.
    """

    def __init__(self, setup: Mapping[str, Any], environment: Mapping[str, str], timeout_s: float) -> None:
        self._timeout_s = timeout_s
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
        self._answers: queue.SimpleQueue[bytes] = queue.SimpleQueue()
        self._reader = threading.Thread(target=self._read, daemon=True, name="promptyard-worker")
        self._reader.start()
        self._start(setup)

    def send(self, task: Mapping[str, Any]) -> None:
        """Hand over one task; raises WorkerDied."""
        try:
            self._input.write(json.dumps(task).encode() + b"\n")
            self._input.flush()
        except (BrokenPipeError, ValueError) as error:
            raise WorkerDied("the worker process has ended") from error

    def receive(self) -> dict[str, Any]:
        """The next answer, in the order of the tasks; raises WorkerDied."""
        try:
            line = self._answers.get(timeout=self._timeout_s)
        except queue.Empty as error:
            raise WorkerDied(f"the worker did not answer for {self._timeout_s:.0f} s") from error
        if not line:
            raise WorkerDied(f"the worker process ended with status {self._process.wait(_EXIT_S)}")
        answer: dict[str, Any] = json.loads(line)
        return answer

    def close(self) -> None:
        """End the process, at once if it does not go by itself; safe to call twice."""
        with contextlib.suppress(BrokenPipeError):
            self._input.close()
        if self._process.poll() is None:
            self._process.kill()
        self._process.wait(_EXIT_S)
        self._reader.join(_EXIT_S)
        self._output.close()

    def _start(self, setup: Mapping[str, Any]) -> None:
        try:
            self.send(setup)
            answer = self.receive()
        except WorkerDied as error:
            self.close()
            raise _not_loaded(str(setup["folder"]), str(error)) from error
        except BaseException:
            self.close()
            raise
        if not answer["ready"]:
            self.close()
            raise _not_loaded(str(setup["folder"]), str(answer["error"]))

    def _read(self) -> None:
        for line in self._output:
            self._answers.put(line)
        self._answers.put(b"")


def _not_loaded(folder: str, why: str) -> PromptyardError:
    if "No module named 'ctranslate2'" in why:
        return MissingExtra("promptyard test with a local model", "eval")
    next_step = "Check that the folder is a CTranslate2 model and that memory is enough."
    return EngineError("ENG003", f"the model in {Path(folder).name} cannot be loaded: {why}", next_step)
