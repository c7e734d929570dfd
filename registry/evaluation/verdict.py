"""What the gate says, as values: the word, the numbers behind it, and every case by name.

The gate writes these, the report and every writer read them, the record keeps them.
It must never decide: a verdict holds what was concluded and why.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from registry.evaluation.guarding import Guarded
from registry.evaluation.judges.standing import Advice, Contest, JudgeStanding
from registry.evaluation.records import Comparability
from registry.evaluation.statistics import pass_all, pass_at

Word = Literal["PASS", "FAIL", "REGRESSION", "NON-INFERIOR", "IMPROVED", "INCONCLUSIVE", "NO-VERDICT"]
_ROUNDING = 1e-9  # a tenth more, in binary fractions, is a little above 0.1
Resource = Literal["tokens", "cost", "latency"]
Standing = Literal["paired", "new", "changed", "removed"]


@dataclass(frozen=True, slots=True)
class Tally:
    """One case in one arm: how many of its samples passed, failed or gave no answer."""

    passed: int
    failed: int
    errors: int

    @property
    def judged(self) -> int:
        """Samples that have a verdict."""
        return self.passed + self.failed

    @property
    def mean(self) -> float:
        """Share of judged samples that passed; 0 when none was judged."""
        return self.passed / self.judged if self.judged else 0.0

    def any_of(self, k: int) -> float:
        """pass@k: the chance that one of ``k`` samples passes, without bias; ``k`` is at most ``judged``."""
        return pass_at(k, self.passed, self.judged)

    def all_of(self, k: int) -> float:
        """pass^k: the chance that all of ``k`` samples pass, without bias; ``k`` is at most ``judged``."""
        return pass_all(k, self.passed, self.judged)

    @property
    def holds(self) -> bool:
        """True when every sample was judged and passed (pass^K)."""
        return self.passed > 0 and self.failed == 0 and self.errors == 0


@dataclass(frozen=True, slots=True)
class Took:
    """What an answer to one case takes, as medians over its samples; None where it is not known.

    Tokens are those of prompt and completion together, ``seconds`` those of live answers.
    """

    tokens: float | None = None
    cost: float | None = None
    seconds: float | None = None


@dataclass(frozen=True, slots=True)
class CaseResult:
    """One case of a suite in both arms. ``reason`` and ``answer`` are head's first that did not pass.

    ``took`` and ``base_took`` are what an answer takes; ``same_requests`` is True where both arms were asked the very
    same. ``seconds`` is the time that head's live answers took together, None when all came from the cache.
    ``metrics`` are head's scores by the names that its expectations give, ``base_metrics`` base's, and
    ``advisory_metrics`` those to which a judge gave a score that counts for nothing. ``inputs`` are those of a
    case that did not pass throughout in both arms, so that it can be read in a report.
    """

    id: str
    group: str
    standing: Standing
    required: bool = False
    head: Tally | None = None
    base: Tally | None = None
    reason: str = ""
    answer: str = ""
    base_answer: str = ""
    line: int = 1
    seconds: float | None = None
    tags: tuple[str, ...] = ()
    metrics: Mapping[str, float] = field(default_factory=dict)
    base_metrics: Mapping[str, float] = field(default_factory=dict)
    inputs: Mapping[str, Any] = field(default_factory=dict)
    advisory_metrics: tuple[str, ...] = ()
    took: Took = Took()
    base_took: Took = Took()
    same_requests: bool = False

    @property
    def delta(self) -> float | None:
        """Mean of head minus mean of base, or None where the two cannot be paired."""
        if self.standing != "paired" or self.head is None or self.base is None:
            return None
        if self.head.errors or self.base.errors or not (self.head.judged and self.base.judged):
            return None
        return self.head.mean - self.base.mean


@dataclass(frozen=True, slots=True)
class Rate:
    """A pass rate over cases with its 95 % Wilson interval.

    ``proven`` is what the cases whose samples all passed prove: the one-sided 95 % Clopper-Pearson bound.
    ``any_of`` and ``all_of`` are the means of pass@k and pass^k for k = 1, 2, ... up to the samples that every case
    has; empty with one sample.
    """

    cases: int
    mean: float
    low: float
    high: float
    proven: float
    any_of: tuple[float, ...] = ()
    all_of: tuple[float, ...] = ()


@dataclass(frozen=True, slots=True)
class Flip:
    """A case that passed before and fails now.

    ``p`` is Fisher's after fresh samples of both arms; None where a deterministic engine was asked once more
    (``confirmed`` says that it answered the same) or where nothing could be asked again.
    """

    case: str
    p: float | None = None
    p_adjusted: float | None = None
    confirmed: bool = False


@dataclass(frozen=True, slots=True)
class Comparison:
    """The paired comparison of both arms over the cases that they share.

    ``delta``, ``low`` and ``high`` are differences of pass rates between -1 and 1, ``detectable`` the
    smallest drop that this run would have seen with 80 % power (None when it could see none), ``discordant``
    the mean squared difference per case, ``design_effect`` how many times groups
    widen the variance. ``reliable`` is False below ten groups, ``identical`` True where
    both arms asked the very same requests.
    """

    cases: int
    groups: int
    delta: float
    low: float
    high: float
    p_drop: float
    p_drop_adjusted: float
    p_gain: float
    discordant: float
    detectable: float | None
    reliable: bool
    lost: tuple[str, ...] = ()
    gained: tuple[str, ...] = ()
    flips: tuple[Flip, ...] = ()
    design_effect: float = 1.0
    identical: bool = False


@dataclass(frozen=True, slots=True)
class Metric:
    """The mean of a named score, from 0 to 1, over cases; ``name@domain`` is its part of one tag or group.

    With a base, ``head``, ``base`` and ``delta`` are over the cases that have the score in both arms, and ``low``
    and ``high`` the 95 % interval of ``delta``; else of ``head``. ``whole`` is the mean over all of head's cases,
    which is held against ``floor``: ``below`` it, ``broken`` where base is as well, ``in_doubt`` where noise can
    explain the fall. An ``advisory`` one holds scores of a judge that is not calibrated: its floor blocks nothing.
    """

    name: str
    cases: int
    head: float
    low: float
    high: float
    base: float | None = None
    delta: float | None = None
    whole: float = 0.0
    floor: float | None = None
    below: bool = False
    broken: bool = False
    in_doubt: bool = False
    advisory: bool = False


@dataclass(frozen=True, slots=True)
class Spending:
    """What an answer takes in both arms: medians over the cases, and how much more head takes.

    ``change`` is the ratio of medians minus 1, ``low`` and ``high`` its 95 % bootstrap interval; ``limit`` is the
    policy's, None without one. ``unknown`` says why there is no interval. Cost is in the currency of the
    model's prices, latency in seconds.
    """

    name: Resource
    base: float | None = None
    head: float | None = None
    change: float | None = None
    low: float | None = None
    high: float | None = None
    limit: float | None = None
    unknown: str | None = None

    @property
    def exceeded(self) -> bool:
        """True when even the low end of the interval is above the limit."""
        return self.limit is not None and self.low is not None and self.low > self.limit + _ROUNDING


@dataclass(frozen=True, slots=True)
class Noise:
    """What two rounds of the same questions showed: cases that differed, and what that hides.

    ``detectable`` is the smallest drop that is seen with 80 % power, by the number of samples per case; None where
    none can be. ``read_twice`` judged checks had the very same answer in both rounds; in ``wavered`` of them the judge
    said something else.
    """

    cases: int
    flipped: tuple[str, ...]
    share: float
    detectable: Mapping[int, float | None]
    read_twice: int = 0
    wavered: int = 0


@dataclass(frozen=True, slots=True)
class Verdict:
    """The gate's answer for one suite. ``reasons`` led to the word; ``notes`` did not, but should be read.

    ``head`` and ``base`` are rates over the paired cases, over all of head's where there is no base.
    ``tokens_head`` and ``tokens_base`` are mean tokens per answer, prompt and completion together; ``cached``
    is the share of answers that came from the cache. ``below_floor``: head is below ``min_pass_rate`` and base
    is not; ``floor_in_doubt`` that noise can explain it. ``exact``: the suite checks renderings, which have no
    noise. ``spending``: what answers take, with its own limits, which block without changing the word. ``noise``
    is there where head was held against itself. ``judges`` are the models that read answers, ``advice`` what they
    said that counts for nothing, ``contest`` head's answers against base's. ``guarded`` is what the prompt's guardrails
    would do, which counts for nothing either.
    """

    suite: str
    path: str
    prompt: str
    word: Word
    exit_code: int
    reasons: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    samples: int = 1
    head: Rate | None = None
    base: Rate | None = None
    cases: Sequence[CaseResult] = ()
    required_failed: tuple[str, ...] = ()
    already_broken: tuple[str, ...] = ()
    below_floor: bool = False
    floor_in_doubt: bool = False
    exact: bool = False
    comparison: Comparison | None = None
    spending: tuple[Spending, ...] = ()
    noise: Noise | None = None
    margin: float = 0.03
    min_pass_rate: float | None = None
    blocks_inconclusive: bool = False
    tokens_head: float | None = None
    tokens_base: float | None = None
    cached: float = 0.0
    comparability: Comparability | None = None
    metrics: tuple[Metric, ...] = ()
    judges: tuple[JudgeStanding, ...] = ()
    advice: Advice | None = None
    contest: Contest | None = None
    guarded: tuple[Guarded, ...] = ()
