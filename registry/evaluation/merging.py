"""Parts of one run that were asked apart, put together before anything is concluded.

A part ends its record with a line that says what it was a part of. Parts are put together only when none is missing,
none is there twice, and all asked the same content under the same conditions; then a verdict on them is the verdict
that one machine would have reached.
It must never fill a gap: a case that no part has answered is a reason not to conclude.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise
from pathlib import Path

from registry.errors import Refused, Usage
from registry.evaluation.conditions import Conditions
from registry.evaluation.guarding import Guarded, together
from registry.evaluation.judges.standing import JudgeStanding
from registry.evaluation.record import read_record
from registry.evaluation.records import Sample
from registry.evaluation.shards import Shard
from registry.evaluation.shelf import Shelf
from registry.evaluation.trial import Asked, nothing_of
from registry.evaluation.written import read_written
from serve.core.codec import ShapeError, from_json, to_json
from serve.core.digest import digest
from serve.core.model import Json

KIND = "shard"
_WORDS: Mapping[str, str] = {
    "head_sha256": "the content of head",
    "base_sha256": "the content of base",
    "suites_sha256": "the suites",
    "asked": "what was asked for on the command line",
}


@dataclass(frozen=True, slots=True)
class Part:
    """The last line of a part's record: what it is a part of, and what it holds.

    ``asked`` are the words on the command line that chose suites, cases, samples and base; ``samples_sha256`` is over
    this part's answers and what was found of them, in whatever order they came.
    """

    shard: Shard
    head_sha256: str
    base_sha256: str | None
    suites_sha256: str
    samples: int
    samples_sha256: str
    asked: Mapping[str, Json] = field(default_factory=dict)
    conditions: Mapping[str, Conditions] = field(default_factory=dict)
    stopped_short: bool = False
    judges: Mapping[str, tuple[JudgeStanding, ...]] = field(default_factory=dict)
    guarded: Mapping[str, tuple[Guarded, ...]] = field(default_factory=dict)

    def line(self) -> str:
        """The line."""
        return json.dumps({"kind": KIND, **_object(to_json(self))}, ensure_ascii=True, separators=(",", ":"))


@dataclass(frozen=True, slots=True)
class Merged:
    """All parts of a run. ``asked`` as in each of them; ``stopped_short`` where a cap on cost ended one."""

    answered: Asked
    part: Part
    stopped_short: bool


def fingerprint(samples: Mapping[str, Shelf[Sample]]) -> tuple[int, str]:
    """How many answers there are, and a digest of them that does not depend on their order."""
    count, total = 0, 0
    for shelf in samples.values():
        for sample in shelf.values():
            total ^= int(_mark(sample), 16)
            count += 1
    return count, f"{total:064x}"


def _mark(sample: Sample) -> str:
    # what a verdict takes from a sample: neither when it was answered, nor the words of an error
    answer = replace(sample.completion, cached=False, seconds=None)
    return digest(
        [
            *(sample.suite, sample.case, sample.arm, sample.index, sample.key),
            *(sample.status, sample.score, to_json(sample.checks)),
            to_json(answer) if answer.error is None else None,
        ]
    )


def parts_of(paths: Sequence[Path]) -> tuple[tuple[Path, Part], ...]:
    """The parts in some records, all there, none twice, all of one run; by their numbers.

    Raises:
        Usage: SHD002 a file that is no finished part, SHD003 a part that is there twice.
        Refused: SHD004 a part that is missing, SHD005 a part of another run.
    """
    found = sorted(((path, _read(path)) for path in paths), key=lambda each: each[1].shard.index)
    if not found:
        raise Usage("SHD002", "no record of a part is named", "Write promptyard test --merge shard-*.jsonl.")
    first_path, first = found[0]
    for path, part in found[1:]:
        for name, words in {"shard.of": "into how many parts it was cut", **_WORDS}.items():
            mine, its = _value(first, name), _value(part, name)
            if mine != its:
                what = f"{path.name} is a part of another run than {first_path.name}: {words} differs"
                raise Refused("SHD005", what, "Merge the records of one run.")
    numbers = [part.shard.index for _, part in found]
    for (path, part), (other, same) in pairwise(found):
        if part.shard == same.shard:
            what = f"part {part.shard} is there twice: {path.name} and {other.name}"
            raise Usage("SHD003", what, "Name each record once.")
    missing = [str(Shard(n, first.shard.of)) for n in range(1, first.shard.of + 1) if n not in numbers]
    if missing:
        what = f"part{'s' * (len(missing) > 1)} {', '.join(missing)} {'is' if len(missing) == 1 else 'are'} missing"
        raise Refused(
            "SHD004", what, f"Run promptyard test --shard {missing[0]} --record FILE, and name FILE too."
        )
    return tuple(found)


def merge(parts: Sequence[tuple[Path, Part]], suites: Sequence[str], expected: int) -> Merged:
    """The answers of all parts together.

    Args:
        parts: what :func:`parts_of` gave.
        suites: the ids of the suites that were asked.
        expected: how many answers the whole run wants.

    Raises:
        Refused: SHD006 parts that were computed under other conditions, SHD007 a record that was changed afterwards,
            SHD008 answers that are missing.
    """
    conditions: dict[str, Conditions] = {}
    asked = nothing_of(suites)
    for path, part in parts:
        _require_alike(path, part, conditions)
        held = _samples(path, suites, part)
        if fingerprint(held) != (part.samples, part.samples_sha256):
            what = f"{path.name} does not hold the answers that its last line tells of"
            raise Refused("SHD007", what, f"Run part {part.shard} again with a new --record.")
        for shelf in held.values():
            for sample in shelf.values():
                asked.add(sample, whole=True)
    count = sum(map(len, asked.samples.values()))
    if count != expected:
        what = f"the parts hold {count} of {expected} answers"
        raise Refused("SHD008", what, "Run the parts again on the commit that is checked out here.")
    guarded = {suite: together(part.guarded.get(suite, ()) for _, part in parts) for suite in suites}
    conditions = {suite: conditions.get(suite, Conditions()) for suite in suites}
    asked = replace(asked, conditions=conditions, guarded=guarded)
    return Merged(asked, parts[0][1], any(part.stopped_short for _, part in parts))


def judges_of(parts: Sequence[tuple[Path, Part]]) -> Mapping[str, tuple[JudgeStanding, ...]]:
    """The judges that the parts asked, by suite.

    Raises:
        Refused: SHD006 where a judge's word counted in one part and not in another.
    """
    found: dict[str, dict[str, JudgeStanding]] = {}
    for path, part in parts:
        for suite, standings in part.judges.items():
            for each in standings:
                known = found.setdefault(suite, {}).setdefault(each.name, each)
                if bool(known.why) != bool(each.why):
                    what = f"in {path.name} the word of {each.name} counts otherwise than in other parts"
                    raise Refused("SHD006", what, "Run all parts again, with one cache.")
    return {suite: tuple(standings.values()) for suite, standings in found.items()}


def _require_alike(path: Path, part: Part, known: dict[str, Conditions]) -> None:
    for suite, held in part.conditions.items():
        before = known.get(suite, Conditions())
        for arm, comparability in held.comparability.items():
            other = before.comparability.get(arm, comparability)
            if other != comparability:
                one, two = (", ".join(_told(each)) for each in (other, comparability))
                what = f"{path.name} computed {arm} of {suite} under {two}, other parts under {one}"
                raise Refused("SHD006", what, "Run all parts with the same --profile, --device and versions.")
        known[suite] = before.joined(held)


def _told(comparability: object) -> Iterator[str]:
    for name, value in _object(to_json(comparability)).items():
        yield from (
            [f"{key} {each}" for key, each in value.items()] if isinstance(value, dict) else [str(value)]
        )
        del name


def _samples(path: Path, suites: Sequence[str], part: Part) -> dict[str, Shelf[Sample]]:
    """The last word on each answer of the part; lines of another run in the same file are passed over."""
    found: dict[str, Shelf[Sample]] = {suite: Shelf() for suite in suites}
    for sample in read_record(path):
        if sample.suite in found and part.shard.holds(sample.suite, sample.group):
            found[sample.suite][f"{sample.arm} {sample.index} {sample.case}"] = sample
    return found


def _read(path: Path) -> Part:
    last: Part | None = None
    if path.is_file():
        with path.open("rb") as lines:
            for line in lines:
                if b'"kind":"shard"' in line[:32]:
                    last = _part(line) or last
    if last is None:
        what = f"{path.name} is not the record of a finished part"
        raise Usage(
            "SHD002",
            what,
            f"Run promptyard test --shard N/M --record {path}; it goes on where it ended.",
        )
    return last


def _part(line: bytes) -> Part | None:
    try:
        held = _object(read_written(line))
        return from_json(Part, {key: value for key, value in held.items() if key != "kind"})
    except (ValueError, ShapeError):
        return None


def _value(part: Part, name: str) -> object:
    return part.shard.of if name == "shard.of" else getattr(part, name)


def _object(value: Json) -> dict[str, Json]:
    return value if isinstance(value, dict) else {}
