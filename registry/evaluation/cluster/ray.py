"""Workers in actors of a Ray cluster: each holds the model on its node, and one that dies is started anew elsewhere.

What was asked of an actor that died is asked again, by the same rule as for a process of this machine, so a lost node
costs time and no answer.
It must never leave an actor behind, nor take a node in that would compute otherwise.
"""

from __future__ import annotations

import importlib
import json
import queue
import threading
from collections.abc import Mapping
from dataclasses import replace
from importlib.metadata import version
from pathlib import Path
from typing import Any

from registry.errors import EngineError, MissingExtra
from registry.evaluation.cluster.holder import Holder
from registry.evaluation.engines.device import Choice
from registry.evaluation.engines.process import Inbox, Worker, WorkerDied, not_loaded
from registry.evaluation.engines.weights import digest_of

_START_S = 600.0
_GONE_S = 5.0


class RayCluster:
    """The nodes behind an address, connected to when they are first needed.

    Args:
        address: ``ray://HOST:PORT`` of a Ray client server, or ``auto`` for the cluster of this machine or of
            ``RAY_ADDRESS``.
        workers: how many actors; by default one for each node, or for each GPU on CUDA.
    """

    def __init__(self, address: str, workers: int | None = None) -> None:
        self._address = address
        self._workers = workers
        self._ray: Any = None
        self._ours = False
        self._choice: Choice | None = None
        self._weights: dict[str, tuple[str, dict[str, Any]]] = {}

    def spread(self, choice: Choice) -> Choice:
        """One index for each actor, and the cluster's cores shared out among them.

        Raises:
            EngineError: CLU002 when the cluster does not answer, or has no place for an actor.
            MissingExtra: without ``ray``.
        """
        self._connect()
        has = self._ray.cluster_resources()
        nodes = [node for node in self._ray.nodes() if node["Alive"] and node["Resources"].get("CPU", 0) >= 1]
        places = int(has.get("GPU", 0)) if choice.device == "cuda" else len(nodes)
        count = self._workers or places
        if not places:
            what = f"the Ray cluster at {self._address} has no {'GPU' if choice.device == 'cuda' else 'CPU'}"
            raise EngineError("CLU002", what, "Start a node that has one, or choose another --device.")
        threads = max(1, int(has.get("CPU", 1)) // count)
        reason = f"{choice.reason}; {count} actors on {len(nodes)} Ray nodes"
        self._choice = replace(choice, reason=reason, threads=threads, indexes=(0,) * count)
        return self._choice

    def hire(self, setup: Mapping[str, Any], environment: Mapping[str, str], told: Inbox) -> Worker:
        """An actor on the node that has most room."""
        self._connect()
        gpus = 1 if setup["device"] == "cuda" else 0
        remote = self._ray.remote(Holder).options(
            num_cpus=0 if gpus else 1, num_gpus=gpus, max_restarts=0, scheduling_strategy="SPREAD"
        )
        return RayWorker(self, remote.remote(self._ray.get), setup, environment, told)

    def close(self) -> None:
        """Leave the cluster, unless the connection was there before."""
        if self._ours and self._ray is not None:
            self._ray.shutdown()
        self._ray, self._ours, self._weights = None, False, {}

    @property
    def ray(self) -> Any:
        """The library, connected."""
        return self._ray

    def weights_sha256(self, folder: str) -> str:
        """The digest that every node must find."""
        if folder not in self._weights:
            self._weights[folder] = (digest_of(Path(folder)), {})
        return self._weights[folder][0]

    def files(self, folder: str) -> Mapping[str, Any]:
        """References to the content of each file, put into the object store once."""
        digest = self.weights_sha256(folder)
        held = self._weights[folder][1]
        if not held:
            root = Path(folder)
            for path in sorted(path for path in root.rglob("*") if path.is_file()):
                held[path.relative_to(root).as_posix()] = self._ray.put(path.read_bytes())
            self._weights[folder] = (digest, held)
        return held

    def objection(self, facts: Mapping[str, Any]) -> str | None:
        """Why a node may not compute for this run; None where it may."""
        for name in ("promptyard", "ctranslate2"):
            if facts[name] != version(name):
                return f"{facts['node']} has {name} {facts[name]}, this machine {version(name)}"
        choice = self._choice
        if choice is not None and choice.device == "cpu" and facts["details"] != choice.details:
            told = ", ".join(f"{name} {value}" for name, value in sorted(facts["details"].items()))
            return f"{facts['node']} computes otherwise ({told})"
        return None

    def profile(self) -> str:
        """Under which profile the workers compute."""
        return self._choice.profile if self._choice is not None else "cpu-f32"

    def _connect(self) -> None:
        if self._ray is not None:
            return
        try:
            self._ray = importlib.import_module("ray")
        except ImportError as error:
            raise MissingExtra("--engine-cluster ray://…", "ray") from error
        if self._ray.is_initialized():
            return
        try:
            self._ray.init(
                address=self._address, log_to_driver=False, logging_level="ERROR", namespace="promptyard"
            )
        except Exception as error:
            self._ray = None
            what = f"no Ray cluster answers at {self._address} ({type(error).__name__})"
            raise EngineError(
                "CLU002", what, "Start one with ray start --head, or correct the address."
            ) from error
        self._ours = True


class RayWorker:
    """One actor behind the same face as a process of this machine."""

    def __init__(
        self,
        cluster: RayCluster,
        actor: Any,
        setup: Mapping[str, Any],
        environment: Mapping[str, str],
        told: Inbox,
    ) -> None:
        self._cluster, self._actor, self._setup, self._environment = cluster, actor, setup, environment
        self._told = told
        self._greeting: queue.SimpleQueue[Mapping[str, Any]] = queue.SimpleQueue()
        self._asked: queue.SimpleQueue[Any] = queue.SimpleQueue()
        self._why = ""
        self.pid = 0
        self._reader = threading.Thread(target=self._read, daemon=True, name="promptyard-ray")
        self._reader.start()

    def wait(self, timeout_s: float) -> None:
        """Return when the model is loaded on the actor's node.

        Raises:
            EngineError: CLU003 for a node that would compute otherwise, CLU002 where no actor starts, ENG003 when the
                model cannot be loaded.
        """
        try:
            answer = self._greeting.get(timeout=timeout_s)
        except queue.Empty:
            answer = {"ready": False, "code": "CLU002", "error": f"no actor started within {timeout_s:g} s"}
        except BaseException:
            self.close()
            raise
        if answer["ready"]:
            return
        self.close()
        if answer.get("code") == "CLU003":
            raise EngineError(
                "CLU003", str(answer["error"]), "Give all nodes the same software and kind of CPU."
            )
        if answer.get("code") == "CLU002":
            raise EngineError("CLU002", str(answer["error"]), "Look at ray status; lower ?workers=.")
        raise not_loaded(str(self._setup["folder"]), str(answer["error"]))

    def send(self, task: Mapping[str, Any]) -> None:
        """Hand over one task; raises WorkerDied."""
        if self._why:
            raise WorkerDied(self.farewell())
        self._asked.put(self._actor.answer.remote(json.dumps(task)))

    def farewell(self) -> str:
        """How the actor ended."""
        return self._why or "the actor ended"

    def kill(self) -> None:
        """End the actor at once; what it last said still comes."""
        self._cluster.ray.kill(self._actor, no_restart=True)

    def close(self) -> None:
        """End the actor; safe to call twice."""
        if self._actor is not None and self._cluster.ray is not None:
            self.kill()
        self._asked.put(None)
        self._reader.join(_GONE_S)

    def _read(self) -> None:
        ray = self._cluster.ray
        try:
            greeting = self._greeted(ray)
        except Exception as error:  # noqa: BLE001  # whatever Ray raises is the answer
            greeting = {"ready": False, "error": f"{type(error).__name__}: the actor did not start"}
        self._greeting.put(greeting)
        while greeting["ready"]:
            asked = self._asked.get()
            if asked is None:
                break
            try:
                line = ray.get(asked)
            except Exception as error:  # noqa: BLE001  # the actor or its node is gone
                line, self._why = b"", f"the actor ended ({type(error).__name__})"
            if not line:
                self._why = self._why or "the worker process of the actor ended"
                break
            self._told.put((self, line))
        self._told.put((self, b""))

    def _greeted(self, ray: Any) -> Mapping[str, Any]:
        facts = ray.get(self._actor.facts.remote(self._cluster.profile()))
        self.pid = int(facts["pid"])
        objection = self._cluster.objection(facts)
        if objection is not None:
            return {"ready": False, "code": "CLU003", "error": objection}
        folder = str(self._setup["folder"])
        sha256 = self._cluster.weights_sha256(folder)
        setup, environment = dict(self._setup), dict(self._environment)
        found = ray.get(self._actor.hold.remote(setup, environment, sha256, None, _START_S))
        if found.get("lacks"):
            files = self._cluster.files(folder)
            found = ray.get(self._actor.hold.remote(setup, environment, sha256, files, _START_S))
        answer: Mapping[str, Any] = found
        return answer
