"""Check by a function of the repository's own tests: python.

A suite names a function; only pytest loads the code that registers one, and only code in the repository's tests counts,
so a suite alone never runs anything, and ``promptyard test`` never imports code of a pull request.
It must never hide a broken function: one that raises is an error, not a failed answer.
"""

from __future__ import annotations

import importlib.util
import inspect
import math
import re
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path

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
from registry.evaluation.records import Expectation, Suite
from serve.core.digest import digest
from serve.core.model import Json

Function = Callable[[str, Mapping[str, Json]], "bool | float"]
NAME = "python"
_SHARE = Threshold("the least share that the function must return", 0.8, default=1.0, most=1)
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_-]{0,79}\Z")
_FILES = ("expectations.py", "*_expectations.py")
_TESTS, _CONFTEST = "tests", "conftest.py"
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
        if _origin(held) != _origin(function):
            raise Usage("EVL020", f"two functions are registered as {name}", "Give one of them another name.")
        _REGISTERED[name] = function
        return function

    return register


def functions_named(suite: Suite) -> frozenset[str]:
    """The functions that a suite's cases ask for, inside of sets too."""
    return frozenset(name for case in suite.cases for name in _named(case.expect))


def require_own(names: Iterable[str], tops: Sequence[Path]) -> None:
    """Load what the tests define, and refuse what comes from anywhere else.

    Tests are ``expectations.py`` and ``*_expectations.py`` below ``tests``, and whatever a ``conftest.py`` at the top
    or below ``tests`` registers itself.

    Args:
        names: the functions that are asked for.
        tops: the folders whose ``tests`` count.

    Raises:
        Usage: EVL021 when a file cannot be loaded, EVL022 for a function of other code.
    """
    for top in tops:
        for pattern in _FILES:
            for path in sorted((top / _TESTS).rglob(pattern)):
                _load(path)
    for name in sorted(names):
        function = _REGISTERED.get(name)
        if function is not None and not _is_own(_origin(function)[0], tops):
            what = f"the function {name} is defined in {_short(_origin(function)[0], tops)}, which is no test"
            raise Usage("EVL022", what, "Define it in tests/expectations.py, or in conftest.py at the top.")


def _named(expectations: Iterable[Expectation]) -> Iterator[str]:
    for expectation in expectations:
        if expectation.type == NAME:
            yield expectation.value
        elif isinstance(expectation.value, tuple):
            yield from _named(expectation.value)


def _origin(function: Function) -> tuple[str, str]:
    """The file that a function was written in, whatever module it was imported as, and its name there."""
    try:
        file = inspect.getsourcefile(inspect.unwrap(function)) or ""
    except TypeError:
        file = ""
    return str(Path(file).resolve()) if file else "", getattr(function, "__qualname__", repr(function))


def _is_own(file: str, tops: Sequence[Path]) -> bool:
    if not file:
        return False
    path = Path(file)
    return any(
        path == top.resolve() / _CONFTEST or path.is_relative_to(top.resolve() / _TESTS) for top in tops
    )


def _short(file: str, tops: Sequence[Path]) -> str:
    if not file:
        return "no file"
    near = next((top.resolve() for top in tops if Path(file).is_relative_to(top.resolve())), None)
    return Path(file).name if near is None else Path(file).relative_to(near).as_posix()


def _load(path: Path) -> None:
    """Run a file of the tests once for the whole process."""
    if any(_is_file(module, path) for module in tuple(sys.modules.values())):
        return
    name = f"promptyard_{path.stem}_{digest(str(path.resolve()))[:12]}"
    spec = importlib.util.spec_from_file_location(name, path)
    if spec is None or spec.loader is None:
        return
    module = sys.modules[name] = importlib.util.module_from_spec(spec)
    try:
        spec.loader.exec_module(module)
    except Usage:
        del sys.modules[name]
        raise
    except Exception as error:
        del sys.modules[name]
        what = f"{path.name} of the tests cannot be loaded ({type(error).__name__}: {error})"
        raise Usage("EVL021", what, f"Correct {path.parent.name}/{path.name}.") from error


def _is_file(module: object, path: Path) -> bool:
    file = getattr(module, "__file__", None)
    return isinstance(file, str) and file.endswith(path.name) and Path(file).resolve() == path.resolve()


def _python(expectation: Expectation, subject: Subject) -> Outcome:
    name = expectation.value
    function = _REGISTERED.get(name)
    if function is None:
        return missing(
            f"needs the function {name}, which tests/expectations.py or conftest.py has not registered; "
            "it runs under pytest alone"
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
        hint = "Write the name that the tests give to @expectation; code itself does not stand in suites."
        yield bad_value("The value must be the name of a function.", hint)


TYPES = (ExpectationType(NAME, _python, _name_problems, _SHARE),)
