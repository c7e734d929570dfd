"""Parts of one run, asked apart and put together: the verdict is that of one machine, and nothing else passes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from support.models import SpokenEngine
from support.yard_of_cases import FILES, arm, engines, write

from registry.errors import PromptyardError, Refused, Usage
from registry.evaluation.arms import Arm
from registry.evaluation.conditions import Conditions
from registry.evaluation.merging import Part, fingerprint, merge, parts_of
from registry.evaluation.plan import Scope, expected
from registry.evaluation.record import Record
from registry.evaluation.records import Comparability, Completion
from registry.evaluation.shards import Shard
from registry.evaluation.trial import Keeping, ask, conclude, examine
from registry.evaluation.verdict import Verdict

SUITE = "prompts/words/shout.suite.yaml"
MANY = FILES[SUITE] + "".join(
    f"  - {{id: n{n}, group: g{n % 9}, inputs: {{word: word{n}}}, expect: [{{equals: WORD{n}}}]}}\n"
    for n in range(40)
)


@pytest.fixture
def arms(tmp_path: Path) -> tuple[Arm, Arm]:
    return arm(write(tmp_path / "yard", {SUITE: MANY})), arm(tmp_path / "yard", "base")


def uneven(text: str) -> str | Completion:
    if text == "word7":
        return Completion("", 1, 0, error="ENG010 no answer")
    return "?" if text.endswith("3") else text.upper()


def part(
    path: Path, head: Arm, base: Arm, shard: Shard, say: Callable[[str], str | Completion] = uneven
) -> Part:
    made = engines(path.parent, SpokenEngine(say))
    with Record(path) as record:
        found = ask(list(head.suites.values()), head, base, made, Keeping(record=record), Scope(shard=shard))
        count, digest = fingerprint(found.samples)
        told = Part(shard, "h", "b", "s", count, digest, {"names": []}, found.conditions)
        record.append(told.line())
    return told


def whole(head: Arm, base: Arm, place: Path) -> tuple[Verdict, ...]:
    return examine(list(head.suites.values()), head, base, engines(place, SpokenEngine(uneven)))


def merged(paths: list[Path], head: Arm, base: Arm, place: Path) -> tuple[Verdict, ...]:
    suites = list(head.suites.values())
    found = merge(parts_of(paths), [suite.id for suite in suites], expected(suites, [base, head]))
    return conclude(suites, head, base, engines(place, SpokenEngine(uneven)), found.answered)


@pytest.mark.parametrize("of", [1, 2, 5])
def test_the_verdict_on_the_parts_is_that_on_the_whole(
    arms: tuple[Arm, Arm], tmp_path: Path, of: int
) -> None:
    paths = [tmp_path / f"{n}.jsonl" for n in range(1, of + 1)]
    held = [part(path, *arms, Shard(n, of)) for n, path in enumerate(paths, 1)]
    assert sum(each.samples for each in held) == 2 * 44
    assert of == 1 or max(each.samples for each in held) < 2 * 44
    assert merged(paths[::-1], *arms, tmp_path) == whole(*arms, tmp_path)


def test_a_part_that_was_cut_off_goes_on_in_its_record(arms: tuple[Arm, Arm], tmp_path: Path) -> None:
    paths = [tmp_path / "1.jsonl", tmp_path / "2.jsonl"]

    def stopping(text: str) -> str | Completion:
        if text == "word3":
            raise KeyboardInterrupt
        return uneven(text)

    for n, path in enumerate(paths, 1):
        try:
            part(path, *arms, Shard(n, 2), stopping)
        except KeyboardInterrupt:
            with pytest.raises(Usage, match="SHD002"):
                parts_of([path])
            part(path, *arms, Shard(n, 2))
    assert merged(paths, *arms, tmp_path) == whole(*arms, tmp_path)


def test_a_record_may_hold_an_older_part_of_other_answers(arms: tuple[Arm, Arm], tmp_path: Path) -> None:
    paths = [tmp_path / "1.jsonl", tmp_path / "2.jsonl"]
    old = arm(write(tmp_path / "old", {SUITE: MANY.replace("word: word1", "word: old1")}))
    part(paths[0], old, arms[1], Shard(1, 2))
    for n, path in enumerate(paths, 1):
        part(path, *arms, Shard(n, 2))
    assert merged(paths, *arms, tmp_path) == whole(*arms, tmp_path)


def spoiled(path: Path, change: Callable[[Part], Part]) -> None:
    ((_, told),) = parts_of_one(path)
    with Record(path) as record:
        record.append(change(told).line())


def parts_of_one(path: Path) -> tuple[tuple[Path, Part], ...]:
    from registry.evaluation.merging import _read

    return ((path, _read(path)),)


@pytest.mark.parametrize(
    ("code", "change"),
    [
        ("SHD005", lambda p: replace(p, head_sha256="x")),
        ("SHD005", lambda p: replace(p, base_sha256=None)),
        ("SHD005", lambda p: replace(p, suites_sha256="x")),
        ("SHD005", lambda p: replace(p, shard=Shard(2, 3))),
        ("SHD005", lambda p: replace(p, asked={"names": ["words/shout"]})),
        ("SHD003", lambda p: replace(p, shard=Shard(1, 2))),
        ("SHD007", lambda p: replace(p, samples=p.samples - 1)),
        ("SHD007", lambda p: replace(p, samples_sha256="0" * 64)),
        (
            "SHD006",
            lambda p: replace(
                p, conditions={"words/shout": Conditions({"head": Comparability("spoken", "exact", "moon")})}
            ),
        ),
    ],
)
def test_what_is_no_part_of_this_run_is_refused(
    arms: tuple[Arm, Arm], tmp_path: Path, code: str, change: Callable[[Part], Part]
) -> None:
    paths = [tmp_path / "1.jsonl", tmp_path / "2.jsonl"]
    for n, path in enumerate(paths, 1):
        part(path, *arms, Shard(n, 2))
    spoiled(paths[1], change)
    with pytest.raises(PromptyardError, match=code) as refused:
        merged(paths, *arms, tmp_path)
    assert refused.value.exit_code == (2 if code == "SHD003" else 3)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('"status":"pass"', '"status":"fail"'),
        ('"score":1.0', '"score":0.5'),
        ('"text":"WORD1"', '"text":"WORD1!"'),
        ('"completionTokens":1', '"completionTokens":900'),
    ],
)
def test_a_record_that_was_changed_after_its_part_had_ended_is_refused(
    arms: tuple[Arm, Arm], tmp_path: Path, old: str, new: str
) -> None:
    part(tmp_path / "1.jsonl", *arms, Shard(1, 1))
    text = (tmp_path / "1.jsonl").read_text()
    line = next(each for each in text.splitlines() if '"text":"WORD1"' in each)
    assert old in line
    (tmp_path / "1.jsonl").write_text(text.replace(line, line.replace(old, new)))
    with pytest.raises(Refused, match="SHD007"):
        merged([tmp_path / "1.jsonl"], *arms, tmp_path)


def test_a_missing_part_is_named_with_the_command_that_makes_it(
    arms: tuple[Arm, Arm], tmp_path: Path
) -> None:
    part(tmp_path / "2.jsonl", *arms, Shard(2, 3))
    with pytest.raises(Refused, match=r"SHD004 parts 1/3, 3/3 are missing\. Run promptyard test --shard 1/3"):
        parts_of([tmp_path / "2.jsonl"])


def test_a_line_that_was_taken_out_or_changed_is_noticed(arms: tuple[Arm, Arm], tmp_path: Path) -> None:
    path = tmp_path / "1.jsonl"
    part(path, *arms, Shard(1, 1))
    lines = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(b"".join(lines[1:]))
    with pytest.raises(Refused, match="SHD007"):
        merged([path], *arms, tmp_path)
    path.write_bytes(b"".join(line.replace(b'"status":"fail"', b'"status":"pass"') for line in lines))
    with pytest.raises(Refused, match="SHD007"):
        merged([path], *arms, tmp_path)


def test_a_whole_part_of_a_smaller_run_leaves_a_gap(arms: tuple[Arm, Arm], tmp_path: Path) -> None:
    small = arm(write(tmp_path / "small"))
    part(tmp_path / "1.jsonl", small, arms[1], Shard(1, 1))
    with pytest.raises(Refused, match=r"SHD008 the parts hold \d+ of 88 answers"):
        merged([tmp_path / "1.jsonl"], *arms, tmp_path)


@pytest.mark.parametrize(
    "content", [b"", b"{}\n", b'{"kind":"shard"}\n', b'{"kind":"shard","shard":1}\n', b"\xff\n"]
)
def test_what_is_no_record_of_a_part_is_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "x.jsonl").write_bytes(content)
    with pytest.raises(Usage, match=r"SHD002 x\.jsonl is not the record of a finished part"):
        parts_of([tmp_path / "x.jsonl"])
    with pytest.raises(Usage, match="SHD002"):
        parts_of([tmp_path / "gone.jsonl"])
    with pytest.raises(Usage, match="SHD002"):
        parts_of([])
