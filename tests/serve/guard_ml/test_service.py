"""A service and the models of its guardrails: refused at load by name, or at work."""

from __future__ import annotations

import pytest
from support.bundles import bundle, prompt
from support.signed_store import CHANNEL, SignedStore

import serve
from serve.core.bundle import entry_digest
from serve.core.codec import to_json
from serve.core.errors import BundleRefused
from serve.core.model import Action, GuardrailSet, Reference, Rule, Streaming
from serve.guard_ml.models import LocalModels


def asking(pin, *, release: int = 2, **detect):
    """A release whose only prompt is guarded by a rule that asks a model."""
    rule = Rule(
        "topic.card",
        "similarity",
        "high",
        Action("block", {"fallback": "Sorry."}),
        {"model": to_json(pin), "examples": ["My card was charged twice."], "threshold": 0.99, **detect},
        ("output",),
        stream=Streaming("buffer"),
    )
    held = GuardrailSet("guardrails/topics", (rule,))
    guarded = prompt(guardrails=(Reference(held.id, entry_digest(held)),))
    return bundle(guarded, release=release, guardrails={held.id: held})


@pytest.fixture
def connect(tmp_path):
    yard = SignedStore(tmp_path / "yard")
    made = []

    def make(**more):
        client = serve.connect(
            yard.url, trust=yard.root, cache=tmp_path / "cache", channel=CHANNEL, start=False, **more
        )
        made.append(client)
        return client

    yield yard, make
    for client in made:
        client.close()


def test_a_release_whose_model_is_missing_is_refused_and_the_one_before_stays_live(connect, shelf, tmp_path):
    yard, make = connect
    yard.publish(bundle(prompt(), release=1))
    client = make()
    client.step()
    yard.publish(asking(shelf.encoder))
    with pytest.raises(BundleRefused) as told:
        client.step()
    assert told.value.code == "GRD020"
    assert (
        "rule topic.card of kind similarity cannot work here: the weights of models/tiny" in told.value.what
    )
    assert f"promptyard guard fetch {tmp_path / 'cache' / 'weights'}" in told.value.next_step
    assert client.live is not None
    assert client.live.release == 1


def test_weights_below_the_cache_are_found_and_the_time_of_the_model_is_counted(connect, shelf, tmp_path):
    yard, make = connect
    (tmp_path / "cache").mkdir()
    (tmp_path / "cache" / "weights").symlink_to(shelf.place)
    yard.publish(asking(shelf.encoder, release=1))
    client = make()
    client.step()
    render = client.render("support/hello", {"name": "Ann"})
    verdict = render.check_output("My card was charged twice.")
    assert (verdict.action, verdict.text) == ("block", "Sorry.")
    assert verdict.hits[0].detail == "similarity 1.00 to example 1, threshold 0.99"
    look = client._guarding.rules()["guardrails/topics", "topic.card"]
    assert (look.looks, look.hits) == (1, 1)
    assert look.ns > 0


def test_a_cold_start_refuses_what_lost_its_weights(connect, shelf):
    yard, make = connect
    yard.publish(asking(shelf.encoder, release=1))
    first = make(models=LocalModels([shelf.place]))
    first.step()
    assert first.live is not None
    assert make().live is None
    assert make(models=LocalModels([shelf.place])).live is not None


def test_a_rule_that_cannot_answer_in_time_fails_and_its_on_error_decides(connect, shelf):
    yard, make = connect
    yard.publish(asking(shelf.encoder, release=1))
    client = make(models=LocalModels([shelf.place]))
    client.step()
    render = client.render("support/hello", {"name": "Ann"})
    detector = render.compiled.guard.rules[0].detector
    detector._asked = None  # whatever goes wrong with a model
    verdict = render.check_output("My card was charged twice.")
    assert verdict.errors == ("topic.card",)
    assert verdict.action == "block"


def test_who_publishes_needs_no_model(connect, shelf):
    from registry.publish.confirm import see
    from registry.settings import Channel

    yard, _ = connect
    yard.publish(asking(shelf.encoder, release=1))
    assert see(yard.url, Channel(CHANNEL, "", "", "", ""), trust=yard.root).release == 1
