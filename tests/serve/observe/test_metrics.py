"""Prometheus' format, read by Prometheus' own parser."""

from __future__ import annotations

import threading

from prometheus_client.parser import text_string_to_metric_families

from serve.observe.metrics import Renders, exposition

TOTALS = {"swaps": 2, "refusals": 1, "poll_failures": 0}


def page(renders, **changes):
    state = {
        "state": "fresh",
        "channel": "production",
        "release": 7,
        "sha256": "ab",
        "age_s": 1.5,
        "expiry_s": 60.0,
    }
    text = exposition(renders, **(state | changes), totals=TOTALS)
    return {
        (sample.name, tuple(sorted(sample.labels.items()))): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def test_the_page_is_what_prometheus_reads():
    renders = Renders()
    renders.add('a/"b"\\c', "0123456789abcdef", None)
    renders.add('a/"b"\\c', "0123456789abcdef", None)
    found = page(renders)
    labels = (("outcome", "ok"), ("prompt", 'a/"b"\\c'), ("variant", ""), ("version", "0123456789ab"))
    assert found["promptyard_renders_total", labels] == 2
    info = (("channel", "production"), ("release", "7"), ("version", "ab"))
    assert found["promptyard_bundle_info", info] == 1
    assert found["promptyard_bundle_age_seconds", ()] == 1.5
    assert found["promptyard_client_state", (("state", "fresh"),)] == 1
    assert found["promptyard_client_state", (("state", "stale"),)] == 0
    assert (found["promptyard_swaps_total", ()], found["promptyard_refusals_total", ()]) == (2, 1)


def test_what_is_not_known_is_left_out():
    found = page(Renders(), release=None, sha256=None, age_s=None, expiry_s=None, state="empty")
    assert not {name for name, _ in found} & {"promptyard_bundle_info", "promptyard_bundle_age_seconds"}


def test_series_of_versions_that_are_gone_are_retired():
    renders = Renders()
    for version in ("old", "new", ""):
        renders.add("p", version, None)
    renders.retire({"new"})
    assert {key[1] for key in renders.counts()} == {"new", ""}


def test_no_count_is_lost_between_threads():
    renders = Renders()
    threads = [
        threading.Thread(target=lambda: [renders.add("p", "v", None) for _ in range(2000)]) for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert renders.counts() == {("p", "v", "", "ok"): 8000}
