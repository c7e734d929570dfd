"""Head against a stored baseline: as against a base that is asked, but for what no file can do.

The file's samples play base. Its spare ones answer when a flip is asked again; a deterministic base answers as it
did. Head is asked as always.
It must never compare what was not made alike: each difference is a reason why there is no verdict.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from importlib.metadata import version

from registry.evaluation import gate
from registry.evaluation.arms import Arm, Engines
from registry.evaluation.baseline import Baseline, taken
from registry.evaluation.conditions import Conditions
from registry.evaluation.flips import FRESH, Rerun
from registry.evaluation.plan import Scope
from registry.evaluation.records import ArmName, Comparability, Sample, Suite
from registry.evaluation.runner import rerun
from registry.evaluation.tally import some
from registry.evaluation.trial import Asked, Keeping, advised, ask
from registry.evaluation.verdict import Verdict


def examine_stored(
    suites: Sequence[Suite],
    head: Arm,
    stored: Mapping[str, Sequence[Baseline]],
    engines: Engines,
    keeping: Keeping = Keeping(),
) -> tuple[Verdict, ...]:
    """A verdict for each suite against its baseline; head alone where there is none.

    Of several baselines of a suite the first that was made under head's conditions is taken.

    Raises:
        Usage, EngineError: as :func:`registry.evaluation.trial.ask` does.
    """
    asked = ask(suites, head, None, engines, keeping)
    found = []
    for suite in suites:
        fitting = _fitting(stored.get(suite.id, ()), asked.conditions[suite.id])
        found.append(advised(_verdict(suite, head, fitting, engines, asked), suite, engines, asked))
    return gate.settle(found)


def keep(
    suites: Sequence[Suite], head: Arm, engines: Engines, keeping: Keeping, *, at: str
) -> tuple[Baseline, ...]:
    """The baselines of suites as head answers them: from cache and record where they hold the answers.

    Raises:
        Usage, EngineError: as :func:`registry.evaluation.trial.ask` does.
    """
    found = []
    for suite in suites:
        asked = ask([suite], head, None, engines, keeping)
        conditions, answers = asked.conditions[suite.id], list(asked.samples[suite.id].values())
        spare = 0 if conditions.deterministic else FRESH
        if spare:
            more = ask([suite], head, None, engines, keeping, Scope(samples=spare, first=suite.samples))
            answers += more.samples[suite.id].values()
        made = taken(suite, head, conditions, answers, at=at, spare=spare)
        found.append(replace(made, judges=_judges(suite, engines)))
    return tuple(found)


def _fitting(stored: Sequence[Baseline], here: Conditions) -> Baseline | None:
    alike = [it for it in stored if it.comparability == here.comparability.get("head")]
    return next(iter([*alike, *stored]), None)


def _verdict(suite: Suite, head: Arm, stored: Baseline | None, engines: Engines, asked: Asked) -> Verdict:
    conditions, samples = asked.conditions[suite.id], tuple(asked.samples[suite.id].values())
    if stored is None:
        here = conditions.comparability.get("head")
        return gate.decide(suite, None, samples, comparability={} if here is None else {"head": here})
    first = [sample for sample in stored.answers if sample.index < stored.samples]
    can_ask = stored.deterministic or stored.spare > 0
    verdict = gate.decide(
        suite,
        stored.stands_in_for(suite),
        (*first, *samples),
        comparability=_compared(suite, stored, conditions, _judges(suite, engines)),
        rerun=_Again(stored, rerun(suite, [head], engines)) if can_ask else None,
        deterministic=conditions.deterministic and stored.deterministic,
        invalid=tuple(_moved(stored, samples)),
    )
    whence = f"base is a baseline of {stored.at or 'an unknown time'}: what drifted since counts as head's"
    return replace(verdict, notes=(whence, *verdict.notes))


class _Again:
    """Asks head anew and lets the file answer for base."""

    def __init__(self, stored: Baseline, ask_head: Rerun) -> None:
        self._stored = stored
        self._ask_head = ask_head

    def __call__(self, cases: Sequence[str], first: int, count: int) -> Sequence[Sample]:
        wanted = range(first, first + count)
        base = [it for it in self._stored.answers if it.case in cases and it.index in wanted]
        return [*base, *self._ask_head(cases, first, count)]


def _judges(suite: Suite, engines: Engines) -> tuple[str, ...]:
    """Who read the answers of a suite that was asked, and whose word counted."""
    found = []
    for judge in engines.judges_of(suite.id):
        counts = judge.standing is not None and not judge.standing.why
        found.append(f"{judge.model.id}@{judge.digest[:8]}{'' if counts else ' (advisory)'}")
    return tuple(sorted(found))


def _compared(
    suite: Suite, stored: Baseline, here: Conditions, judges: Sequence[str]
) -> Mapping[ArmName, Comparability]:
    both = Conditions(
        {"base": stored.comparability, **here.comparability},
        here.deterministic,
        {"base": stored.asked, **here.asked},
        {"base": stored.served, **here.served},
    ).compared()
    facts: Mapping[ArmName, Mapping[str, str]] = {
        "base": _facts(stored.samples, stored.tool, stored.prompt, stored.judges),
        "head": _facts(suite.samples, version("promptyard"), suite.prompt, judges),
    }
    return {arm: replace(held, details={**held.details, **facts[arm]}) for arm, held in both.items()}


def _facts(samples: int, tool: str, prompt: str, judges: Sequence[str]) -> Mapping[str, str]:
    judge = ", ".join(judges) or "none"
    return {"samples": str(samples), "promptyard": tool, "prompt": prompt, "judge": judge}


def _moved(stored: Baseline, samples: Sequence[Sample]) -> Iterator[str]:
    """Questions of the baseline that head asks as well are its canaries: their answers must be the same."""
    if not stored.deterministic:
        return
    known = {
        sample.key: sample.completion.text for sample in stored.answers if sample.completion.error is None
    }
    odd = {
        sample.case: None
        for sample in samples
        if sample.completion.error is None
        and known.get(sample.key, sample.completion.text) != sample.completion.text
    }
    if odd:
        yield f"this machine answers {some(sorted(odd))} otherwise than the baseline, to the very same request"
