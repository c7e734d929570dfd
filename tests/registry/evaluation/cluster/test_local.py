from __future__ import annotations

import os
import signal
from dataclasses import replace

from support.models import WEIGHTS, ask, demo_config

from registry.evaluation.cluster.local import LocalCluster
from registry.evaluation.engines.ctranslate2 import CTranslate2Engine
from registry.evaluation.engines.device import Choice, choose
from registry.evaluation.engines.port import Prepared
from registry.evaluation.engines.weights import digest_of
from registry.evaluation.records import Completion

ASKED = ask(*(f"My card was charged {n} times in shop {n % 7}, please help." for n in range(240)))


def answers(workers: int | None, kill_at: int | None = None) -> tuple[list[Prepared], dict[int, Completion]]:
    choice = choose("cpu")
    made = CTranslate2Engine(WEIGHTS, digest_of(WEIGHTS), demo_config(), choice=choice)
    if workers is not None:
        cluster = LocalCluster(workers)
        choice = cluster.spread(choice)
        made = CTranslate2Engine(WEIGHTS, digest_of(WEIGHTS), demo_config(), choice=choice, hire=cluster.hire)
    prepared, found = made.prepare(ASKED), {}
    for index, completion in made.complete(prepared):
        found[index] = replace(completion, seconds=None)
        if len(found) == kill_at and made.fleet is not None:
            assert len(made.fleet.running) == workers
            os.kill(made.fleet.running[-1].pid, signal.SIGKILL)
    made.close()
    return prepared, found


def test_three_workers_answer_as_one_does_though_one_of_them_is_killed() -> None:
    assert answers(3, kill_at=5) == answers(None)


def test_cores_are_shared_out_and_devices_dealt_out() -> None:
    cpu = LocalCluster(3).spread(Choice("cpu", "cpu-f32", "float32", "asked for", threads=8))
    assert (cpu.threads, cpu.indexes, cpu.reason) == (2, (0, 0, 0), "asked for; local:3")
    assert LocalCluster(8).spread(replace(cpu, threads=4)).threads == 1
    cuda = Choice("cuda", "fast", "float16", "found", threads=8, indexes=(0, 1))
    assert LocalCluster(5).spread(cuda).indexes == (0, 1, 0, 1, 0)
    assert LocalCluster(1).spread(cuda).indexes == (0,)
