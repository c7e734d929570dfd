"""What a guardrail rule does about a hit, as written: a word, or a key with its options.

It must never hold more than one of the six.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from serve.core.errors import BundleRefused
from serve.core.model import Action, ActionKind, Json


@dataclass(frozen=True, slots=True)
class ActionSource:
    """An action with options of its own; exactly one of the six is given."""

    block: Mapping[str, Json] | None = None
    redact: Mapping[str, Json] | None = None
    replace: Mapping[str, Json] | None = None
    retry: Mapping[str, Json] | None = None
    drop: Mapping[str, Json] | None = None
    flag: Mapping[str, Json] | None = None

    def resolved(self, rule: str) -> Action:
        """The action as the run time gets it; raises BundleRefused (GRD001)."""
        named: Mapping[ActionKind, Mapping[str, Json] | None] = {
            "block": self.block,
            "redact": self.redact,
            "replace": self.replace,
            "retry": self.retry,
            "drop": self.drop,
            "flag": self.flag,
        }
        given = [Action(kind, options) for kind, options in named.items() if options is not None]
        if len(given) != 1:
            what = f"rule {rule}: its action names {len(given)} of the six"
            raise BundleRefused("GRD001", what, "Name exactly one.")
        return given[0]


def action_of(written: ActionKind | ActionSource, rule: str) -> Action:
    """The action of a rule, whichever way it is written; raises BundleRefused (GRD001)."""
    return Action(written) if isinstance(written, str) else written.resolved(rule)
