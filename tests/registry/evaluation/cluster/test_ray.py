"""Two nodes of Ray on this machine, real actors, the demo model; skipped where Ray is not installed."""

from __future__ import annotations

import os
import shutil
import signal
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from support.models import WEIGHTS, ask, demo_config

from registry.errors import EngineError, MissingExtra
from registry.evaluation.cluster.ray import RayCluster
from registry.evaluation.engines.ctranslate2 import CTranslate2Engine
from registry.evaluation.engines.device import choose
from registry.evaluation.engines.port import Prepared
from registry.evaluation.engines.weights import digest_of
from registry.evaluation.records import Completion

ASKED = ask(*(f"My card was charged {n} times in shop {n % 7}, please help." for n in range(240)))

try:
    import ray
    from ray.cluster_utils import Cluster as Nodes
except ImportError:
    ray = None

needs_ray = pytest.mark.skipif(ray is None, reason="ray is not installed: pip install 'promptyard[ray]'")


@pytest.fixture(scope="module")
def nodes() -> Iterator[Any]:
    os.environ.setdefault("RAY_ENABLE_UV_RUN_RUNTIME_ENV", "0")
    made = Nodes(
        initialize_head=True,
        connect=False,
        head_node_args={"num_cpus": 1, "object_store_memory": 80_000_000, "include_dashboard": False},
    )
    made.add_node(num_cpus=1, object_store_memory=80_000_000)
    os.environ["RAY_ADDRESS"] = made.address
    yield made
    del os.environ["RAY_ADDRESS"]
    made.shutdown()


@pytest.fixture
def cluster(nodes: Any) -> Iterator[RayCluster]:
    made = RayCluster("auto")
    yield made
    made.close()


def engine(cluster: RayCluster | None, folder: Path = WEIGHTS) -> CTranslate2Engine:
    choice = choose("cpu")
    if cluster is None:
        return CTranslate2Engine(folder, digest_of(folder), demo_config(), choice=choice)
    return CTranslate2Engine(
        folder, digest_of(folder), demo_config(), choice=cluster.spread(choice), hire=cluster.hire
    )


def answers(made: CTranslate2Engine) -> tuple[list[Prepared], dict[int, Completion]]:
    prepared = made.prepare(ASKED)
    found = {index: replace(completion, seconds=None) for index, completion in made.complete(prepared)}
    return prepared, found


@pytest.fixture(scope="module")
def alone() -> tuple[list[Prepared], dict[int, Completion]]:
    made = engine(None)
    try:
        return answers(made)
    finally:
        made.close()


@needs_ray
def test_two_nodes_answer_as_one_machine_does(cluster: RayCluster, alone: Any) -> None:
    made = engine(cluster)
    assert "2 actors on 2 Ray nodes" in made.note
    assert answers(made) == alone
    made.close()


@needs_ray
def test_an_actor_that_is_killed_loses_nothing(cluster: RayCluster, alone: Any) -> None:
    made = engine(cluster)
    prepared = made.prepare(ASKED)
    found: dict[int, Completion] = {}
    for index, completion in made.complete(prepared):
        found[index] = replace(completion, seconds=None)
        if len(found) == 10 and made.fleet is not None:
            os.kill(made.fleet.running[0].pid, signal.SIGKILL)
    assert (prepared, found) == alone
    made.close()


@needs_ray
def test_weights_that_a_node_lacks_come_through_the_object_store(
    cluster: RayCluster, alone: Any, tmp_path: Path
) -> None:
    folder = tmp_path / "weights"
    shutil.copytree(WEIGHTS, folder)
    made = engine(cluster, folder)
    assert made.prepare(ASKED) == alone[0]
    cluster.files(str(folder))
    shutil.rmtree(folder)
    found = {index: replace(each, seconds=None) for index, each in made.complete(alone[0])}
    assert found == alone[1]
    made.close()


@needs_ray
def test_a_node_that_would_compute_otherwise_is_refused(cluster: RayCluster) -> None:
    choice = cluster.spread(replace(choose("cpu"), details={"isa": "AVX512", "math": "other"}))
    made = CTranslate2Engine(WEIGHTS, digest_of(WEIGHTS), demo_config(), choice=choice, hire=cluster.hire)
    with pytest.raises(EngineError, match=r"CLU003 .* computes otherwise"):
        list(made.complete(made.prepare(ASKED)))
    made.close()


@needs_ray
def test_a_cluster_that_is_not_there_is_named() -> None:
    with pytest.raises(EngineError, match=r"CLU002 no Ray cluster answers at ray://127\.0\.0\.1:9"):
        RayCluster("ray://127.0.0.1:9").spread(choose("cpu"))


def test_without_ray_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "ray", None)
    with pytest.raises(MissingExtra, match=r"promptyard\[ray\]"):
        RayCluster("auto").spread(choose("cpu"))
