"""The client under fire: many processes render while releases flip, the store goes away and pollers are killed.

    python -m tools.kill_test [--processes 8] [--rate 1000] [--flips 200] [--seed 1]

One cache folder and one web server over a store in a folder. The publisher is the real one; every fifth flip is a
rollback. Now and then the server goes silent or answers 503, and a worker is killed with SIGKILL and started anew.
Held against what the workers wrote down: every render was answered, each from exactly one release, and none from a
release that was replaced longer ago than the bound. The bound: a poll's interval and a fifth, a follower's look,
and a second of grace; after an outage the widest back-off comes first.
It must never count what it cannot see: a worker that wrote nothing down is a failure.
"""

from __future__ import annotations

import argparse
import http.server
import json
import random
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from registry.publish import channels
from registry.settings import Settings
from serve.core.bundle import assemble, entry_digest, pack
from serve.core.model import Bundle, Message, ModelConfig, Part, Prompt, Reference
from serve.poll import FOLLOW_S, JITTER, MISSED_POLLS

ROOT = Path(__file__).parents[1]
CHANNEL = Settings().channel("production")
INTERVAL_S = 0.25
GRACE_S = 1.0
BOUND_S = INTERVAL_S * (1 + JITTER) + FOLLOW_S + GRACE_S
AFTER_OUTAGE_S = MISSED_POLLS * INTERVAL_S + FOLLOW_S + GRACE_S


@dataclass(frozen=True)
class Run:
    """What one worker answered without a break: the release, from when to when (epoch seconds), how often."""

    worker: int
    release: int
    first: float
    last: float
    renders: int
    troubles: tuple[str, ...] = ()


@dataclass
class Story:
    """What happened to the store: flips (begun, done, release that went live) and outages (from, to)."""

    flips: list[tuple[float, float, int]] = field(default_factory=list)
    outages: list[tuple[float, float]] = field(default_factory=list)
    kills: int = 0

    def deadline(
        self, since: float, *, bound_s: float = BOUND_S, after_outage_s: float = AFTER_OUTAGE_S
    ) -> float:
        """Until when a change at ``since`` may go unseen."""
        until = since + bound_s
        for start, end in self.outages:
            if start < until:  # one that ended before may still have clients waiting
                until = max(until, end + after_outage_s)
        return until

    def late(self, run: Run) -> float:
        """Seconds by which a run's last answer came too late; 0 where it was in time."""
        lives = [
            (since, self.flips[index + 1][1] if index + 1 < len(self.flips) else float("inf"))
            for index, (since, _, release) in enumerate(self.flips)
            if release == run.release
        ]
        reached = [(since, until) for since, until in lives if since <= run.last]
        if not reached:
            return float("inf")  # an answer from what was never live yet
        return max(0.0, min(run.last - self.deadline(until) for _, until in reached))


@dataclass(frozen=True)
class Report:
    """The figures, and ``wrong``: what must not be."""

    renders: int
    seconds: float
    flips: int
    outages: int
    kills: int
    seen: int
    late_s: float
    wrong: tuple[str, ...]


def play(processes: int, rate: int, flips: int, seed: int) -> Report:
    """The whole test in a folder of its own."""
    chance = random.Random(seed)
    with tempfile.TemporaryDirectory(prefix="promptyard-kill-") as scratch, _web(Path(scratch)) as web:
        root = Path(scratch)
        target = channels.open_target("file:store", root)
        trust = channels.initialise(target, CHANNEL, root)
        story = Story()
        began = time.time()
        _flip(story, target, root, 1)
        crew = Crew(root, web, trust, rate / processes)
        try:
            for number in range(processes):
                crew.start(number)
            crew.wait_until_all_answer()
            for number in range(2, flips + 1):
                with _trouble(number, chance, web, story, crew):
                    _flip(story, target, root, number)
                time.sleep(chance.uniform(0.05, 0.35))
            crew.wait_until_all_tell(story.flips[-1][2])
        finally:
            crew.stop()
        return _report(story, list(crew.runs()), processes, time.time() - began)


@contextmanager
def _trouble(number: int, chance: random.Random, web: Web, story: Story, crew: Crew) -> Iterator[None]:
    """Around every sixteenth flip an outage, and before the seventh after it a worker is killed."""
    if number % 16 == 8:
        start = time.time()
        web.way = chance.choice(("silent", "broken"))
        time.sleep(chance.uniform(0.2, 0.8))
        yield
        time.sleep(chance.uniform(0.2, 0.8))
        web.way = "well"
        story.outages.append((start, time.time()))
        return
    if number % 16 == 15:
        story.kills += 1
        crew.kill(chance.randrange(crew.size))
    yield


def _flip(story: Story, target: channels.Target, root: Path, number: int) -> None:
    """Another release goes live: a new one, or every fifth time the one before the newest."""
    begun = time.time()
    if number % 5 == 0:
        release = max(release for *_, release in story.flips) - 1
        channels.rollback(target, CHANNEL, release, "kill test", actor="kill test", root=root)
    else:
        release = channels.publish(
            target,
            CHANNEL,
            lambda n: pack(_bundle(n)),
            actor="kill test",
            descends=lambda *_: True,
            root=root,
        ).release
    story.flips.append((begun, time.time(), release))


def _bundle(number: int) -> Bundle:
    model = ModelConfig("models/m", "openai", "m", parameters={"maxTokens": number})
    messages = tuple(Message("user", (Part(f"{number} part {n} {{{{ name }}}}"),)) for n in range(3))
    prompt = Prompt(
        "kill/p",
        Reference(model.id, entry_digest(model)),
        messages,
        inputs={"name": {"type": "string", "maxLength": 40}},
    )
    return assemble(
        release=number, commit="c" * 40, created="2026-01-01T00:00:00Z",
        prompts={prompt.id: prompt}, models={model.id: model},
    )  # fmt: skip


@dataclass
class Web:
    """The store's web server; ``way`` is well, silent or broken."""

    url: str = ""
    way: str = "well"


@contextmanager
def _web(root: Path) -> Iterator[Web]:
    web = Web()

    class Handler(http.server.SimpleHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def __init__(self, *given: object, **more: object) -> None:
            super().__init__(*given, directory=str(root / "store"), **more)  # type: ignore[arg-type]

        def do_GET(self) -> None:
            if web.way == "silent":
                self.close_connection = True
            elif web.way == "broken":
                self.send_error(503)
            else:
                super().do_GET()

        def log_message(self, *_: object) -> None:
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    web.url = f"http://127.0.0.1:{server.server_port}"
    yield web
    server.shutdown()
    server.server_close()


class Crew:
    """The worker processes and what they wrote down."""

    def __init__(self, root: Path, web: Web, trust: Path, rate: float) -> None:
        self._root, self._web, self._trust, self._rate = root, web, trust, rate
        self._workers: dict[int, subprocess.Popen[bytes]] = {}
        self._starts = 0

    @property
    def size(self) -> int:
        """How many run."""
        return len(self._workers)

    def start(self, number: int) -> None:
        """Start worker ``number``, which writes into a file of its own."""
        self._starts += 1
        log = self._root / f"{number}-{self._starts}.jsonl"
        given = [self._web.url, self._trust, self._root / "cache", log, number, self._rate]
        command = [sys.executable, "-m", "tools.kill_test", "--worker", *map(str, given)]
        self._workers[number] = subprocess.Popen(command, cwd=ROOT)

    def kill(self, number: int) -> None:
        """End a worker without a word, and start another in its place."""
        self._workers[number].send_signal(signal.SIGKILL)
        self._workers[number].wait()
        self.start(number)

    def wait_until_all_answer(self, within_s: float = 60) -> None:
        """Until each wrote down an answer; raises TimeoutError."""
        until = time.time() + within_s
        while len({path.name for path in self._root.glob("*.jsonl") if path.stat().st_size}) < self.size:
            if time.time() > until:
                raise TimeoutError("not every worker answered")
            time.sleep(0.02)

    def wait_until_all_tell(self, release: int, within_s: float = 60) -> None:
        """Until the newest answer of each is from ``release``; whoever never gets there is told in the report."""
        until = time.time() + within_s
        while time.time() < until:
            newest = {run.worker: run.release for run in sorted(self.runs(), key=lambda run: run.last)}
            if all(newest.get(number) == release for number in self._workers):
                return
            time.sleep(0.1)

    def stop(self) -> None:
        """Ask all to finish, and see that they do."""
        for worker in self._workers.values():
            worker.terminate()
        for worker in self._workers.values():
            try:
                worker.wait(20)
            except subprocess.TimeoutExpired:
                worker.kill()

    def runs(self) -> Iterator[Run]:
        """What all workers wrote down, the killed ones up to their last line."""
        for path in sorted(self._root.glob("*.jsonl")):
            for line in path.read_text().splitlines(keepends=True):
                if line.endswith("\n"):
                    said = json.loads(line)
                    yield Run(**{**said, "troubles": tuple(said["troubles"])})


def _report(story: Story, runs: list[Run], processes: int, seconds: float) -> Report:
    wrong = [f"worker {run.worker}: {trouble}" for run in runs for trouble in run.troubles]
    late = [(story.late(run), run) for run in runs]
    wrong += [
        f"worker {run.worker}: release {run.release} answered {by:.2f} s late" for by, run in late if by
    ]
    silent = set(range(processes)) - {run.worker for run in runs}
    wrong += [f"worker {number} wrote nothing down" for number in silent]
    last = {run.worker: run.release for run in sorted(runs, key=lambda run: run.last)}
    wrong += [f"worker {n} ended with release {r}" for n, r in last.items() if r != story.flips[-1][2]]
    return Report(
        renders=sum(run.renders for run in runs),
        seconds=seconds,
        flips=len(story.flips),
        outages=len(story.outages),
        kills=story.kills,
        seen=len({(run.release, run.first) for run in runs}),
        late_s=max((by for by, _ in late), default=0.0),
        wrong=tuple(wrong),
    )


def work(url: str, trust: str, cache: str, log: str, number: str, rate: str) -> None:
    """One worker: render at a steady rate until told to stop, and write down every run of equal answers."""
    import serve

    stop = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stop.set())
    client = serve.connect(
        url, trust=trust, cache=cache, interval_s=INTERVAL_S, min_interval_s=INTERVAL_S / 2, wait_s=30
    )
    due, run, written = time.monotonic(), Run(int(number), 0, 0, 0, 0), 0.0
    with Path(log).open("a", buffering=1) as file:
        while not stop.is_set():
            release, trouble = _one(client)
            now = time.time()
            if release != run.release or trouble or now - written > 0.2:
                _write(file, run)
                run, written = Run(run.worker, release, now, now, 0), now
            run = Run(run.worker, release, run.first, now, run.renders + 1, (*run.troubles, *trouble)[:9])
            due = max(due + 1 / float(rate), time.monotonic() - 0.5)
            time.sleep(max(0.0, due - time.monotonic()))
        _write(file, run)
    client.close()


def _one(client: object) -> tuple[int, tuple[str, ...]]:
    import serve

    assert isinstance(client, serve.Client)
    try:
        render = client.render("kill/p", {"name": "Ann"})
    except serve.PromptyardError as error:
        return 0, (str(error),)
    said = {int(message.text.split()[0]) for message in render.messages}
    said |= {render.release, int(str(render.parameters["maxTokens"]))}
    return render.release, () if len(said) == 1 else (f"one render from releases {sorted(said)}",)


def _write(file: object, run: Run) -> None:
    if run.renders:
        print(json.dumps(run.__dict__), file=file, flush=True)  # type: ignore[call-overload]


def main() -> int:
    """Play it and print the figures; 1 when something was wrong."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument("--processes", type=int, default=8)
    parser.add_argument("--rate", type=int, default=1000, help="renders per second, all processes together")
    parser.add_argument("--flips", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    found = play(given.processes, given.rate, given.flips, given.seed)
    print(
        f"{found.renders} renders in {found.seconds:.0f} s by {given.processes} processes; {found.flips} flips, "
        f"{found.outages} outages, {found.kills} workers killed"
    )
    print(
        f"bound {BOUND_S:.2f} s, after an outage {AFTER_OUTAGE_S:.2f} s; latest answer {found.late_s:.2f} s late"
    )
    for line in found.wrong[:20]:
        print("WRONG", line)
    return 1 if found.wrong else 0


if __name__ == "__main__":
    if sys.argv[1:2] == ["--worker"]:
        work(*sys.argv[2:])
    else:
        sys.exit(main())
