"""Check by a function of the repository's own tests: python.

A suite names a function; only code that pytest loaded (a ``conftest.py``) can have registered it, so a suite alone
never runs anything, and ``promptyard test`` never imports code of a pull request.
It must never hide a broken function: one that raises is an error, not a failed answer.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterator, Mapping

from registry.errors import Usage
from registry.evaluation.expectations.outcome import (
    ExpectationType,
    Outcome,
    Subject,
    Threshold,
    bad_value,
    limit,
    missing,
)
from registry.evaluation.problem import Problem
from registry.evaluation.records import Expectation
from serve.core.model import Json

Function = Callable[[str, Mapping[str, Json]], "bool | float"]
_SHARE = Threshold("the least share that the function must return", 0.8, default=1.0, most=1)
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_-]{0,79}\Z")
_REGISTERED: dict[str, Function] = {}


def expectation(name: str) -> Callable[[Function], Function]:
    """Register a function for ``{python: name}``: it gets the answer's text and the case's inputs.

    It returns True or False, or a share from 0 to 1 that ``threshold`` is compared with.

    Raises:
        Usage: EVL020 when the name is taken by another function, or cannot be written in a suite.
    """

    def register(function: Function) -> Function:
        if not _NAME.match(name):
            raise Usage("EVL020", f"{name!r} is no name for an expectation", "Use letters, digits, - and _.")
        held = _REGISTERED.setdefault(name, function)
        if (held.__module__, held.__qualname__) != (function.__module__, function.__qualname__):
            raise Usage("EVL020", f"two functions are registered as {name}", "Give one of them another name.")
        _REGISTERED[name] = function
        return function

    return register


def _python(expectation: Expectation, subject: Subject) -> Outcome:
    name = expectation.value
    function = _REGISTERED.get(name)
    if function is None:
        return missing(
            f"needs the function {name}, which conftest.py has not registered; it runs under pytest alone"
        )
    try:
        returned = function(subject.text, dict(subject.inputs))
    except Exception as error:  # noqa: BLE001 - a test's own code may raise anything
        return missing(f"got {type(error).__name__} from {name}: {error}")
    if not isinstance(returned, (bool, int, float)) or not (math.isfinite(returned) and 0 <= returned <= 1):
        return missing(f"got {returned!r} from {name}, neither True nor False nor a share")
    fact = f"gets {returned} from {name}, where {limit(expectation):g} is asked"
    return Outcome(returned >= limit(expectation), fact, float(returned))


def _name_problems(value: Json) -> Iterator[Problem]:
    if not isinstance(value, str) or not _NAME.match(value):
        hint = "Write the name that conftest.py gives to @expectation; code itself does not stand in suites."
        yield bad_value("The value must be the name of a function.", hint)


TYPES = (ExpectationType("python", _python, _name_problems, _SHARE),)
