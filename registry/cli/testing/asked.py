"""What the command line asks of a test run.

It must never read the registry: what the words mean there is for those who know it.
"""

from __future__ import annotations

import math
import shlex
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from registry.errors import Usage
from registry.evaluation.arms import EngineOptions
from registry.evaluation.cluster.address import cluster_of
from registry.evaluation.engines.replay import NOTHING, read_recording
from registry.evaluation.plan import Scope
from registry.evaluation.shards import Shard
from serve.core.model import Json


@dataclass(frozen=True, slots=True)
class Asked:
    """What the command line asked for."""

    names: tuple[str, ...]
    base: str | None
    case: tuple[str, ...]
    samples: int | None
    aa: bool
    options: EngineOptions
    no_cache: bool
    record: Path | None
    dry_run: bool
    explain: bool
    tag: tuple[str, ...] = ()
    baseline: str | None = None
    save_baseline: str | None = None
    shard: Shard | None = None

    @property
    def scope(self) -> Scope:
        """What part of the suites is asked."""
        return Scope(shard=self.shard)

    @property
    def choice(self) -> dict[str, Json]:
        """The words that choose suites, cases, samples and base: equal in all parts of one run."""
        chosen = {"names": self.names, "case": self.case, "tag": self.tag}
        return {
            **{name: list(words) for name, words in chosen.items()},
            "samples": self.samples,
            "base": self.base,
        }

    @property
    def whole(self) -> bool:
        """True when everything was run as the suites say, so that the result counts as evidence."""
        return not (self.names or self.case or self.tag or self.samples or self.aa)

    def again(self, names: Sequence[str]) -> str:
        """The command line that runs these suites again, as they were run."""
        words = [*names]
        words += ["--base", self.base] if self.base else []
        words += ["--baseline", self.baseline] if self.baseline else []
        words += [word for case in self.case for word in ("--case", case)]
        words += [word for tag in self.tag for word in ("--tag", tag)]
        words += ["--samples", str(self.samples)] if self.samples else []
        words += ["--profile", self.options.profile] if self.options.profile else []
        words += ["--aa"] if self.aa else []
        cap = self.options.max_cost_usd
        words += ["--max-cost", f"{cap:g}"] if cap is not None else []
        return shlex.join(["promptyard", "test", *words])


def engine_options(given: dict[str, Any]) -> EngineOptions:
    """How models are run; takes what it needs out of what was given.

    Raises:
        Usage: EVL007 when the cap is no amount; those of ``read_recording`` and ``cluster_of``.
    """
    place, most, cluster = (given.pop(name) for name in ("replay_from", "max_cost", "engine_cluster"))
    if most is not None and not math.isfinite(most):
        raise Usage("EVL007", "--max-cost is no amount", "Write US dollars, such as --max-cost 0.50.")
    return EngineOptions(
        **{name: given.pop(name) for name in ("device", "profile", "require")},
        replay=given.pop("replay") or place is not None,
        recording=NOTHING if place is None else read_recording(place),
        max_cost_usd=most,
        cluster=None if cluster is None else cluster_of(cluster),
    )
