"""The commit protocol at length: six publishers, killed, cut off and with wrong clocks, while readers read.

    python -m tools.soak [--store file:soak] [--runs 20] [--seed 1] [--publishers 6] [--deeds 12]

Every run has two acts on one store. In the first, publishers, readers and a garbage collector meet; in the second
they meet again three days later by the collector's clock, so that it removes while others point. Publishers are
killed with SIGKILL between their writes and at any other moment, and go on. Then what everybody wrote down is held
against the store: no release lost, none doubled, no number given twice, no reader error, nothing needed gone.
It must never touch anything of a store but a folder of its own below the URL.
"""

from __future__ import annotations

import argparse
import logging
import multiprocessing
import os
import random
import signal
import sys
import tempfile
import time
import uuid
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any

from registry.publish import channels
from registry.publish.collect import collect, survey
from registry.publish.confirm import see
from registry.publish.moves import Move
from registry.publish.needed import needed
from tools.soak_actors import KEPT, NAMES, Journal, Stage, collector, packed, publisher, reader

_ACT_S = 900.0
_FORK = multiprocessing.get_context("fork")


@dataclass
class Tally:
    """What came of a run; ``wrong`` is empty when all promises were kept."""

    tried: int = 0
    done: int = 0
    killed: int = 0
    refused: Counter[str] = field(default_factory=Counter)
    swaps: int = 0
    removed: int = 0
    wrong: list[str] = field(default_factory=list)


def soak(url: str, root: Path, seed: int, *, publishers: int, deeds: int) -> Tally:
    """One run on an empty store; ``root`` gets keys, roots and journals."""
    stage, tally = Stage(url, root, seed), Tally()
    stage.begin()
    for act, ahead in enumerate((timedelta(0), timedelta(days=3))):
        _play(stage, tally, publishers, deeds * (act + 1) // 2, ahead)
    hold_against(stage, tally, publishers)
    _collect_in_peace(stage, tally)
    _hold_store(stage, tally)
    return tally


def _play(stage: Stage, tally: Tally, publishers: int, deeds: int, ahead: timedelta) -> None:
    """One act: everybody at once, until the publishers have done what they were to do."""
    luck = random.Random(f"{stage.seed}/{ahead}")
    (stage.root / "over").unlink(missing_ok=True)
    others = [_FORK.Process(target=reader, args=(stage, name)) for name in NAMES]
    lives = Counter[str]({"collector": 0})
    cast: dict[str, BaseProcess] = {"collector": _FORK.Process(target=collector, args=(stage, 0, ahead))}
    for place in range(publishers):
        cast[str(place)] = _FORK.Process(target=publisher, args=(stage, place, 100 * deeds, deeds))
    for process in (*others, *cast.values()):
        process.start()
    ends, kills = time.monotonic() + _ACT_S, 2 * publishers
    while any(process.is_alive() or process.exitcode for who, process in cast.items() if who != "collector"):
        time.sleep(luck.uniform(0.01, 0.15))
        if time.monotonic() > ends:
            tally.wrong.append(f"an act took more than {_ACT_S:.0f} s")
            break
        if luck.random() < 0.15 and kills > 0:  # bounded: a slow machine shall get its work done
            kills -= 1
            _kill(cast[luck.choice(list(cast))])
        for who, process in cast.items():
            if process.exitcode:
                tally.killed += process.exitcode == -signal.SIGKILL
                lives[who] += 1
                cast[who] = _again(stage, who, lives[who], deeds, ahead)
    (stage.root / "over").touch()
    _end(others, cast["collector"], tally)


def _again(stage: Stage, who: str, life: int, deeds: int, ahead: timedelta) -> BaseProcess:
    heir = (
        _FORK.Process(target=collector, args=(stage, life, ahead))
        if who == "collector"
        else _FORK.Process(target=publisher, args=(stage, int(who), 100 * deeds + life, deeds))
    )
    heir.start()
    return heir


def _kill(process: BaseProcess) -> None:
    if process.is_alive() and process.pid is not None:
        os.kill(process.pid, signal.SIGKILL)
        process.join()


def _end(others: Sequence[BaseProcess], gc: BaseProcess, tally: Tally) -> None:
    for process in (*others, gc):
        process.join(30)
        if process.is_alive():
            tally.wrong.append(f"{process.name} did not end")
            process.kill()
            process.join()
    tally.wrong += [f"a reader died with {process.exitcode}" for process in others if process.exitcode]


def hold_against(stage: Stage, tally: Tally, publishers: int) -> None:
    """What everybody wrote down, against the history that the store shows; the tally says what is wrong."""
    told = _histories(stage)
    said = Counter(move.reason for moves in told.values() for move in moves)
    for place in range(publishers):
        for line in Journal(stage, f"publisher-{place}").lines():
            _judge(line, said, tally)
    for line in Journal(stage, "collector").lines():
        tally.removed += line.get("removed", 0)
        _judge(line, said, tally)
    tally.wrong += [f"{name} is in the history {times} times" for name, times in said.items() if times > 1]
    tally.wrong += list(_doubled(told))
    known = {(move.release, move.sha256) for moves in told.values() for move in moves}
    for name in NAMES:
        for line in Journal(stage, f"reader-{name}").lines():
            if "failed" in line:
                tally.wrong.append(f"a reader of {name} failed: {line['failed']}")
            elif (line["release"], line["sha256"]) not in known:
                tally.wrong.append(
                    f"a reader of {name} saw release {line['release']}, which no history knows"
                )
            else:
                tally.swaps += 1


def _judge(line: dict[str, Any], said: Counter[str], tally: Tally) -> None:
    tally.tried += "try" in line
    if "broke" in line:
        tally.wrong.append(line["broke"])
    elif "refused" in line:
        tally.refused[line["code"]] += 1
    elif "done" in line:
        tally.done += 1
        if said[line["done"]] != (1 if line["changed"] else 0):
            tally.wrong.append(
                f"{line['done']} was answered for and is in the history {said[line['done']]} times"
            )


def _doubled(told: dict[str, tuple[Move, ...]]) -> Iterator[str]:
    bytes_of: dict[int, str] = {}
    for moves in told.values():
        for move in moves:
            if bytes_of.setdefault(move.release, move.sha256) != move.sha256:
                yield f"release {move.release} is two bundles"
    for name, moves in told.items():
        fresh = [move.release for move in reversed(moves) if move.action == "publish"]
        if fresh != sorted(set(fresh)):
            yield f"the numbers of {name} do not rise: {fresh}"


def _collect_in_peace(stage: Stage, tally: Tally) -> None:
    """Twice more, weeks later: whatever is left and unneeded goes."""
    target, everything = stage.target(), [stage.channel(name) for name in NAMES]
    for days in (30, 60):
        then = datetime.now(UTC) + timedelta(days=days)
        clock = partial(lambda moment: moment, then)
        plan = survey(target, everything, keep=KEPT, root=stage.root, now=clock)
        collect(target, plan, now=clock)
        tally.removed += len(plan.remove)


def _hold_store(stage: Stage, tally: Tally) -> None:
    """Everything needed is there, nothing else is, and every channel goes on."""
    target, everything = stage.target(), [stage.channel(name) for name in NAMES]
    held = needed(target, everything, KEPT, datetime.now(UTC) + timedelta(days=90), stage.root).objects
    there = set(target.list("objects/sha256/"))
    tally.wrong += [f"{key} is gone: {held[key]}" for key in held if key not in there]
    tally.wrong += [f"{key} was left over" for key in there if key not in held]
    for channel in everything:
        live = channels.current(target, channel, root=stage.root)
        if live is not None:
            channels.read_bundle(target, live)
        done = channels.publish(
            target,
            channel,
            lambda number: packed("the end", number),
            actor="soak",
            descends=lambda *_: True,
            root=stage.root,
        )
        seen = see(stage.url, channel, stage.root)
        if seen.sha256 != done.sha256:
            tally.wrong.append(f"a fresh service sees release {seen.release} on {channel.name}")


def _histories(stage: Stage) -> dict[str, tuple[Move, ...]]:
    target = stage.target()
    return {name: channels.history(target, stage.channel(name), root=stage.root) for name in NAMES}


def _below(url: str, name: str) -> str:
    place, mark, query = url.partition("?")
    return f"{place.rstrip('/')}/{name}{mark}{query}"


def main() -> int:
    """Play so many runs, a line each; the exit code is 1 when a promise was broken."""
    parser = argparse.ArgumentParser(prog="python -m tools.soak", description=(__doc__ or "").split("\n")[0])
    parser.add_argument(
        "--store", default="", help="file:FOLDER or s3://…; default: a folder that is thrown away"
    )
    for name, default in (("runs", 20), ("seed", 1), ("publishers", 6), ("deeds", 12)):
        parser.add_argument(f"--{name}", type=int, default=default)
    asked = parser.parse_args()
    logging.getLogger("serve").addHandler(logging.NullHandler())
    print("seed  tried  done  killed  swaps  collected  seconds  refused")
    broken = 0
    for seed in range(asked.seed, asked.seed + asked.runs):
        with tempfile.TemporaryDirectory(prefix="soak-") as folder:
            store = asked.store or f"file:{folder}/store"
            begun = time.monotonic()
            tally = soak(
                _below(store, f"soak-{seed}-{uuid.uuid4().hex[:8]}"),
                Path(folder) / "yard",
                seed,
                publishers=asked.publishers,
                deeds=asked.deeds,
            )
        refused = " ".join(f"{code}×{times}" for code, times in sorted(tally.refused.items()))
        print(
            f"{seed:<5} {tally.tried:<6} {tally.done:<5} {tally.killed:<7} {tally.swaps:<6} {tally.removed:<10}"
            f" {time.monotonic() - begun:<8.1f} {refused}",
            flush=True,
        )
        for wrong in tally.wrong:
            print(f"  WRONG {wrong}")
        broken += bool(tally.wrong)
    print(f"{asked.runs - broken} of {asked.runs} runs kept every promise")
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main())
