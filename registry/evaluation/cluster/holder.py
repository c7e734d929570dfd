"""The actor that holds a model on a node: it finds or fetches the weights, checks them, and keeps a worker process.

The process is the one that a single machine starts, with the same variables set before its library is loaded, which
is why an answer does not depend on the node.
It must never load weights whose digest it has not computed here, nor import ray.
"""

from __future__ import annotations

import json
import os
import platform
import queue
import tempfile
from collections.abc import Callable, Mapping
from importlib.metadata import version
from pathlib import Path, PurePosixPath
from typing import Any

from registry.errors import PromptyardError
from registry.evaluation.engines.device import ProfileName, on_cpu
from registry.evaluation.engines.process import Inbox, WorkerProcess
from registry.evaluation.engines.weights import digest_of, publish

Files = Mapping[str, Any]
_CACHE = "PROMPTYARD_NODE_CACHE"


class Holder:
    """One model on one node. ``fetch`` turns the reference to a file's content into its bytes."""

    def __init__(self, fetch: Callable[[Any], bytes]) -> None:
        self._fetch = fetch
        self._worker: WorkerProcess | None = None
        self._inbox: Inbox = queue.SimpleQueue()

    def facts(self, profile: ProfileName) -> dict[str, Any]:
        """Who computes here, and what its numbers depend on."""
        return {
            "node": platform.node(),
            "pid": os.getpid(),
            "promptyard": version("promptyard"),
            "ctranslate2": version("ctranslate2"),
            "details": on_cpu(profile, "").details,
        }

    def hold(
        self,
        setup: Mapping[str, Any],
        environment: Mapping[str, str],
        weights_sha256: str,
        files: Files | None,
        timeout_s: float,
    ) -> dict[str, Any]:
        """Load the model: ``ready``; or ``lacks`` where the weights are to be sent along; or an ``error``."""
        folder = self._found(Path(setup["folder"]), weights_sha256, files)
        if folder is None:
            return {"ready": False, "lacks": files is None, "error": "the weights came with another digest"}
        self._worker = WorkerProcess({**setup, "folder": str(folder)}, environment, self._inbox)
        try:
            self._worker.wait(timeout_s)
        except PromptyardError as error:
            return {"ready": False, "lacks": False, "error": error.what}
        return {"ready": True}

    def answer(self, task: str) -> bytes:
        """The line that the worker answers with; an empty one says that it has ended."""
        if self._worker is None:
            return b""
        try:
            self._worker.send(json.loads(task))
        except Exception:  # noqa: BLE001  # told by the empty line
            return b""
        return self._inbox.get()[1]

    def _found(self, named: Path, weights_sha256: str, files: Files | None) -> Path | None:
        """The folder under its own path, as on shared storage; else under its digest in this node's cache."""
        kept = _cache() / weights_sha256
        for folder in (named, kept):
            if folder.is_dir() and digest_of(folder) == weights_sha256:
                return folder
        if files is None:
            return None
        kept.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(
            dir=kept.parent, prefix="making-", ignore_cleanup_errors=True
        ) as made:
            for name, reference in files.items():
                place = Path(made) / "weights" / PurePosixPath(name)
                place.parent.mkdir(parents=True, exist_ok=True)
                place.write_bytes(self._fetch(reference))
            if digest_of(Path(made) / "weights") != weights_sha256:
                return None
            publish(Path(made) / "weights", kept)
        return kept


def _cache() -> Path:
    return Path(os.environ.get(_CACHE) or Path(tempfile.gettempdir()) / "promptyard-weights")
