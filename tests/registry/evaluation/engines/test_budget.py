from __future__ import annotations

import random
import threading
import time

from registry.evaluation.engines.budget import Budget


def test_without_a_cap_all_goes_and_is_counted() -> None:
    budget = Budget()
    assert budget.reserve(1e9, lambda: False)
    budget.settle(1e9, 0.25)
    assert budget.spent == 0.25
    assert budget.notes == ("cost: 0.2500 USD",)
    assert Budget().notes == ()


def test_what_cannot_fit_is_refused_at_once() -> None:
    budget = Budget(1.0)
    assert not budget.reserve(1.5, lambda: False)
    assert budget.refused == 1
    assert budget.notes == ("cost: 0.0000 USD of at most 1 USD; 1 request was not sent",)


def test_an_answer_on_its_way_may_make_room() -> None:
    budget = Budget(1.0)
    assert budget.reserve(0.8, lambda: False)
    settled = threading.Event()

    def settle() -> None:
        settled.set()
        budget.settle(0.8, 0.1)

    threading.Timer(0.1, settle).start()
    assert budget.reserve(0.8, lambda: False)
    assert settled.is_set()


def test_an_ended_run_does_not_wait_for_room() -> None:
    budget = Budget(1.0)
    assert budget.reserve(0.8, lambda: False)
    assert not budget.reserve(0.8, lambda: True)


def test_many_threads_never_spend_more_than_there_is() -> None:
    budget = Budget(1.0)
    dice = random.Random(7)
    costs = [(most := dice.uniform(0.01, 0.1), dice.uniform(0, most)) for _ in range(400)]

    def work(mine: list[tuple[float, float]]) -> None:
        for most, cost in mine:
            if budget.reserve(most, lambda: False):
                assert budget.spent <= 1.0
                time.sleep(0.0002)
                budget.settle(most, cost)

    threads = [threading.Thread(target=work, args=(costs[n::8],)) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert 0.85 < budget.spent <= 1.0
    assert budget.refused > 0


def test_a_cost_that_is_small_is_not_told_as_none() -> None:
    budget = Budget()
    budget.reserve(0.0, lambda: False)
    budget.settle(0.0, 0.00002)
    assert budget.notes == ("cost: under 0.0001 USD",)
