"""What the gate says, as values: the word, the numbers behind it, and every case by name.

The gate writes these, the report and every writer read them, the record keeps them.
It must never decide: a verdict holds what was concluded and why.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from registry.evaluation.records import Comparability

Word = Literal["PASS", "FAIL", "REGRESSION", "NON-INFERIOR", "IMPROVED", "INCONCLUSIVE", "NO-VERDICT"]
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

    @property
    def holds(self) -> bool:
        """True when every sample was judged and passed (pass^K)."""
        return self.passed > 0 and self.failed == 0 and self.errors == 0


@dataclass(frozen=True, slots=True)
class CaseResult:
    """One case of a suite in both arms. ``reason`` and ``answer`` are head's first that did not pass.

    ``seconds`` is the time that head's live answers took together, None when all came from the cache.
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
    """

    cases: int
    mean: float
    low: float
    high: float
    proven: float


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
    the mean squared difference per case. ``reliable`` is False below ten groups, ``identical`` True where
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
    identical: bool = False


@dataclass(frozen=True, slots=True)
class Verdict:
    """The gate's answer for one suite. ``reasons`` led to the word; ``notes`` did not, but should be read.

    ``head`` and ``base`` are rates over the paired cases, over all of head's where there is no base.
    ``tokens_head`` and ``tokens_base`` are mean tokens per answer, prompt and completion together; ``cached``
    is the share of answers that came from the cache. ``below_floor``: head is below ``min_pass_rate`` and
    is not. ``exact``: the suite checks renderings, which have no noise.
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
    cases: tuple[CaseResult, ...] = ()
    required_failed: tuple[str, ...] = ()
    already_broken: tuple[str, ...] = ()
    below_floor: bool = False
    exact: bool = False
    comparison: Comparison | None = None
    margin: float = 0.03
    min_pass_rate: float | None = None
    blocks_inconclusive: bool = False
    tokens_head: float | None = None
    tokens_base: float | None = None
    cached: float = 0.0
    comparability: Comparability | None = None
