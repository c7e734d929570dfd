"""The log of a run that nobody foresaw: what a maintainer needs, ready to paste.

It must never hold the values of arguments: they may be secrets or strangers' words.
"""

from __future__ import annotations

import os
import platform
import tempfile
import time
import traceback
from collections.abc import Sequence
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from registry.cli.context import nearest_root

_TOLD = ("promptyard", "click", "jinja2", "tuf", "GitPython", "PyYAML", "ctranslate2")


def write_log(error: BaseException, words: Sequence[str]) -> Path:
    """The path of the log: below ``.promptyard`` of the registry at hand, else in the temporary folder."""
    name = f"crash-{time.strftime('%Y%m%dT%H%M%S')}-{os.getpid()}.log"
    text = _log(error, words)
    root = nearest_root(Path.cwd())
    if root is not None:
        try:
            (root / ".promptyard").mkdir(exist_ok=True)
            return _written(root / ".promptyard" / name, text)
        except OSError:
            pass  # a read-only checkout still gets its log
    return _written(Path(tempfile.mkdtemp(prefix="promptyard-")) / name, text)


def _written(path: Path, text: str) -> Path:
    path.write_text(text, encoding="utf-8")
    return path


def _log(error: BaseException, words: Sequence[str]) -> str:
    shown = [word.split("=")[0] for word in words if word.startswith("-") or word.isalpha()]
    head = [
        f"promptyard {' '.join(shown)}   (values left out)",
        f"python {platform.python_version()} on {platform.platform()}",
        " ".join(f"{name} {_version(name)}" for name in _TOLD),
        "",
    ]
    return "\n".join([*head, *traceback.format_exception(error)])


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return "none"
