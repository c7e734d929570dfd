"""The formats that can be imported, and which of them a file has.

It must never take a file for two formats: the first reader that is sure gets it.
"""

from __future__ import annotations

from collections.abc import Mapping

from registry.importing import github, plain
from registry.importing.aiconfig import reader as aiconfig
from registry.importing.dotprompt import reader as dotprompt
from registry.importing.gitleaks import reader as gitleaks
from registry.importing.langchain import reader as langchain
from registry.importing.langfuse import reader as langfuse
from registry.importing.port import Foreign, Reader
from registry.importing.promptfoo import reader as promptfoo
from registry.importing.prompty import reader as prompty

_IN_ORDER: tuple[Reader, ...] = (
    github, prompty, dotprompt, promptfoo, langfuse, langchain, aiconfig, gitleaks, plain,
)  # fmt: skip
READERS: Mapping[str, Reader] = {reader.NAME: reader for reader in _IN_ORDER}


def reader_of(file: Foreign) -> Reader | None:
    """The reader that knows a file for its own, or None."""
    return next((reader for reader in _IN_ORDER if reader.recognises(file)), None)
