"""Many prompts into few calls: equal options together, shared beginnings once, similar lengths side by side.

CTranslate2 does not pad: in a call only the shortest prompt is read at once, so one short prompt among long
ones halves the speed. It must never change what is asked, only in which company.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import groupby

from registry.evaluation.engines.port import Prepared
from serve.core.digest import digest
from serve.core.model import Json

BLOCK = 4  # samples that are drawn together
_MIN_SHARED = 32
_MIN_ROWS = 4


@dataclass(frozen=True, slots=True)
class Limits:
    """How large a call may become. ``tiny`` models lose less by mixed lengths than by small calls."""

    rows: int = 64
    tokens: int = 8192
    tiny: bool = False


@dataclass(frozen=True, slots=True)
class Batch:
    """One call: rows by their index in the request list, the shared beginning left out of each prompt.

    ``rows`` says which answer is whose where a call gives more than was asked for: seeded samples of one prompt
    are always made in a block of one size, because they draw from one source in turn. ``again``: other calls have
    the same beginning, so what was read of it is worth keeping.
    """

    indexes: tuple[int, ...]
    prompts: tuple[tuple[str, ...], ...]
    shared: tuple[str, ...]
    options: Mapping[str, Json]
    rows: tuple[int, ...] = ()
    again: bool = False

    def message(self) -> Mapping[str, Json]:
        """What the worker is told."""
        do = "score" if "choices" in self.options else "embed" if "pooling" in self.options else "generate"
        told = {"prompts": self.prompts, "shared": self.shared, "options": self.options}
        return {"do": do, **told, "again": self.again}

    def answers(self, rows: Sequence[Json]) -> Iterator[tuple[int, Json]]:
        """Each index with its answer."""
        return zip(self.indexes, [rows[row] for row in self.rows] if self.rows else rows, strict=True)

    def halves(self) -> tuple[Batch, ...]:
        """The same rows in two calls; one row alone, and a block of samples, cannot be parted."""
        if self.rows:
            return (self,)
        middle = (len(self.indexes) + 1) // 2
        parts = (slice(0, middle), slice(middle, None)) if middle < len(self.indexes) else (slice(None),)
        return tuple(replace(self, indexes=self.indexes[p], prompts=self.prompts[p]) for p in parts)


def batches(prepared: Sequence[Prepared], limits: Limits, *, share: bool = True) -> Iterator[Batch]:
    """Calls that hold every request without a problem exactly once."""
    rows = [index for index, item in enumerate(prepared) if item.problem is None]

    def by_options(index: int) -> str:
        return digest({name: value for name, value in prepared[index].options.items() if name != "row"})

    for _, group in groupby(sorted(rows, key=by_options), key=by_options):
        members = list(group)
        options = prepared[members[0]].options
        if "seed" in options:
            yield from _blocks(members, prepared, share=share)
            continue
        for shared, indexes in _shared(members, prepared) if share else [(0, members)]:
            found = list(_by_length(indexes, prepared, shared, limits))
            spans = shared > 0 and len(found) > 1
            yield from (replace(batch, again=True) if spans else batch for batch in found)


def _blocks(members: list[int], prepared: Sequence[Prepared], *, share: bool) -> Iterator[Batch]:
    """Samples of one prompt and seed in one call, whichever of the block are wanted; the prompt is read once."""

    def prompt(index: int) -> tuple[str, ...]:
        return prepared[index].tokens

    for tokens, group in groupby(sorted(members, key=prompt), key=prompt):
        indexes = tuple(group)
        options = dict(prepared[indexes[0]].options)
        options.pop("row", None)
        rows = tuple(int(prepared[index].options.get("row", 0)) for index in indexes)
        cut = len(tokens) - 1 if share else 0
        yield Batch(indexes, (tokens[cut:],) * BLOCK, tokens[:cut], options, rows)


def _shared(members: list[int], prepared: Sequence[Prepared]) -> Iterator[tuple[int, list[int]]]:
    """Groups with the length of their common beginning; 0 where sharing does not pay."""

    def start(index: int) -> Hashable:
        return prepared[index].tokens[:_MIN_SHARED]

    loose: list[int] = []
    ordered = sorted(members, key=lambda index: prepared[index].tokens)
    for _, group in groupby(ordered, key=start):
        indexes = list(group)
        length = _common(indexes, prepared)
        if len(indexes) >= _MIN_ROWS and length >= _MIN_SHARED:
            yield from _split(indexes, prepared, length)
        else:
            loose += indexes
    if loose:
        yield 0, loose


def _split(indexes: list[int], prepared: Sequence[Prepared], length: int) -> Iterator[tuple[int, list[int]]]:
    """Two arms often share a first sentence and then part: take the longer beginnings where that pays."""
    parts = [
        list(g) for _, g in groupby(indexes, key=lambda i: prepared[i].tokens[length : length + _MIN_SHARED])
    ]
    pays = len(parts) > 1 and all(
        len(part) >= _MIN_ROWS and _common(part, prepared) >= length + _MIN_SHARED for part in parts
    )
    if not pays:
        yield length, indexes
        return
    for part in parts:
        yield from _split(part, prepared, _common(part, prepared))


def _common(indexes: Sequence[int], prepared: Sequence[Prepared]) -> int:
    """Tokens that all share; each keeps at least one of its own, because an empty prompt is refused."""
    prompts = [prepared[index].tokens for index in indexes]
    first, last = min(prompts), max(prompts)
    longest = min(map(len, prompts)) - 1
    return next((n for n in range(longest) if first[n] != last[n]), longest)


def _by_length(
    indexes: list[int], prepared: Sequence[Prepared], shared: int, limits: Limits
) -> Iterator[Batch]:
    lengths = {index: len(prepared[index].tokens) - shared for index in indexes}
    batch: list[int] = []
    for index in sorted(indexes, key=lambda i: (lengths[i], prepared[i].tokens)):
        if batch and not _fits(lengths[batch[0]], lengths[index], len(batch) + 1, shared, limits):
            yield _batch(batch, prepared, shared)
            batch = []
        batch.append(index)
    if batch:
        yield _batch(batch, prepared, shared)


def _fits(shortest: int, longest: int, rows: int, shared: int, limits: Limits) -> bool:
    if rows > limits.rows or rows * (shared + longest) > limits.tokens:
        return False
    return limits.tiny or longest - shortest <= max(8, longest // 10)


def _batch(indexes: list[int], prepared: Sequence[Prepared], shared: int) -> Batch:
    first = prepared[indexes[0]]
    prompts = tuple(prepared[index].tokens[shared:] for index in indexes)
    return Batch(tuple(indexes), prompts, first.tokens[:shared], first.options)
