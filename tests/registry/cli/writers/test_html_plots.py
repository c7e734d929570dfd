from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from registry.cli.writers import figures
from registry.cli.writers.html_plots import HEIGHT, WIDTH, histogram, line_plot
from registry.evaluation.measures import Measured


def names(count: int) -> list[str]:
    return [f"run {index}" for index in range(count)]


@given(st.lists(st.none() | st.floats(0, 1e6), max_size=30))
def test_every_known_value_is_a_dot_within_the_plot(values: list[float | None]) -> None:
    plot = line_plot("Cost", values, names(len(values)), figures.number)
    known = [value for value in values if value is not None]
    if len(known) < 2:
        assert plot is None
        return
    assert plot is not None
    assert len(plot.dots) == len(known)
    assert all(0 <= dot.x <= WIDTH and 0 <= dot.y <= HEIGHT for dot in plot.dots)


def test_a_gap_breaks_the_line_and_is_no_value() -> None:
    plot = line_plot("Cost", [1.0, 2.0, None, 4.0, 5.0], names(5), figures.number)
    assert plot is not None
    assert len(plot.paths) == 2
    assert "first 1.0, last 5.0, lowest 1.0, highest 5.0" in plot.told


def test_a_small_change_is_no_mountain() -> None:
    plot = line_plot("Rate", [0.9, 0.901], names(2), figures.percent)
    assert plot is not None
    assert abs(plot.dots[0].y - plot.dots[1].y) < HEIGHT / 20


def test_a_histogram_has_a_bar_for_each_score_there_is_and_says_so_in_words() -> None:
    scores = (3, *(0,) * 18, 9)
    head = Measured("s", "head", 12, scores=scores, score=0.75)
    plot = histogram(head, head)
    assert plot is not None
    assert (len(plot.head), len(plot.base), plot.most) == (2, 2, 9)
    assert plot.told.startswith(
        "Of 12 answers of head, 9 score 0.95 or more and 3 below 0.5; the mean is 0.750."
    )
    assert histogram(None, None) is None
    assert histogram(Measured("s", "head", 1, errors=1, scores=(0,) * 20), None) is None
