"""What an actor does on its node, without Ray: find, fetch and check weights, hold the process."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from support.models import WEIGHTS

from registry.evaluation.cluster.holder import Holder
from registry.evaluation.engines.device import choose
from registry.evaluation.engines.weights import digest_of

FILES = {path.name: path for path in WEIGHTS.iterdir()}
TASK = json.dumps({"do": "generate", "prompts": [["</s>"]], "shared": [], "options": {"max_length": 1}})


@pytest.fixture
def holder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Holder]:
    monkeypatch.setenv("PROMPTYARD_NODE_CACHE", str(tmp_path / "node"))
    made = Holder(lambda path: path.read_bytes())
    yield made
    if made._worker is not None:
        made._worker.close()


def setup(folder: Path) -> dict[str, Any]:
    known = json.loads((WEIGHTS / "tokenizer.json").read_text("utf-8"))["model"]["vocab"]
    probe = next(iter(known)) if isinstance(known, dict) else known[0][0]
    return {
        "folder": str(folder), "kind": "generator", "device": "cpu", "computeType": "float32", "threads": 1,
        "lanes": 1, "libraries": [], "probe": probe, "index": 0,
    }  # fmt: skip


def hold(holder: Holder, folder: Path, sha256: str, files: dict[str, Any] | None = None) -> dict[str, Any]:
    return holder.hold(setup(folder), choose("cpu").environment, sha256, files, 60.0)


def test_weights_on_shared_storage_are_taken_where_they_lie(holder: Holder, tmp_path: Path) -> None:
    assert hold(holder, WEIGHTS, digest_of(WEIGHTS)) == {"ready": True}
    assert not (tmp_path / "node").exists()
    assert b"rows" in holder.answer(TASK) or b"error" in holder.answer(TASK)


def test_a_node_without_the_weights_asks_for_them_and_keeps_them(holder: Holder, tmp_path: Path) -> None:
    nowhere, sha256 = tmp_path / "not here", digest_of(WEIGHTS)
    assert hold(holder, nowhere, sha256)["lacks"] is True
    assert hold(holder, nowhere, sha256, FILES) == {"ready": True}
    assert digest_of(tmp_path / "node" / sha256) == sha256
    again = Holder(lambda _: b"")
    assert hold(again, nowhere, sha256) == {"ready": True}
    again._worker.close()  # type: ignore[union-attr]


def test_weights_of_another_digest_are_never_loaded(holder: Holder, tmp_path: Path) -> None:
    told = hold(holder, tmp_path / "not here", "0" * 64, FILES)
    assert (told["ready"], told["lacks"]) == (False, False)
    assert "another digest" in told["error"]
    assert list((tmp_path / "node").iterdir()) == []
    assert hold(holder, WEIGHTS, "0" * 64)["lacks"] is True


def test_a_worker_that_dies_answers_with_an_empty_line(holder: Holder) -> None:
    assert holder.answer(TASK) == b""
    hold(holder, WEIGHTS, digest_of(WEIGHTS))
    holder._worker.kill()  # type: ignore[union-attr]
    assert holder.answer(TASK) == b""


def test_a_node_says_what_its_numbers_depend_on(holder: Holder) -> None:
    facts = holder.facts("cpu-f32")
    assert facts["details"] == choose("cpu").details
    assert {"node", "pid", "promptyard", "ctranslate2"} <= facts.keys()
