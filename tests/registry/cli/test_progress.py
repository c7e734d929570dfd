from __future__ import annotations

import io

from rich.console import Console

from registry.cli.progress import answers
from registry.evaluation.records import Completion, Sample


def sample(status: str, *, cached: bool = False) -> Sample:
    return Sample("s", "a", "a", "head", 0, status, 0.0, "k", Completion("", 1, 1, cached=cached))  # type: ignore[arg-type]


def shown(*, terminal: bool) -> str:
    out = io.StringIO()
    with answers(Console(file=out, force_terminal=terminal, width=100)) as begin:
        watch = begin(3)
        for one in (sample("pass", cached=True), sample("fail"), sample("error")):
            watch(one)
    return out.getvalue()


def test_a_terminal_sees_how_far_it_is_and_what_went_wrong() -> None:
    assert "1 cached, 1 fail, 1 error" in shown(terminal=True)
    assert "3/3" in shown(terminal=True)


def test_a_log_stays_a_log() -> None:
    assert shown(terminal=False).strip() == ""
