"""A hosted model as an engine: requests in parallel, at a pace, again where that helps, within a budget.

The body is that of ``serve.core.payloads``, the very one that a service sends.
It must never claim that a hosted model answers twice alike, take a fault for an answer, or leave a thread behind.
"""

from __future__ import annotations

import math
import queue
import random
import re
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import TypeAlias

from registry.errors import PromptyardError
from registry.evaluation.engines.budget import Budget
from registry.evaluation.engines.hosted_http import sent
from registry.evaluation.engines.keepable import keepable
from registry.evaluation.engines.pace import Pace
from registry.evaluation.engines.port import Prepared, Request, Room
from registry.evaluation.engines.provider import Fault, Provider
from registry.evaluation.engines.retries import LONGEST_S, back_off
from registry.evaluation.records import Comparability, Completion
from registry.settings import CallSettings
from registry.validation.tokens import estimated_tokens
from serve.core.digest import digest, sha256
from serve.core.model import ModelConfig
from serve.core.payloads import BODIES, NATIVE, Call, wire

REVISION = 1  # goes up when the same request would be asked differently
_MILLION = 1_000_000
_JOIN_S = 2.0
_REMOTE = 10_000  # tokens allowed for an image or a file that is given by its address
_TOOLS = 1_000  # tokens of what providers themselves write around tools and schemas
_LONG = re.compile(r"[A-Za-z0-9+/=]{400,}")  # attachments in base64, which are no text
_Jobs: TypeAlias = "queue.SimpleQueue[tuple[int, Prepared]]"
_Answers: TypeAlias = "queue.SimpleQueue[tuple[int, Completion]]"


class HostedEngine:
    """One model of one provider.

    Args:
        config: the model entry; its prices say what answers cost.
        provider: who is asked.
        settings: how many requests at once, how fast, how often again.
        budget: the money of the run.
        monotonic, chance: the clock and the dice.
    """

    def __init__(
        self,
        config: ModelConfig,
        provider: Provider,
        settings: CallSettings,
        budget: Budget,
        *,
        monotonic: Callable[[], float] = time.monotonic,
        chance: Callable[[], float] = random.random,
    ) -> None:
        self._config = config
        self._provider = provider
        self._settings = settings
        self._budget = budget
        self._monotonic = monotonic
        self._chance = chance
        self._ended = threading.Event()
        self._fatal: str | None = None
        self._pace = Pace(
            settings.requests_per_minute, settings.tokens_per_minute, self._ended.wait, monotonic=monotonic
        )

    @property
    def deterministic(self) -> bool:
        """False: no provider promises equal answers to equal requests."""
        return False

    @property
    def note(self) -> str:
        """Where requests go, and that answers may differ."""
        config = self._config
        return f"{config.id}: {config.engine} {config.model} at {self._provider.identity}, not deterministic"

    def comparability(self) -> Comparability:
        """Engine and place. The model is what a change may be about, so it is no condition of comparing."""
        return Comparability(self._config.engine, "hosted", self._provider.identity)

    def prepare(self, requests: Sequence[Request]) -> list[Prepared]:
        """The request body and the content address of each; every repeat has an address of its own."""
        return [self._prepared(request) for request in requests]

    def complete(self, prepared: Sequence[Prepared]) -> Iterator[tuple[int, Completion]]:
        """Answers as they come. Ending the iteration early ends all requests on their way, and the engine."""
        jobs: _Jobs = queue.SimpleQueue()
        answers: _Answers = queue.SimpleQueue()
        asked = [(index, item) for index, item in enumerate(prepared) if item.problem is None]
        for job in asked:
            jobs.put(job)
        for index, item in enumerate(prepared):
            if item.problem is not None:
                yield index, Completion("", 0, 0, error=item.problem)
        threads = [
            threading.Thread(target=self._work, args=(jobs, answers), daemon=True, name="promptyard-hosted")
            for _ in range(min(len(asked), self._settings.concurrency))
        ]
        try:
            for thread in threads:
                thread.start()
            for _ in asked:
                yield answers.get()
        except BaseException:
            self.close()
            raise
        finally:
            _join(threads)

    def close(self) -> None:
        """End all requests and connections."""
        self._ended.set()
        self._provider.close()

    def _prepared(self, request: Request) -> Prepared:
        parameters = dict(request.parameters)
        if request.sample and isinstance(parameters.get("seed"), int):
            parameters["seed"] += request.sample  # a repeat under the same seed would be no repeat
        call = Call(request.messages, self._config, parameters, request.output, request.tools)
        try:
            body = BODIES[NATIVE[self._config.engine]](call)
        except PromptyardError as error:
            return Prepared(digest([self._config.engine, str(error)]), problem=str(error))
        text = sent(wire(body))
        key = digest(
            {
                "engine": [self._config.engine, REVISION],
                "where": self._provider.identity,
                "model": self._config.model,
                "body": sha256(text),
                "sample": request.sample,
            }
        )
        return Prepared(key, options=body, room=_room(call, len(text)))

    def _work(self, jobs: _Jobs, answers: _Answers) -> None:
        """One thread: takes requests until none is left."""
        while True:
            try:
                index, item = jobs.get_nowait()
            except queue.Empty:
                return
            answers.put((index, self._answer_or_error(item)))

    def _answer_or_error(self, item: Prepared) -> Completion:
        if self._fatal is not None:
            return Completion("", 0, 0, error=self._fatal)
        try:
            return self._answer(item)
        except Fault as fault:
            if fault.fatal:
                self._fatal = str(fault)
            return Completion("", 0, 0, error=str(fault))
        except Exception as error:  # noqa: BLE001  # a thread that dies in silence would be waited for in vain
            what = f"ENG029 engine {self._config.engine} failed ({type(error).__name__})"
            return Completion("", 0, 0, error=f"{what}. Please report it with the version of its library.")

    def _answer(self, item: Prepared) -> Completion:
        """One answer after as many attempts as are allowed; raises Fault."""
        attempt = 0
        while True:
            attempt += 1
            if self._ended.is_set() or not self._pace.begin(self._turn(item)):
                raise _stopped()
            try:
                return self._asked_once(item)
            except Fault as fault:
                self._pause(fault, attempt)

    def _asked_once(self, item: Prepared) -> Completion:
        most = self._most_cost(item.room)
        if not self._budget.reserve(most, self._ended.is_set):
            raise _stopped() if self._ended.is_set() else self._too_dear(most)
        cost = most  # what a fault of our own leaves behind: it may have been charged for
        try:
            started = self._monotonic()
            answer = keepable(self._provider.ask(item.options))
            answer = replace(answer, seconds=self._monotonic() - started, cost=self._cost(answer))
            cost = most if answer.cost is None else answer.cost
        except Fault as fault:
            cost = most if fault.billed else 0.0
            raise
        else:
            return answer
        finally:
            self._budget.settle(most, cost)

    def _pause(self, fault: Fault, attempt: int) -> None:
        """Wait before the next attempt; raises the fault where there is none."""
        if not fault.again or attempt >= self._settings.attempts or self._ended.is_set():
            raise fault
        seconds = back_off(attempt, fault.wait_s, self._chance())
        if seconds is None:
            what = f"{fault.what}; it asks to wait {fault.wait_s:.0f} s, more than {LONGEST_S:.0f}"
            raise Fault("ENG028", what, "Run again later: what was answered is kept.", fatal=True) from fault
        if fault.wait_s is not None:
            self._pace.hold(seconds)
        elif self._ended.wait(seconds):
            raise fault

    def _turn(self, item: Prepared) -> int:
        """About how many tokens a request takes of what a minute allows."""
        if self._settings.tokens_per_minute is None:
            return 0
        text = _LONG.sub("", sent(wire(item.options)).decode())
        answer = item.room.answer if item.room is not None else None
        return estimated_tokens(text) + (answer or 0)

    def _too_dear(self, most: float) -> Fault:
        if most == math.inf:
            what = f"a call of model {self._config.id} has no bound of its cost, and this run has a cap"
            advice = "Give the model maxTokens, and prices in USD for input and output, or lift the cap."
            return Fault("ENG027", what, advice, fatal=True)
        budget = self._budget
        what = f"the cap of {budget.limit:g} USD leaves no room for this request ({budget.spent:.4f} spent)"
        return Fault("ENG027", what, "Raise --max-cost and run again: what was answered is kept.")

    def _most_cost(self, room: Room | None) -> float:
        """The most that one call can cost in US dollars; nothing is set aside where no cap wants it."""
        prices = self._config.prices
        if self._budget.limit is None:
            return 0.0
        if prices is None or prices.currency != "USD" or room is None or room.answer is None:
            return math.inf
        dearest = max((prices.per_million.get(name, 0.0) for name in ("input", "cachedInput")), default=0.0)
        if not {"input", "output"} <= prices.per_million.keys():
            return math.inf
        return (dearest * room.prompt + prices.per_million["output"] * room.answer) / _MILLION

    def _cost(self, answer: Completion) -> float | None:
        prices = self._config.prices
        if prices is None or not {"input", "output"} <= prices.per_million.keys() or not answer.prompt_tokens:
            return None
        per = prices.per_million
        fresh = answer.prompt_tokens - answer.cached_tokens
        read_again = per.get("cachedInput", per["input"]) * answer.cached_tokens
        return (per["input"] * fresh + read_again + per["output"] * answer.completion_tokens) / _MILLION


def _room(call: Call, size_bytes: int) -> Room:
    """No vocabulary makes more tokens of a text than it has bytes; what lies behind an address is allowed for."""
    parts = [part for m in call.messages if not isinstance(m.content, str) for part in m.content]
    remote = sum(part.kind != "text" and not part.text.startswith("data:") for part in parts)
    preamble = _TOOLS if call.tools or call.output is not None else 0
    return Room(size_bytes + _REMOTE * remote + preamble, call.parameters.get("maxTokens"))


def _stopped() -> Fault:
    return Fault(
        "ENG028", "the run ended before this request was sent", "Run again: what was answered is kept."
    )


def _join(threads: Sequence[threading.Thread]) -> None:
    until = time.monotonic() + _JOIN_S
    for thread in threads:
        if thread.ident is not None:
            thread.join(max(0.0, until - time.monotonic()))
