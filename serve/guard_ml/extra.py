"""The packages of the extra ``guard-ml``, imported when a first rule needs one.

It must never import anything before.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

from serve.core.guard.checks.asked import NotHere


def needs(module: str) -> Any:
    """A module of a package of the extra.

    Raises:
        NotHere: where it is not installed.
    """
    try:
        return import_module(module)
    except ImportError as error:
        package = module.partition(".")[0]
        raise NotHere(
            f"{package} is not installed", "Install it: pip install 'promptyard[guard-ml]'."
        ) from error
