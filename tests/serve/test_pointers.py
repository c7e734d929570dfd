"""What signed targets point at, and how a reader from before rollouts reads the same bytes."""

from __future__ import annotations

import json
import re

import pytest
from support.bundles import bundle, prompt, text
from support.rollouts import stage
from support.signed_store import SignedStore
from tuf.api.metadata import Metadata, TargetFile

from serve.core.errors import SignatureRefused
from serve.pointers import canary, stable

CUSTOM = {"release": 2, "percent": 10, "salt": "s", "bakeSeconds": 600}


def target(custom, digest="b" * 64):
    return TargetFile(7, {"sha256": digest}, "x", {"custom": custom} if custom is not None else {})


def test_both_are_read():
    named = {"stable": target({"release": 1}, "a" * 64), "canary": target(CUSTOM)}
    assert stable(named) == (1, "a" * 64, 7)
    found = canary(named)
    assert found is not None
    assert (found.release, found.sha256, found.size_bytes) == (2, "b" * 64, 7)
    assert (found.percent, found.salt, found.bake_s) == (10, "s", 600.0)


@pytest.mark.parametrize(
    "custom",
    [
        None,
        {},
        CUSTOM | {"release": "2"},
        CUSTOM | {"percent": True},
        CUSTOM | {"percent": "10"},
        CUSTOM | {"percent": -1},
        CUSTOM | {"percent": 0},
        CUSTOM | {"percent": 100},
        CUSTOM | {"percent": 10.0},
        CUSTOM | {"percent": float("nan")},
        CUSTOM | {"percent": 10**400},
        CUSTOM | {"release": -1},
        CUSTOM | {"bakeSeconds": -1},
        CUSTOM | {"bakeSeconds": 10**400},
        {name: CUSTOM[name] for name in ("release", "percent", "bakeSeconds")},
        CUSTOM | {"salt": 5},
        CUSTOM | {"bakeSeconds": None},
    ],
)
def test_a_canary_told_in_another_way_is_none(custom):
    assert canary({"canary": target(custom)}) is None
    assert canary({}) is None
    assert canary({"canary": target(CUSTOM, "short")}) is None


def test_no_stable_release_is_refused():
    for named in ({}, {"stable": target({})}, {"stable": target({"release": 1}, "x")}):
        with pytest.raises(SignatureRefused, match="SIG006"):
            stable(named)


def old_pointer(targets):
    """A copy of how readers took the release from the signed targets before there were rollouts."""
    found = targets.get("stable")
    custom = found.custom if found is not None else None
    release = custom.get("release") if isinstance(custom, dict) else None
    digest = found.hashes.get("sha256", "") if found is not None else ""
    assert found is not None
    assert isinstance(release, int)
    assert re.match(r"[0-9a-f]{64}\Z", digest)
    return release, digest, found.length


def test_a_reader_from_before_rollouts_goes_on_with_stable(tmp_path):
    yard = SignedStore(tmp_path / "yard")
    first = yard.publish(bundle(prompt(text("user", "1"), inputs={}), release=1))
    stage(yard, bundle(prompt(text("user", "2"), inputs={}), release=2), percent=99)
    data = (yard.metadata / f"{yard.version}.targets.json").read_bytes()
    assert set(json.loads(data)["signed"]["targets"]) == {"stable", "canary"}
    old = old_pointer(Metadata.from_bytes(data).signed.targets)
    assert old[:2] == (1, first)
