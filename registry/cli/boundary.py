"""Where an exception becomes one line on stderr and an exit code, and nowhere else.

    0    clean                      3    no verdict, or refused
    1    findings or regression     4    environment: network, file, missing extra
    2    usage or configuration     70   a bug, with a log to send
    130  interrupted                141  the reader of our output went away

It must never show a traceback, nor hide that something went wrong.
"""

from __future__ import annotations

import errno
import importlib
import os
import sys
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import click

from serve.core.errors import MissingExtra, PromptyardError

_NOT_OUR_FAULT = (
    *(errno.EACCES, errno.EPERM, errno.EROFS),
    *(errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EMFILE, errno.EIO),
    *(errno.ENOTDIR, errno.EISDIR, errno.EEXIST, errno.ELOOP, errno.ENAMETOOLONG),
)
_EXTRAS = {
    **dict.fromkeys(("boto3", "git", "gitdb", "jsonschema", "rich", "watchdog", "yaml"), "registry"),
    **dict.fromkeys(("ctranslate2", "tokenizers", "rapidfuzz"), "eval"),
    **dict.fromkeys(("httptools", "prometheus_client", "starlette", "uvicorn", "uvloop"), "sidecar"),
    **dict.fromkeys(("torch", "transformers"), "convert"),
}


class Failure(NamedTuple):
    """What a failed run says: code, the thing, the next step, and the exit code."""

    code: str
    what: str
    next_step: str
    exit_code: int


def guarded(call: Callable[[], Any], words: Sequence[str]) -> int:
    """Runs a command and gives its exit code; ``words`` are its arguments, to know how errors shall look."""
    try:
        result = call()
        sys.stdout.flush()
    except BrokenPipeError:
        _silence_stdout()
        return 141
    except (KeyboardInterrupt, click.Abort):
        click.echo("interrupted", err=True)
        return 130
    except click.exceptions.NoArgsIsHelpError as error:
        click.echo(error.format_message(), err=True)
        return 2
    except Exception as error:  # noqa: BLE001  # this is the one place where everything ends
        failure = failure_of(error, words)
        _tell(failure, words)
        return failure.exit_code
    return result if isinstance(result, int) else 0


def failure_of(error: Exception, words: Sequence[str]) -> Failure:
    """The failure that an exception amounts to; one that nobody foresaw is written to a log."""
    if isinstance(error, PromptyardError):
        return Failure(error.code, error.what, error.next_step, error.exit_code)
    if isinstance(error, click.ClickException):
        ctx = getattr(error, "ctx", None)
        path = ctx.command_path if ctx is not None else "promptyard"
        return Failure("USE001", error.format_message().rstrip(".?") + _end(error), f"See {path} --help.", 2)
    if isinstance(error, ModuleNotFoundError) and (name := (error.name or "").split(".")[0]) in _EXTRAS:
        missing = MissingExtra(f"{_command(words)} (module {name})", _EXTRAS[name])
        return Failure(missing.code, missing.what, missing.next_step, missing.exit_code)
    if isinstance(error, OSError) and (error.errno in _NOT_OUR_FAULT or _named(error, words)):
        what = f"{error.filename or 'a file'}: {error.strerror}"
        return Failure("ENV002", what, "Check the path, its permissions and the free space.", 4)
    log = importlib.import_module("registry.cli.crash").write_log(error, words)
    what = f"{type(error).__name__} in promptyard itself"
    return Failure("BUG001", what, f"Please report it with {log}", 70)


def _named(error: OSError, words: Sequence[str]) -> bool:
    """True when what is not there was named on the command line: no fault of ours."""
    if error.errno != errno.ENOENT or not isinstance(error.filename, str):
        return False
    path_of = importlib.import_module("pathlib").Path
    lost = path_of(error.filename).absolute()
    asked = [path_of(word.rpartition("=")[2]).absolute() for word in words if "/" in word]
    return any(lost.parent == path.parent or lost in (path, *path.parents) for path in asked)


def _end(error: click.ClickException) -> str:
    return "?" if error.format_message().endswith("?") else ""


def _command(words: Sequence[str]) -> str:
    return " ".join(["promptyard", *(word for word in words if word.isalpha())][:2])


def _tell(failure: Failure, words: Sequence[str]) -> None:
    if "--json" in words:
        json = importlib.import_module("json")
        told = {
            "code": failure.code,
            "what": failure.what,
            "nextStep": failure.next_step,
            "exitCode": failure.exit_code,
        }
        click.echo(json.dumps({"error": told}, ensure_ascii=False), err=True)
        return
    plain = "--no-color" in words or bool(os.environ.get("NO_COLOR"))
    lead = "error:" if plain else click.style("error:", fg="red", bold=True)
    stop = "" if failure.what.endswith("?") else "."
    line = " ".join(f"{failure.code} {failure.what}{stop} {failure.next_step}".split())
    click.echo(f"{lead} {line}", err=True)


def _silence_stdout() -> None:
    """Nothing may be written any more, not even by the interpreter's last flush."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
