from __future__ import annotations

import json
import textwrap
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from registry.errors import EngineError
from registry.evaluation.engines import process
from registry.evaluation.engines.batching import Batch
from registry.evaluation.engines.device import Choice
from registry.evaluation.engines.fleet import Answer, Fleet, Unanswered, open_fleet
from registry.evaluation.engines.process import Inbox

# A worker that echoes its prompts, and fails in the ways that a prompt's word asks for.
SCRIPT = """
import json, os, sys, time
setup = json.loads(sys.stdin.readline())
print(json.dumps({"ready": True}), flush=True)
for line in sys.stdin:
    task = json.loads(line)
    words = {word for prompt in task["prompts"] for word in prompt}
    with open(setup["folder"], "a") as log:
        log.write(f"{os.getpid()} {len(task['prompts'])}\\n")
    if "die" in words:
        os._exit(9)
    if "bad" in words:
        print(json.dumps({"error": "ValueError: bad", "memory": False}), flush=True)
    elif len(task["prompts"]) > ROOM:
        print(json.dumps({"error": "RuntimeError: CUDA out of memory", "memory": True}), flush=True)
    else:
        time.sleep(0.002)
        print(json.dumps({"rows": task["prompts"], "seconds": 0.1}), flush=True)
"""


@pytest.fixture
def log(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    script = tmp_path / "worker.py"
    script.write_text(textwrap.dedent(SCRIPT).replace("ROOM", "8"))
    monkeypatch.setattr(process, "_SCRIPT", script)
    return tmp_path / "log"


def fleet(log: Path, places: int = 1, timeout_s: float = 60) -> Fleet:
    choice = Choice("cpu", "cpu-f32", "float32", "test", 1, indexes=(0,) * places)
    return open_fleet(log, "generator", choice, "x", timeout_s=timeout_s)


def batch(*words: str, first: int = 0) -> Batch:
    return Batch(tuple(range(first, first + len(words))), tuple((word,) for word in words), (), {})


def told(found: Iterator[tuple[Batch, Answer | Unanswered]]) -> dict[int, str]:
    said: dict[int, str] = {}
    for asked, answer in found:
        if isinstance(answer, Unanswered):
            said |= dict.fromkeys(asked.indexes, f"unanswered: {answer}")
        else:
            said |= {index: row[0] for index, row in asked.answers(answer["rows"])}
    return said


def sizes(log: Path) -> list[int]:
    return [int(line.split()[1]) for line in log.read_text().splitlines()]


def test_out_of_memory_halves_the_batch_and_those_after_it(log: Path) -> None:
    words = [f"w{n}" for n in range(40)]
    made = fleet(log)
    try:
        assert told(made.run([batch(*words), batch(*words, first=40), batch(*words, first=80)])) == {
            n: words[n % 40] for n in range(120)
        }
    finally:
        made.close()
    assert sum(size for size in sizes(log) if size <= 8) == 120
    # The first batch is tried whole, and one that was on its way with it; none of the later ones is.
    assert sum(size == 40 for size in sizes(log)) <= 2
    assert sum(size > 8 for size in sizes(log)) <= 10


@pytest.mark.parametrize(("word", "why"), [("die", "status 9"), ("bad", "ValueError: bad")])
def test_one_prompt_that_fails_leaves_all_others_answered(log: Path, word: str, why: str) -> None:
    words = [f"w{n}" for n in range(8)]
    words[5] = word
    made = fleet(log)
    try:
        said = told(made.run([batch(*words), batch("later", first=8)]))
    finally:
        made.close()
    assert why in said.pop(5)
    assert said == {**{n: words[n] for n in range(8) if n != 5}, 8: "later"}


class Echo:
    """A worker without a process: its answer lies there when it is sent, however busy the machine is."""

    pid = 0

    def __init__(self, inbox: Inbox) -> None:
        self.inbox = inbox
        self.silent = self.killed = False

    def wait(self, timeout_s: float) -> None:
        assert timeout_s

    def send(self, task: Mapping[str, Any]) -> None:
        self.silent = self.silent or ["sleep"] in map(list, task["prompts"])
        if not self.silent:
            self.inbox.put((self, json.dumps({"rows": task["prompts"], "seconds": 0.1}).encode()))

    def farewell(self) -> str:
        return "it was ended"

    def kill(self) -> None:
        self.killed = True
        self.inbox.put((self, b""))

    def close(self) -> None:
        assert self.killed or not self.silent


def test_a_worker_that_falls_silent_is_ended_and_what_waited_behind_it_is_answered() -> None:
    started: list[Echo] = []

    def start(_place: int, inbox: Inbox) -> Echo:
        started.append(Echo(inbox))
        return started[-1]

    made = Fleet(start, timeout_s=0.01)
    try:
        said = told(made.run([batch("before"), batch("sleep", first=1), batch("after", first=2)]))
    finally:
        made.close()
    assert said == {0: "before", 1: "unanswered: the worker did not answer for 0.01 s", 2: "after"}
    assert [worker.killed for worker in started] == [True, True, False]


def test_a_device_that_always_dies_is_given_up_with_every_prompt_accounted_for(log: Path) -> None:
    made = fleet(log)
    try:
        said = told(made.run(batch("die", first=n) for n in range(30)))
    finally:
        made.close()
    assert set(said) == set(range(30))
    assert "the worker died 12 times in a row" in said[29]
    assert len(sizes(log)) <= 14


def test_several_workers_share_the_work_and_one_that_dies_takes_nothing_with_it(log: Path) -> None:
    made = fleet(log, places=3)
    try:
        made.start()
        assert len({worker.pid for worker in made.running}) == 3
        running = made.run(batch(f"w{n}", first=n) for n in range(60))
        said = told(iter([next(running)]))
        made.running[1].kill()
        said |= told(running)
        assert len(made.running) == 3
    finally:
        made.close()
    assert said == {n: f"w{n}" for n in range(60)}
    assert len({line.split()[0] for line in log.read_text().splitlines()}) >= 3


def test_batches_are_pulled_as_they_are_needed(log: Path) -> None:
    pulled = 0

    def source() -> Iterator[Batch]:
        nonlocal pulled
        for n in range(100):
            pulled += 1
            yield batch(f"w{n}", first=n)

    made = fleet(log)
    try:
        running = made.run(source())
        for _ in range(5):
            next(running)
        assert pulled <= 8
        running.close()
        assert made.running == ()
    finally:
        made.close()


def test_a_run_that_was_left_does_not_answer_the_next(log: Path) -> None:
    made = fleet(log)
    try:
        running = made.run(batch(f"old{n}", first=n) for n in range(5))
        next(running)
        running.close()
        assert told(made.run([batch("new")])) == {0: "new"}
    finally:
        made.close()


def test_a_worker_that_cannot_start_says_so(log: Path) -> None:
    log.with_name("worker.py").write_text(f"import sys\nsys.exit({3})\n")
    made = fleet(log)
    with pytest.raises(EngineError, match=r"ENG003 .*ended with status 3"):
        told(made.run([batch("a")]))
    assert made.running == ()
