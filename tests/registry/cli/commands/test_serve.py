"""``promptyard serve`` as a process: it finds everything in the registry, answers, and ends cleanly."""

from __future__ import annotations

import json
import subprocess
import sys

import httpx
import pytest
from support.bundles import bundle, prompt, text
from support.content import write
from support.signed_store import SignedStore

SETTINGS = "promptyard: 1\nchannels: {staging: {}, production: {}}\n"


@pytest.fixture
def registry(tmp_path):
    """A registry whose production channel holds release 1."""
    root = write(tmp_path / "yard", **{"promptyard.yaml": SETTINGS})
    store = SignedStore(root / ".promptyard/store")
    store.publish(bundle(prompt(text("user", "Hello {{ name }}")), release=1))
    (root / "trust").mkdir()
    (root / "trust/production.root.json").write_bytes(store.root)
    return root


def command(root, *words):
    return [sys.executable, "-m", "registry.cli", "-C", str(root), "serve", *words]


def test_it_serves_the_registrys_own_store_from_any_folder_and_ends_cleanly(registry, tmp_path):
    words = command(registry, "--channel", "production", "--port", "0", "--json")
    process = subprocess.Popen(words, cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    try:
        said = ""
        while not said.endswith("}\n"):
            said += process.stdout.readline()
        told = json.loads(said)
        assert (told["channel"], told["release"], told["state"]) == ("production", 1, "fresh")
        answer = httpx.post(f"{told['url']}/v1/render/support/hello", json={"inputs": {"name": "Ann"}})
        assert answer.json()["messages"] == [{"role": "user", "content": "Hello Ann"}]
    finally:
        process.terminate()
        _, errors = process.communicate(timeout=10)
    assert (process.returncode, errors) == (0, "")
    assert (registry / ".promptyard/cache/production/state.json").exists()


def test_a_channel_without_a_root_of_trust_is_told(registry):
    done = subprocess.run(
        command(registry, "--channel", "staging"), capture_output=True, text=True, check=False
    )
    assert done.returncode == 2
    assert "TRU001" in done.stderr
    assert "trust/staging.root.json" in done.stderr
