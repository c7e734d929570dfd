"""Guarding a text that arrives in pieces, with the same result as if it had come whole.

A piece is released once nothing that may follow can change it: the longest possible match, with what it needs
around it, is held back. Design and measurements: research/guardrails.md 3.4.
It must never release a code point of a match that a rule would have changed or blocked.
"""

from __future__ import annotations

from collections.abc import AsyncIterable, AsyncIterator, Callable, Iterable, Iterator, Sequence

from serve.core.guard.given import NOTHING, Given
from serve.core.guard.normalise import Reading, read
from serve.core.guard.plan import Plan
from serve.core.guard.rule import CompiledRule, Seen
from serve.core.guard.verdict import Verdict, edited
from serve.core.guard.waiting import beside

_PATIENT = 4096  # code points held back beyond which scans are spaced out, so that cost stays linear


class StreamGuard:
    """One answer on its way. Made by ``Guard.stream``; used once, by one thread.

    All released text joined with the tail equals ``verdict.text``, except where the verdict refuses the text:
    then what was released before the stop is all there is, and the tail is empty.
    """

    def __init__(self, check: Callable[[str], Verdict], plan: Plan, given: Given = NOTHING) -> None:
        """``plan`` holds the rules that can change what is shown."""
        self._given = given
        self._check = check
        self._plan = plan
        self._rules = plan.rules
        self._quiet = max((rule.quiet or 0 for rule in self._rules), default=0)
        self._unquiet = [rule for rule in self._rules if rule.quiet is None]
        self._before = max((rule.detector.before for rule in self._rules), default=0) + 8
        self._heard: list[str] = []
        self.came = 0  # code points
        self._released = 0
        self._window = ""  # a little context already released, then everything held back
        self._gone = 0  # code points that have left the window
        self._base = 0  # where in the window the held part begins
        self._next_scan = 0
        self._waits = any(rule.waits for rule in self._rules)
        self._stopped = False
        self._verdict: Verdict | None = None

    @property
    def stopped(self) -> bool:
        """True once a rule has refused the answer: the caller may stop the model."""
        return self._stopped

    @property
    def held(self) -> int:
        """Code points that came and of which is not decided yet what becomes of them."""
        return self.came - self._gone - self._base

    @property
    def verdict(self) -> Verdict:
        """The verdict on the whole, once it is finished; raises ValueError before."""
        if self._verdict is None:
            raise ValueError("the stream is not finished")
        return self._verdict

    def over(self, chunks: Iterable[str]) -> Iterator[str]:
        """What may be shown of an answer, as its pieces come; :attr:`verdict` says afterwards what became of it.

        No further piece is asked for once a rule has refused the answer.
        """
        for chunk in chunks:
            if shown := self.feed(chunk):
                yield shown
            if self._stopped:
                break
        tail, _ = self.finish()
        if tail:
            yield tail

    async def aover(self, chunks: AsyncIterable[str]) -> AsyncIterator[str]:
        """:meth:`over` for an answer whose pieces are awaited; the loop goes on while the whole is looked at."""
        async for chunk in chunks:
            if shown := self.feed(chunk):
                yield shown
            if self._stopped:
                break
        tail, _ = await beside(self.finish)
        if tail:
            yield tail

    def feed(self, chunk: str) -> str:
        """The text that may be shown now, possibly empty.

        Raises:
            ValueError: after :meth:`finish`.
        """
        if self._verdict is not None:
            raise ValueError("the stream is finished")
        self._heard.append(chunk)
        self.came += len(chunk)
        if self._stopped or self._waits:
            return ""
        if not self._rules:
            self._gone = self.came
        released = self._step(chunk) if self._rules else chunk
        self._released += len(released)
        return released

    def finish(self) -> tuple[str, Verdict]:
        """The rest of the text, and the verdict on the whole of it."""
        if self._verdict is None:
            self._verdict = self._check("".join(self._heard))
        verdict = self._verdict
        tail = "" if verdict.refused else verdict.text[self._released :]
        self._released += len(tail)
        return tail, verdict

    def _step(self, chunk: str) -> str:
        self._window += chunk
        if len(self._window) < self._next_scan or self._is_too_short():
            return ""
        reading = read(self._window, self._gone)
        due = self._plan.due(reading)
        cut = self._settled(reading, due)
        if cut == self._base:  # nothing more is certain
            self._advance(reading, cut)
            return ""
        seen = self._look(reading, due)
        if any(one.finding is not None and one.finding.refuses and one.outer[0] < cut for one in seen):
            self._stopped = True
            return ""
        cut = self._clear_of_matches(seen, cut)
        inside = [one.finding for one in seen if one.finding is not None and one.outer[1] <= cut]
        released = edited(self._window, inside, self._base, cut)
        self._advance(reading, cut)
        return released

    def _is_too_short(self) -> bool:
        """True when what is held cannot reach beyond the longest match; where nothing is folded, its length says so."""
        return len(self._window) - self._base <= self._quiet and self._window.isascii()

    def _settled(self, reading: Reading, due: Sequence[CompiledRule]) -> int:
        """The place of the window before which every rule has seen all that it will see."""
        asked = {id(rule): rule for rule in (*self._unquiet, *due)}.values()
        cut = min((rule.settled(reading, self._given) for rule in asked), default=len(self._window))
        return max(self._base, min(cut, reading.settled(self._quiet)))

    def _look(self, reading: Reading, due: Sequence[CompiledRule]) -> list[Seen]:
        seen: list[Seen] = []
        for rule in due:
            found, failed = rule.look(reading, self._base, self._given)
            seen += found
            self._waits = self._waits or (failed and rule.rule.on_error == "closed")
        return seen

    def _clear_of_matches(self, seen: Sequence[Seen], cut: int) -> int:
        """The nearest place at or before ``cut`` that no match crosses."""
        for one in sorted(seen, key=lambda one: -one.outer[1]):
            if one.outer[0] < cut < one.outer[1]:
                cut = max(self._base, one.outer[0])
        return cut

    def _advance(self, reading: Reading, cut: int) -> None:
        start = reading.context(cut, self._before)
        self._gone += start
        self._window = self._window[start:]
        self._base = cut - start
        held = len(self._window) - self._base
        self._next_scan = len(self._window) + held // 8 if held > _PATIENT else 0
