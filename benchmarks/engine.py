"""A whole ``promptyard test`` beside a script that runs the same suite with transformers: same weights, same answers.

Four suites: the demo model and 77 million random numbers, each with its short system prompt and with one of 300 tokens
that all cases share. Both sides load, ask, and check; they take turns, round by round, and a round whose answers differ
ends the benchmark. The ratios that count set our whole command, from start to verdict with nothing cached, against the
asking alone of transformers, without its imports and loading. Last the cold start: one case, nothing cached. It takes a
quarter of an hour on two quiet cores, and says on the error stream how far it is.

transformers runs in this interpreter when it is importable, else in the one that BENCH_TORCH names (with the extra
``convert``); without either there is only the cold start. BENCH_ROUNDS, BENCH_ONLY (demo, 77M) and BENCH_CASES, the
most cases of a suite, make it shorter.
"""

from __future__ import annotations

import importlib.util
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path
from typing import Any

from benchmarks.measure import table
from registry.evaluation.engines.weights import digest_of

ROOT = Path(__file__).parents[1]
DEMO = ROOT / "prompts" / "models" / "demo-triage"
PEERS = Path(__file__).parent / "peers"
ROUNDS = int(os.environ.get("BENCH_ROUNDS", "3"))
PROFILES = ("cpu-f32", "fast")
SYSTEM = (
    "You route support tickets for a bank.\n\nWrite plainly.\n\nChoose exactly one team:\n- cards\n- fraud\n- refunds\n"
    "- transfers\n- fees\n- cash\n\nUrgency is high when money or a card is at risk, low for a plain question, and normal "
    'otherwise.\nAnswer with JSON only: {"team": "...", "urgency": "..."}'
)
LONG = "\nAnswer in the tone of a calm colleague, and keep to what the ticket says." * 9
TICKETS = (
    "My card was charged twice at the same shop this morning.",
    "The transfer that I sent yesterday to my sister in Leeds is still pending, where is it?",
    "Why did you take a fee for the exchange?",
    "The machine kept my card and gave me no cash, and now I am standing here with nothing.",
    "I never made this payment. Somebody has copied my card.",
)
HEADER = (
    "suite", "program", "wall s", "CPU s", "ms an answer", "x batch 1", "x best batch", "the same in CPU", "both whole",
    "same answers",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Suite:
    """What is asked of which model. ``alone`` cases are enough to know the speed at batch 1."""

    name: str
    model: str
    system: str
    cases: int
    alone: int
    tokens: int
    batches: tuple[int, ...]

    def messages(self) -> list[list[dict[str, str]]]:
        """The messages of each case."""
        return [
            [{"role": "system", "content": self.system}, {"role": "user", "content": ticket}]
            for ticket in self.tickets()
        ]

    def tickets(self) -> list[str]:
        """A ticket for each case, no two alike."""
        return [f"{TICKETS[n % len(TICKETS)]} My number is {n}." for n in range(self.cases)]


# 200 cases, which the gate wants to see a drop of five points; fewer measure how fast a process starts.
SUITES = (
    Suite("demo", "demo", SYSTEM, 600, 32, 32, (16, 64, 200)),
    Suite("demo, 300 tokens shared", "demo", SYSTEM + LONG, 200, 16, 32, (8, 32, 100)),
    Suite("77M", "77M", SYSTEM[:37], 200, 6, 16, (16, 64)),
    Suite("77M, 300 tokens shared", "77M", SYSTEM + LONG, 200, 4, 16, (16, 64)),
)


@dataclass(frozen=True, slots=True)
class Run:
    """One process: its seconds, those of asking alone, and its answers. Ours is asking from start to end."""

    wall_s: float
    cpu_s: float
    asking_s: float
    asking_cpu_s: float
    texts: tuple[str, ...]


def main() -> str:
    """The tables."""
    python = os.environ.get("BENCH_TORCH") or (sys.executable if importlib.util.find_spec("torch") else "")
    only = os.environ.get("BENCH_ONLY", "")
    with tempfile.TemporaryDirectory() as scratch:
        place = Path(scratch)
        tables = [_cold(place)]
        if not python:
            return "\n".join([*tables, "Not compared: BENCH_TORCH names no interpreter with torch.\n"])
        rows: list[tuple[str, ...]] = []
        for suite in map(_shortened, SUITES):
            if suite.model.startswith(only):
                found = _compared(python, suite, _model(python, suite.model, place), place)
                rows += found
                for row in found:  # a later suite that fails must not take these along
                    _progress(" | ".join(row))
    title = "A whole promptyard test beside transformers, same weights, same answers"
    return "\n".join([table(title, "python -m benchmarks engine", HEADER, rows), *tables])


def _shortened(suite: Suite) -> Suite:
    most = int(os.environ.get("BENCH_CASES") or suite.cases)
    return replace(suite, cases=min(suite.cases, most), alone=min(suite.alone, most))


def _compared(python: str, suite: Suite, model: Path, place: Path) -> list[tuple[str, ...]]:
    registry = _registry(place / "registry", suite, model)
    best = _best_batch(python, suite, model, place)
    ways = [(best, suite.cases), (1, suite.alone)]
    ours: dict[str, list[Run]] = {profile: [] for profile in PROFILES}
    alone: list[Run] = []
    whole: list[Run] = []
    _ours(registry, PROFILES[0], place)  # so that Python's own compiled files are there
    for _ in range(ROUNDS):  # in turn, so that a busy moment of the machine meets all of them
        for profile in PROFILES:
            ours[profile].append(_ours(registry, profile, place))
        for runs, run in zip((whole, alone), _theirs(python, suite, model, ways, place), strict=True):
            runs.append(run)
        _progress(f"{suite.name}: round {len(whole)} of {ROUNDS}")
    return _rows(suite, best, ours, alone, whole)


def _rows(
    suite: Suite, best: int, ours: Mapping[str, Sequence[Run]], alone: Sequence[Run], whole: Sequence[Run]
) -> list[tuple[str, ...]]:
    truth = whole[0].texts
    one = 1000 * _median([run.asking_s for run in alone]) / suite.alone
    many = 1000 * _median([run.asking_s for run in whole]) / suite.cases
    rows = [
        _row(suite, f"transformers, batch 1 ({suite.alone} answers)", alone, one, ("1.0", "", "", "")),
        _row(
            suite,
            f"transformers, batch {best}, its best",
            whole,
            many,
            (f"{one / many:.1f}", "1.0", "1.0", "1.0"),
        ),
    ]
    for profile, runs in ours.items():
        if any(run.texts != truth for run in runs) and profile == "cpu-f32":
            raise RuntimeError(f"{suite.name}: the answers differ, so speeds cannot be compared")
        same = f"{sum(a == b for a, b in zip(runs[0].texts, truth, strict=True))} of {len(truth)}"
        ms = 1000 * _median([run.wall_s for run in runs]) / suite.cases
        pairs = list(zip(whole, runs, strict=True))
        cpu = _median([theirs.asking_cpu_s / run.cpu_s for theirs, run in pairs])
        both = _median([theirs.wall_s / run.wall_s for theirs, run in pairs])
        ratios = (f"**{one / ms:.1f}**", f"**{many / ms:.1f}**", f"{cpu:.1f}", f"{both:.1f}")
        rows.append((*_row(suite, f"promptyard test, {profile}", runs, ms, ratios)[:-1], same))
    return rows


def _row(
    suite: Suite, program: str, runs: Sequence[Run], ms: float, ratios: tuple[str, ...]
) -> tuple[str, ...]:
    wall, cpu = (_median([getattr(run, name) for run in runs]) for name in ("wall_s", "cpu_s"))
    return suite.name, program, f"{wall:.2f}", f"{cpu:.2f}", f"{ms:.2f}", *ratios, ""


def _median(values: Sequence[float]) -> float:
    return statistics.median(values)


def _best_batch(python: str, suite: Suite, model: Path, place: Path) -> int:
    """The batch at which transformers is fastest here."""
    ways = [(batch, min(suite.cases, max(16, batch))) for batch in suite.batches]
    runs = zip(ways, _theirs(python, suite, model, ways, place), strict=True)
    speeds = {batch: run.asking_s / count for (batch, count), run in runs}
    _progress(
        f"{suite.name}: transformers, ms an answer by batch: { {b: round(1000 * s) for b, s in speeds.items()} }"
    )
    return min(speeds, key=speeds.__getitem__)


def _cold(place: Path) -> str:
    """One case of the demo model, nothing cached, from start to verdict."""
    suite = Suite("one case", "demo", SYSTEM, 1, 1, 32, ())
    registry = _registry(place / "cold", suite, DEMO)
    _ours(registry, PROFILES[0], place)
    runs = [_ours(registry, PROFILES[0], place) for _ in range(7)]
    row = (f"{_median([run.wall_s for run in runs]):.2f}", f"{_median([run.cpu_s for run in runs]):.2f}")
    title = "Cold promptyard test of one case (bound: 0.6 s)"
    return table(title, "python -m benchmarks engine", ("wall s", "CPU s"), [row])


def _model(python: str, name: str, place: Path) -> Path:
    """The folder with ``hf``, and the weights that we load."""
    folder = place / "models" / name
    if not (folder / "hf").is_dir():
        folder.mkdir(parents=True)
        _process([python, str(PEERS / "llama_models.py"), name, str(DEMO), str(folder)])
        if name == "demo":
            shutil.copytree(DEMO, folder / "int8")
        for file in ("tokenizer.json", "tokenizer_config.json"):
            shutil.copy(DEMO / file, folder / "int8")
    return folder


def _registry(root: Path, suite: Suite, model: Path) -> Path:
    weights = model if model == DEMO else model / "int8"
    shutil.rmtree(root, ignore_errors=True)
    (root / "prompts").mkdir(parents=True)
    shutil.copytree(weights, root / "prompts" / "weights", ignore=shutil.ignore_patterns("README.md"))
    files = {
        "promptyard.yaml": {"promptyard": 1},
        "prompts/bench.model.yaml": {
            "promptyard": 1, "engine": "ctranslate2", "model": "bench", "contextTokens": 1024,
            "weights": {"path": "weights", "sha256": digest_of(root / "prompts" / "weights")},
        },
        "prompts/bench.prompt.yaml": {
            "promptyard": 1, "description": "Bench.", "owner": "bench", "model": "bench",
            "modelParameters": {"temperature": 0, "maxTokens": suite.tokens},
            "inputs": {"ticket": {"type": "string", "maxLength": 400, "trust": "user"}},
            "messages": [{"role": "system", "content": suite.system}, {"role": "user", "content": "{{ ticket }}"}],
        },
        "prompts/bench.suite.yaml": {
            "promptyard": 1, "prompt": "bench", "policy": {"minPassRate": 0.001},
            "cases": [
                {"id": f"c{n:04}", "inputs": {"ticket": ticket}, "expect": [{"word-count": {"min": 0}}]}
                for n, ticket in enumerate(suite.tickets())
            ],
        },
    }  # fmt: skip
    for path, value in files.items():
        (root / path).write_text(json.dumps(value), "utf-8")
    return root


def _ours(registry: Path, profile: str, place: Path) -> Run:
    """The whole command, and each case's answer."""
    record = place / "record.jsonl"
    record.unlink(missing_ok=True)
    command = [sys.executable, "-m", "registry.cli", "-C", str(registry), "test"]
    command += ["--no-cache", "--device", "cpu", "--profile", profile, "--record", str(record)]
    wall, cpu = _process(command, {"PYTHONPYCACHEPREFIX": str(place / "compiled")})
    lines = [json.loads(line) for line in record.read_text("utf-8").splitlines()]
    texts = {line["case"]: line["completion"]["text"] for line in lines if "completion" in line}
    return Run(wall, cpu, wall, cpu, tuple(texts[case] for case in sorted(texts)))


def _theirs(
    python: str, suite: Suite, model: Path, ways: Sequence[tuple[int, int]], place: Path
) -> list[Run]:
    """One process that asks in several ways: in which batch, how many cases. Each way's run has the process's start."""
    order: dict[str, Any] = {"folder": str(model / "hf"), "cases": suite.messages(), "tokens": suite.tokens}
    order["ways"] = [{"batch": batch, "count": count} for batch, count in ways]
    (place / "order.json").write_text(json.dumps(order), "utf-8")
    files = [str(place / name) for name in ("order.json", "report.json")]
    wall, cpu = _process([python, str(PEERS / "transformers_suite.py"), *files])
    told = json.loads(Path(files[1]).read_text("utf-8"))
    start, start_cpu = (wall - sum(way["wall_s"] for way in told), cpu - sum(way["cpu_s"] for way in told))
    return [
        Run(start + way["wall_s"], start_cpu + way["cpu_s"], way["wall_s"], way["cpu_s"], tuple(way["texts"]))
        for way in told
    ]


def _progress(words: str) -> None:
    """A line for who waits; the table alone goes to standard output."""
    print(f"{time.strftime('%H:%M:%S')} {words}", file=sys.stderr, flush=True)


def _process(command: Sequence[str], environment: Mapping[str, str] | None = None) -> tuple[float, float]:
    """Wall and CPU seconds of a process with all that it started."""
    kept = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    with tempfile.TemporaryFile("w+") as said:
        start = time.perf_counter()
        with subprocess.Popen(
            command, stdout=said, stderr=said, cwd=ROOT, env=kept | dict(environment or {})
        ) as process:
            _, status, usage = os.wait4(process.pid, 0)
            taken = time.perf_counter() - start
            process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode not in (0, 1):
            said.seek(0)
            raise RuntimeError("".join(list(islice(reversed(said.readlines()), 30))[::-1]))
    return taken, usage.ru_utime + usage.ru_stime
