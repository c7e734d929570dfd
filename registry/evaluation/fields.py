"""One mapping of a suite file being read: closed keys, typed values, problems gathered as it goes.

A wrong value gives its default and a problem, so that one slip does not hide the next.
It must never raise for anything that a file can hold.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from registry.evaluation.problem import Problem, Steps, did_you_mean, unknown_keys
from serve.core.model import Json


class Fields:
    """The fields of one mapping; ``problems`` is shared with the mappings around it."""

    def __init__(
        self, data: Json, whose: str, known: Sequence[str], steps: Steps, problems: list[Problem]
    ) -> None:
        self.steps = steps
        self.problems = problems
        self.data: Mapping[str, Json] = data if isinstance(data, dict) else {}
        if isinstance(data, dict):
            if not frozenset(known).issuperset(data):
                problems += [problem.below(*steps) for problem in unknown_keys(data, known, whose)]
        else:
            self.complain(
                f"{whose[0].upper()}{whose[1:]} must be an object.", f"Its keys are {', '.join(known)}."
            )

    def complain(self, message: str, hint: str, *below: str | int, code: str = "SUI002") -> None:
        """Adds a problem of this mapping or of something below it."""
        self.problems.append(Problem(code, (*self.steps, *below), message, hint))

    def text(self, key: str) -> str | None:
        """A text with something in it, or None."""
        value = self.data.get(key)
        if value is None or (isinstance(value, str) and value.strip()):
            return value
        self.complain(f"{key} must be text.", "Quote it if it is a number or true.", key)
        return None

    def flag(self, key: str, default: bool) -> bool:
        """True or false."""
        value = self.data.get(key, default)
        if not isinstance(value, bool):
            self.complain(f"{key} must be true or false.", f"Write {key}: true.", key)
            return default
        return value

    def whole(self, key: str, default: int, low: int, high: int) -> int:
        """A whole number between two bounds."""
        value = self.data.get(key, default)
        if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
            self.complain(
                f"{key} must be a whole number from {low} to {high}.", f"Write {key}: {default}.", key
            )
            return default
        return value

    def share(self, key: str) -> float | None:
        """A number above 0 and up to 1, or None."""
        value = self.data.get(key)
        if value is None:
            return None
        if (
            isinstance(value, bool)
            or not isinstance(value, (int, float))
            or not (math.isfinite(value) and 0 < value <= 1)
        ):
            self.complain(f"{key} must be a number above 0 and up to 1.", f"Write {key}: 0.9.", key)
            return None
        return float(value)

    def increase(self, key: str) -> float | None:
        """How much more is allowed, as a share: 0 for nothing, up to 100, or None."""
        value = self.data.get(key)
        if value is None:
            return None
        if isinstance(value, bool) or not isinstance(value, (int, float)) or not 0 <= value <= 100:
            self.complain(
                f"{key} must be a number from 0 to 100, 0.1 being a tenth more.", f"Write {key}: 0.1.", key
            )
            return None
        return float(value)

    def choice(self, key: str, options: Sequence[str]) -> str:
        """One of some words, the first by default."""
        value = self.data.get(key, options[0])
        if value not in options:
            hint = (
                did_you_mean(value, options)
                if isinstance(value, str)
                else f"Write one of {', '.join(options)}."
            )
            self.complain(f"{key} must be one of {', '.join(options)}.", hint, key)
            return options[0]
        return str(value)

    def mapping(self, key: str) -> Mapping[str, Json]:
        """An object, empty by default."""
        value = self.data.get(key)
        if value is None:
            return {}
        if not isinstance(value, dict):
            self.complain(f"{key} must be an object.", f"Write {key}: {{name: value}}.", key)
            return {}
        return value

    def items(self, key: str) -> Sequence[Json]:
        """A list, empty by default."""
        value = self.data.get(key)
        if value is None:
            return ()
        if not isinstance(value, list):
            self.complain(
                f"{key} must be a list.", f"Begin each of its entries with a dash below {key}:.", key
            )
            return ()
        return value
