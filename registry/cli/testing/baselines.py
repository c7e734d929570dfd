"""Baselines as the command line names them: a file that someone shares, or ``auto``, a folder by content address.

It must never take a baseline for another: ``auto`` finds one by what base is, and says when there is none.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from registry.cli.testing.asked import Asked
from registry.cli.writers.files import write_file
from registry.errors import Refused, Usage
from registry.evaluation.arms import Arm
from registry.evaluation.baseline import Baseline, read_baselines, to_text
from registry.evaluation.records import Suite

AUTO = "auto"
PLACE = Path(".promptyard", "baselines")
Stored = Mapping[str, Sequence[Baseline]]


def check(asked: Asked, *, merges: bool) -> None:
    """Refuse what cannot be meant; ``merges`` is True where parts of a run are put together.

    Raises:
        Usage: BAS003.
    """
    if asked.baseline is None and asked.save_baseline is None:
        return
    if asked.aa:
        raise Usage("BAS003", "--aa compares head with itself, and with no baseline", "Choose one of them.")
    if asked.shard is not None or merges:
        what = "a baseline stands in for a whole base, and this run is made of parts"
        raise Usage("BAS003", what, "Leave out --shard and --merge, or the baseline.")
    if asked.save_baseline is not None and (asked.case or asked.tag):
        what = "--save-baseline keeps whole suites, and only some cases are asked"
        raise Usage("BAS003", what, "Leave out --case and --tag.")
    if asked.baseline == AUTO and asked.base is None:
        what = "--baseline auto finds the baseline of a base, and no base is named"
        raise Usage("BAS003", what, "Add --base main, or name the file.")
    if asked.baseline not in (None, AUTO) and asked.base is not None:
        raise Usage("BAS003", "the base is both a commit and a file", "Choose --base or --baseline FILE.")


def stored(root: Path, asked: Asked, suites: Sequence[Suite], base: Arm | None) -> tuple[Stored | None, str]:
    """The baselines to compare with, by suite, and what to know of them; None where base must be asked.

    Raises:
        Usage: BAS001 when the file is no baseline, BAS004 when it has none of the suites.
        Refused: BAS002 when it is damaged.
    """
    if asked.baseline is None:
        return None, ""
    if asked.baseline == AUTO:
        return _by_content(root, suites, base)
    held = read_baselines(Path(asked.baseline))
    found = {suite.id: (_narrowed(held[suite.id], suite, asked),) for suite in suites if suite.id in held}
    if not found:
        known = ", ".join(sorted(held)) or "nothing"
        raise Usage(
            "BAS004", f"the baseline holds {known}, and no suite that runs", "Name one of these suites."
        )
    return found, ""


def save(root: Path, asked: Asked, baselines: Sequence[Baseline]) -> str:
    """Write baselines where they were asked for; what to know of it."""
    if asked.save_baseline != AUTO:
        write_file(Path(asked.save_baseline or ""), to_text(baselines).decode())
        return f"baseline written: {asked.save_baseline}"
    for each in baselines:
        write_file(root / PLACE / f"{each.digest}.jsonl", to_text([each]).decode())
    return f"baselines written: {PLACE}, {len(baselines)} by content address"


def _by_content(root: Path, suites: Sequence[Suite], base: Arm | None) -> tuple[Stored | None, str]:
    kept = [each for path in sorted((root / PLACE).glob("*.jsonl")) for each in _readable(path)]
    found: dict[str, Sequence[Baseline]] = {}
    for suite in suites:
        before = base.suites.get(suite.id) if base is not None else None
        if base is None or before is None or before.prompt not in base.live.prompts():
            continue
        sha256 = base.live.digest(before.prompt)
        fitting = [each.of(before) for each in kept if each.answers_for(before, sha256)]
        if not fitting:
            return None, f"no baseline of {suite.id} as base has it: base is asked"
        found[suite.id] = fitting
    fit = "1 baseline fits" if len(found) == 1 else f"{len(found)} baselines fit"
    return found, f"base is not asked: {fit}"


def _readable(path: Path) -> Sequence[Baseline]:
    try:
        return tuple(read_baselines(path).values())
    except (Usage, Refused):
        return ()  # one that cannot be read is one that is not there: base is asked


def _narrowed(baseline: Baseline, suite: Suite, asked: Asked) -> Baseline:
    return baseline.of(suite) if asked.case or asked.tag else baseline
