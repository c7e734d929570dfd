"""A bar for work that is counted in answers; on a terminal only, so that a log stays a log.

It must never write to standard output, which belongs to the result.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from registry.evaluation.records import Sample

Watch = Callable[[Sample], None]


@contextmanager
def answers(console: Console) -> Iterator[Callable[[int], Watch]]:
    """While the block runs: a function that takes how many answers will come and gives what counts them."""
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[told]}"),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as bar:

        def begin(total: int) -> Watch:
            return _counting(bar, total)

        yield begin


def _counting(bar: Progress, total: int) -> Watch:
    task = bar.add_task("answers", total=total, told="")
    counts = {"cached": 0, "fail": 0, "error": 0}

    def count(sample: Sample) -> None:
        counts["cached"] += sample.completion.cached
        if sample.status != "pass":
            counts[sample.status] += 1
        told = ", ".join(f"{number} {name}" for name, number in counts.items() if number)
        bar.update(task, advance=1, told=told)

    return count
