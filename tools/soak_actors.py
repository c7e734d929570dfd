"""Those who meet on one store in a soak: publishers with bad luck, readers, and a garbage collector.

Each lives in a process of its own and writes down what it tries and what came of it, so that nothing is forgotten
when it is killed. Everything it does is drawn from its seed.
It must never judge: ``tools.soak`` holds what was written down against the store.
"""

from __future__ import annotations

import json
import os
import random
import signal
import tempfile
import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import serve
from registry.errors import PromptyardError, PublishConflict, Refused, StoreUnavailable
from registry.publish import channels
from registry.publish.collect import collect, survey
from registry.publish.confirm import below
from registry.publish.needed import Keep
from registry.publish.resign import resign
from registry.publish.s3 import S3Target
from registry.publish.target import Target
from registry.settings import Channel, Settings
from serve.core.bundle import assemble, entry_digest, pack
from serve.core.model import Message, ModelConfig, Part, Prompt, Reference

NAMES = ("staging", "production")
KEPT = Keep(releases=5, days=0)
_MODEL = ModelConfig(id="models/chat", engine="openai", model="gpt-soak", parameters={"maxTokens": 50})
_SKEWS = (timedelta(0), timedelta(days=-5), timedelta(days=3), timedelta(minutes=-7))
_KILLED, _LOST_BEFORE, _LOST_AFTER = 0.02, 0.02, 0.06


@dataclass(frozen=True)
class Stage:
    """Where all this happens: the store, the folder of keys and roots, and the seed of the run."""

    url: str
    root: Path
    seed: int

    def begin(self) -> None:
        """Make keys and roots, and put them into the store."""
        self.journals.mkdir(parents=True)
        for name in NAMES:
            channels.initialise(self.target(), self.channel(name), self.root)

    def target(self) -> Target:
        """The store, opened anew."""
        return channels.open_target(self.url, self.root)

    def channel(self, name: str) -> Channel:
        """A channel of the default settings."""
        return Settings().channel(name)

    @property
    def journals(self) -> Path:
        """The folder of what everybody wrote down."""
        return self.root / "journals"

    @property
    def over(self) -> bool:
        """True when readers and the collector are to end."""
        return (self.root / "over").exists()


class Journal:
    """What one actor tries and sees: a line each, whole even when its process is killed."""

    def __init__(self, stage: Stage, who: str) -> None:
        self.path = stage.journals / f"{who}.jsonl"

    def note(self, **told: Any) -> None:
        """Add a line."""
        with self.path.open("ab") as file:
            file.write(json.dumps(told).encode() + b"\n")

    def lines(self) -> list[dict[str, Any]]:
        """All lines so far."""
        return (
            [json.loads(line) for line in self.path.read_bytes().splitlines()] if self.path.exists() else []
        )


class Unlucky:
    """A store seen by somebody who may be killed at any write, and whose requests and answers get lost."""

    def __init__(self, target: Target, luck: random.Random) -> None:
        self._target, self._luck = target, luck
        if isinstance(target, S3Target):
            client: Any = target._client  # losses belong below what settles them
            target._client = _LossyClient(client, luck)  # type: ignore[assignment]

    def __getattr__(self, name: str) -> Any:
        return getattr(self._target, name)

    def put_once(self, key: str, data: bytes, *, immutable: bool = True) -> None:
        """As the store does, with luck."""
        self._write(lambda: self._target.put_once(key, data, immutable=immutable))

    def replace_if(self, key: str, data: bytes, etag: str | None) -> None:
        """As the store does, with luck."""
        self._write(lambda: self._target.replace_if(key, data, etag))

    def remove(self, key: str) -> None:
        """As the store does, with luck."""
        self._write(lambda: self._target.remove(key))

    def _write(self, write: Callable[[], None]) -> None:
        lossy = not isinstance(self._target, S3Target)
        self._die_perhaps()
        if lossy and self._luck.random() < _LOST_BEFORE:
            raise StoreUnavailable("STO001", "the request was lost", "Wait.")
        write()
        self._die_perhaps()
        if lossy and self._luck.random() < _LOST_AFTER:
            raise StoreUnavailable("STO001", "the answer was lost", "Wait.")

    def _die_perhaps(self) -> None:
        if self._luck.random() < _KILLED / 2:
            os.kill(os.getpid(), signal.SIGKILL)


class _LossyClient:
    """An S3 client on a bad line."""

    def __init__(self, client: Any, luck: random.Random) -> None:
        self._client, self._luck = client, luck

    def __getattr__(self, name: str) -> Any:
        return getattr(self._client, name)

    def put_object(self, **words: Any) -> Any:
        from botocore.exceptions import ConnectionClosedError

        if self._luck.random() < _LOST_BEFORE:
            raise ConnectionClosedError(endpoint_url="soak")
        answer = self._client.put_object(**words)
        if self._luck.random() < _LOST_AFTER:
            raise ConnectionClosedError(endpoint_url="soak")
        return answer


def publisher(stage: Stage, place: int, life: int, deeds: int) -> None:
    """Do what is left of so many deeds: publish, promote, roll back, sign again."""
    journal = Journal(stage, f"publisher-{place}")
    luck = random.Random(f"{stage.seed}/{place}/{life}")
    skew = _SKEWS[place % len(_SKEWS)]
    target: Any = Unlucky(stage.target(), luck)
    tried = sum("try" in line for line in journal.lines())
    for number in range(tried, deeds):
        name = f"{place}.{number}"
        journal.note(**{"try": name})
        try:
            told = _deed(stage, target, luck, name, lambda: datetime.now(UTC) + skew)
            journal.note(done=name, **told)
        except (PublishConflict, Refused, StoreUnavailable) as error:
            journal.note(refused=name, code=error.code)
        except PromptyardError as error:
            journal.note(refused=name, code=error.code)
            if error.code not in {"PUB007", "PUB008"}:  # nothing to promote yet, or to go back to
                journal.note(broke=traceback.format_exc())
        except Exception:  # noqa: BLE001  # told to whoever judges
            journal.note(broke=traceback.format_exc())


def _deed(
    stage: Stage, target: Any, luck: random.Random, name: str, now: Callable[[], datetime]
) -> dict[str, Any]:
    staging, production = (stage.channel(it) for it in NAMES)
    common: dict[str, Any] = {"actor": "soak", "reason": name, "root": stage.root, "now": now}
    dice = luck.random()
    if dice < 0.65:
        where = staging if luck.random() < 0.7 else production
        proof = f"proof {luck.randrange(4)}".encode()
        done = channels.publish(
            target,
            where,
            lambda number: packed(name, number),
            descends=lambda *_: True,
            evidence=proof,
            **common,
        )
    elif dice < 0.8:
        done = channels.promote(target, staging, production, descends=lambda *_: True, **common)
    elif dice < 0.95:
        where = staging if luck.random() < 0.7 else production
        told = [move.release for move in channels.history(target, where, root=stage.root)]
        common.pop("reason")
        done = channels.rollback(target, where, luck.choice(told or [1]), name, **common)
    else:
        resign(target, luck.choice((staging, production)), **common)
        return {"changed": False}
    return {"release": done.release, "sha256": done.sha256, "changed": done.changed}


def reader(stage: Stage, name: str) -> None:
    """Follow a channel as a service does until all is over; every failure after the first release counts."""
    journal = Journal(stage, f"reader-{name}")
    trust = (stage.root / stage.channel(name).root).read_bytes()
    with tempfile.TemporaryDirectory() as cache, _quiet_client(stage, name, trust, cache) as client:
        while True:
            last = stage.over
            try:
                swapped = client.step()
            except Exception as error:  # noqa: BLE001  # told to whoever judges
                if client.live is not None:
                    journal.note(failed=repr(error))
            else:
                if swapped and client.live is not None:
                    journal.note(release=client.live.release, sha256=client.live.sha256)
            if last:
                return
            time.sleep(0.02)


def _quiet_client(stage: Stage, name: str, trust: bytes, cache: str) -> serve.Client:
    return serve.connect(below(stage.url, stage.root), trust=trust, cache=cache, channel=name, start=False)


def collector(stage: Stage, life: int, ahead: timedelta) -> None:
    """Collect garbage until all is over, by a clock that is ahead, and die over it now and then."""
    journal = Journal(stage, "collector")
    luck = random.Random(f"{stage.seed}/collector/{life}/{ahead}")
    target: Any = Unlucky(stage.target(), luck)

    def now() -> datetime:
        return datetime.now(UTC) + ahead + life * timedelta(hours=2.1)

    while not stage.over:
        try:
            plan = survey(
                target, [stage.channel(name) for name in NAMES], keep=KEPT, root=stage.root, now=now
            )
            journal.note(plans=len(plan.remove))
            collect(target, plan, now=now)
            journal.note(removed=len(plan.remove))
        except (PublishConflict, Refused, StoreUnavailable) as error:
            journal.note(refused="gc", code=error.code)
        except Exception:  # noqa: BLE001  # told to whoever judges
            journal.note(broke=traceback.format_exc())
        time.sleep(luck.uniform(0.02, 0.1))


def packed(content: str, number: int) -> bytes:
    """A release of one prompt."""
    prompt = Prompt(
        id="support/hello",
        model=Reference(_MODEL.id, entry_digest(_MODEL)),
        messages=(Message("user", (Part(content),), None),),
        inputs={},
    )
    built = assemble(
        release=number,
        commit="a",
        created="2026-11-01T00:00:00Z",
        prompts={prompt.id: prompt},
        models={_MODEL.id: _MODEL},
        tools={},
        probes=(),
    )
    return pack(built)
