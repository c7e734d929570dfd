from __future__ import annotations

from dataclasses import replace

import pytest
from support.bundles import bundle, prompt, text

from serve.core.compile import compile_bundle, messages_digest
from serve.core.errors import BundleRefused
from serve.core.model import Probe

INPUTS = {"name": "Ann"}


def probe(**more):
    live = compile_bundle(bundle(), sha256="x")
    digest = messages_digest(live.render("support/hello", INPUTS).messages)
    return replace(Probe("support/hello", INPUTS, digest), **more)


def test_a_probe_that_renders_the_same_lets_the_release_through():
    assert compile_bundle(bundle(probes=(probe(),)), sha256="x").release == 1


@pytest.mark.parametrize(
    "change",
    [
        {"messages_sha256": "0" * 64},
        {"inputs": {"name": "Bob"}},
        {"inputs": {}},
        {"prompt": "gone"},
        {"variant": "gone"},
    ],
)
def test_a_probe_that_renders_differently_refuses_the_release(change):
    with pytest.raises(BundleRefused, match="renders differently here") as caught:
        compile_bundle(bundle(probes=(probe(**change),)), sha256="x")
    assert caught.value.code == "BND007"


def test_what_is_in_use_and_did_not_change_is_taken_over():
    stays, moves = prompt(name="a/stays"), prompt(name="a/moves")
    before = compile_bundle(bundle(stays, moves), sha256="x")
    before.get("a/stays"), before.get("a/moves")
    moved = prompt(text("user", "Bye {{ name }}"), name="a/moves")
    after = compile_bundle(bundle(stays, moved, release=2), sha256="y", previous=before)
    assert after.get("a/stays") is before.get("a/stays")
    assert after.get("a/moves") is not before.get("a/moves")
    assert after.render("a/stays", INPUTS).release == 2


def test_only_what_the_release_before_had_in_use_stays_compiled():
    used, idle = prompt(name="a/used"), prompt(name="a/idle")
    before = compile_bundle(bundle(used, idle), sha256="x")
    assert not before.in_use()
    before.render("a/used", INPUTS)
    changed = [prompt(text("user", "Bye {{ name }}"), name=name) for name in ("a/used", "a/idle")]
    after = compile_bundle(bundle(*changed, release=2), sha256="y", previous=before)
    assert after.in_use().keys() == {"a/used"}
    assert after.render("a/idle", INPUTS).messages[0].text == "Bye Ann"


def test_an_idle_prompt_that_does_not_compile_refuses_the_release_after_another_too():
    before = compile_bundle(bundle(), sha256="x")
    with pytest.raises(BundleRefused, match="BND006"):
        compile_bundle(bundle(prompt(text("user", "{{ name")), release=2), sha256="y", previous=before)


def test_a_template_that_does_not_compile_refuses_the_release():
    with pytest.raises(BundleRefused, match="prompt support/hello does not compile") as caught:
        compile_bundle(bundle(prompt(text("user", "{{ name"))), sha256="x")
    assert caught.value.code == "BND006"


def test_a_cold_start_compiles_at_first_use():
    live = compile_bundle(
        bundle(prompt(text("user", "{{ name")), prompt(name="a/good")), sha256="x", warm=False
    )
    assert live.render("a/good", INPUTS).messages[0].text == "Hello Ann"


def test_a_default_of_true_is_not_taken_over_for_one_of_1():
    def held(default, previous=None):
        made = prompt(text("user", "{{ n }}"), inputs={"n": {"default": default}})
        return compile_bundle(bundle(made), sha256="x", previous=previous)

    after = held(True, held(1))
    assert after.render("support/hello", {}).messages[0].content == "true"
    assert after.digest("support/hello") == held(True).digest("support/hello")
