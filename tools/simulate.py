"""The gate under simulation: how often it blames a change that did nothing, how often it finds one that did harm.

    python -m tools.simulate [--runs 400] [--jobs 2] [--seed 1]

Every run goes through the gate itself (decide, asking again, settle); only the model is made of coins. Suites are
those of the evaluation design: "solid" has 85 % of its cases near p = 0.98 and the rest between 0.3 and 0.9,
"wobbly" has half of them there. The table is that of docs/statistics.md.
It must never hold a copy of a rule: what is measured here is what a pull request meets.
"""

from __future__ import annotations

import argparse
import random
import sys
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Literal

from registry.evaluation import gate
from registry.evaluation.records import (
    ArmName,
    Case,
    Comparability,
    Completion,
    Expectation,
    Policy,
    Sample,
    Status,
    Suite,
)
from registry.evaluation.statistics import clopper_pearson_high, clopper_pearson_low

Change = Literal["none", "broken", "drop"]
_ARMS: tuple[ArmName, ...] = ("base", "head")
_WHERE = Comparability("simulated", "coins", "none")
_BROKEN, _DROP, _GONE = 0.03, 0.05, 0.02
_UNSURE = {"solid": 0.15, "wobbly": 0.5}
_DONE = Completion("", 0, 0)


@dataclass(frozen=True)
class Cell:
    """One row's conditions: what is asked, and what changes.

    Attributes:
        shape: solid or wobbly.
        cases: in each suite.
        samples: K.
        change: nothing, 3 % of cases broken, or 5 points less everywhere.
        group: cases per group; those of one group share their coin with probability ``tied``.
        errors: share of answers that are errors.
        suites: how many are settled together; the change is in the first.
        repeats: True where the model answers a question the same each time, as a greedy one does.
        floor: minPassRate of the policy.
        at_least, at_most: what the gate promises of the share that is blamed, where it does.
    """

    shape: str = "solid"
    cases: int = 200
    samples: int = 3
    change: Change = "none"
    group: int = 1
    tied: float = 0.0
    errors: float = 0.0
    suites: int = 1
    repeats: bool = False
    floor: float | None = None
    at_least: float | None = None
    at_most: float | None = None


@dataclass(frozen=True)
class Outcome:
    """What came of a cell: runs, those that were blamed, those without a verdict, answers asked per case and arm."""

    cell: Cell
    runs: int
    blamed: int
    without: int
    asked: float

    @property
    def kept(self) -> bool:
        """False when chance cannot explain that a promise was missed (one-sided 99 %)."""
        share_low = clopper_pearson_low(self.blamed, self.runs, 0.99)
        share_high = clopper_pearson_high(self.blamed, self.runs, 0.99)
        return (self.cell.at_most is None or share_low <= self.cell.at_most) and (
            self.cell.at_least is None or share_high >= self.cell.at_least
        )


def cells() -> Iterator[Cell]:
    """Every row of the table."""
    for shape in ("solid", "wobbly"):
        for cases, samples in ((50, 1), (200, 3)):
            full = shape == "solid" and cases == 200
            yield Cell(shape, cases, samples, "none", at_most=0.05)
            yield Cell(shape, cases, samples, "broken", at_least=0.95 if full else None)
            yield Cell(shape, cases, samples, "drop", at_least=0.90 if full else None)
    changes: tuple[Change, ...] = ("none", "broken", "drop")
    for change in changes:
        bound = 0.05 if change == "none" else None
        yield Cell(change=change, group=10, tied=0.5, at_most=bound)
        yield Cell(change=change, errors=0.01, at_most=bound)
        yield Cell(change=change, cases=50, suites=10, at_most=bound)
        yield Cell(change=change, samples=1, repeats=True, at_most=bound)
    yield Cell(floor=0.92, at_most=0.05)


@dataclass
class Coins:
    """A model made of coins, one suite of it: asked by the gate as an engine would be."""

    cell: Cell
    name: str
    change: Change
    source: random.Random
    asked: int = 0
    _shared: dict[tuple[ArmName, str, int], float] = field(default_factory=dict)
    _said: dict[tuple[ArmName, str], Status] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Toss what each case is worth, and what the change does to it."""
        cell, count = self.cell, self.cell.cases
        cases = [_case(number, cell.group) for number in range(count)]
        policy = Policy(error_budget=count, min_pass_rate=cell.floor)
        self.suite = Suite(
            self.name, f"{self.name}.suite.yaml", "p", tuple(cases), cell.samples, policy=policy
        )
        self.groups = {case.id: case.group for case in cases}
        unsure = set(self.source.sample(range(count), round(_UNSURE[cell.shape] * count)))
        draw = self.source.uniform
        base = [draw(0.3, 0.9) if number in unsure else draw(0.96, 1.0) for number in range(count)]
        gone = set(self.source.sample(range(count), max(1, round(_BROKEN * count))))
        head = base
        if self.change == "broken":
            head = [_GONE if number in gone else p for number, p in enumerate(base)]
        elif self.change == "drop":
            head = [max(0.0, p - _DROP) for p in base]
        self.chances: dict[ArmName, dict[str, float]] = {
            "base": {case.id: p for case, p in zip(cases, base, strict=True)},
            "head": {case.id: p for case, p in zip(cases, head, strict=True)},
        }

    def __call__(self, cases: Sequence[str], first: int, count: int) -> Sequence[Sample]:
        """Samples of both arms."""
        self.asked += len(cases) * count
        return [
            _sample(self.name, case, self.groups[case], arm, index, self._status(arm, case, index))
            for case in cases
            for index in range(first, first + count)
            for arm in _ARMS
        ]

    def _status(self, arm: ArmName, case: str, index: int) -> Status:
        if self.cell.repeats and (arm, case) in self._said:
            return self._said[arm, case]
        if self.cell.errors and self.source.random() < self.cell.errors:
            return "error"
        coin = self.source.random()
        if self.cell.tied and self.source.random() < self.cell.tied:
            coin = self._shared.setdefault((arm, self.groups[case], index), coin)
        status: Status = "pass" if coin < self.chances[arm][case] else "fail"
        if self.cell.repeats:
            self._said[arm, case] = status
        return status


@lru_cache(maxsize=200_000)
def _case(number: int, group: int) -> Case:
    return Case(f"c{number:05}", f"g{number // group:05}", {}, (Expectation("contains", "x"),))


@lru_cache(maxsize=200_000)
def _sample(suite: str, case: str, group: str, arm: ArmName, index: int, status: Status) -> Sample:
    done = _DONE if status != "error" else replace(_DONE, error="no answer")
    return Sample(
        suite, case, group, arm, index, status, float(status == "pass"), f"{arm}{case}{index}", done
    )


def pull_request(cell: Cell, seed: int) -> tuple[bool, bool, float]:
    """One run: blamed or not, without a verdict or not, answers asked per case and arm."""
    source = random.Random(seed)
    verdicts, asked = [], 0.0
    for number in range(cell.suites):
        coins = Coins(cell, f"s{number}", cell.change if number == 0 else "none", source)
        samples = coins([case.id for case in coins.suite.cases], 0, cell.samples)
        verdicts.append(
            gate.decide(
                coins.suite,
                coins.suite,
                samples,
                comparability=dict.fromkeys(_ARMS, _WHERE),
                rerun=coins,
                deterministic=cell.repeats,
                seed=seed,
            )
        )
        asked += coins.asked / cell.cases / cell.suites
    settled = gate.settle(verdicts)
    code = gate.exit_code(settled)
    return code == 1, code == 3, asked


def play(cell: Cell, runs: int, seed: int = 1) -> Outcome:
    """A cell, ``runs`` times, each with suites of its own."""
    found = [pull_request(cell, seed * 1_000_003 + number) for number in range(runs)]
    return Outcome(
        cell,
        runs,
        sum(blamed for blamed, _, _ in found),
        sum(without for _, without, _ in found),
        sum(asked for _, _, asked in found) / runs,
    )


def table(outcomes: Sequence[Outcome]) -> str:
    """The outcomes as a Markdown table."""
    words = {"none": "nothing", "broken": "3 % of cases broken", "drop": "5 points less everywhere"}
    lines = [
        "| suite | change | runs | blamed | 95 % interval | promise | answers per case and arm |",
        "|---|---|---|---|---|---|---|",
    ]
    for each in outcomes:
        low = clopper_pearson_low(each.blamed, each.runs, 0.975)
        high = clopper_pearson_high(each.blamed, each.runs, 0.975)
        promise = _promise(each)
        lines.append(
            f"| {_named(each.cell)} | {words[each.cell.change]} | {each.runs} | {each.blamed / each.runs:.1%} "
            f"| {low:.1%} to {high:.1%} | {promise} | {each.asked:.1f} |"
        )
    return "\n".join(lines)


def _promise(outcome: Outcome) -> str:
    cell = outcome.cell
    bound = f"<= {cell.at_most:.0%}" if cell.at_most is not None else ""
    bound = f">= {cell.at_least:.0%}" if cell.at_least is not None else bound
    return f"{bound}{'' if outcome.kept else ' MISSED'}"


def _named(cell: Cell) -> str:
    parts = [cell.shape, f"n={cell.cases} K={cell.samples}"]
    parts += [f"groups of {cell.group}"] if cell.group > 1 else []
    parts += [f"{cell.errors:.0%} errors"] if cell.errors else []
    parts += [f"one of {cell.suites} suites"] if cell.suites > 1 else []
    parts += ["greedy"] if cell.repeats else []
    parts += [f"minPassRate {cell.floor:g}"] if cell.floor is not None else []
    return ", ".join(parts)


def _times(cell: Cell) -> int:
    # a rate of a few per cent needs more runs to be known; ten suites a run are many runs already
    return 5 if cell.change == "none" and cell.suites == 1 else 1


def main() -> int:
    """Play all cells and print the table; 1 when a promise was missed."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument(
        "--runs", type=int, default=400, help="per row; five times as many where one suite does not change"
    )
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    begun, every = time.monotonic(), list(cells())
    with ProcessPoolExecutor(given.jobs) as pool:
        waiting = [pool.submit(play, cell, given.runs * _times(cell), given.seed) for cell in every]
        outcomes = []
        for number, future in enumerate(waiting, start=1):
            outcomes.append(future.result())
            print(f"{number}/{len(every)} {time.monotonic() - begun:.0f} s", file=sys.stderr)
    print(table(outcomes))
    return 0 if all(outcome.kept for outcome in outcomes) else 1


if __name__ == "__main__":
    sys.exit(main())
