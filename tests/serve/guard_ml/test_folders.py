from __future__ import annotations

from pathlib import Path

import pytest

from registry.authoring import weights
from serve.core.guard.checks.asked import NotHere, Pin
from serve.guard_ml.folders import digest_of, folder_digest, folder_of


@pytest.fixture
def pin(tmp_path: Path) -> Pin:
    made = tmp_path / "made"
    (made / "sub").mkdir(parents=True)
    (made / "model.bin").write_bytes(b"weights")
    (made / "sub" / "a.json").write_text("{}")
    (made / "README.md").write_text("a card")
    digest = digest_of(made)
    made.rename(tmp_path / digest)
    return Pin("models/m", sha256=digest)


def test_the_digest_is_that_of_the_registry_and_leaves_the_card_out(tmp_path, pin):
    digests = {"b": "1" * 64, "a": "2" * 64, "README.md": "3" * 64}
    assert folder_digest(digests) == weights.folder_digest(digests)
    (tmp_path / str(pin.sha256) / "README.md").write_text("another card")
    assert folder_of(pin, [tmp_path / "none", tmp_path]) == tmp_path / str(pin.sha256)


def test_what_is_missing_is_named_with_where_and_how(tmp_path):
    with pytest.raises(NotHere, match=r"weights of models/m \(digest abcabcabcabc…\) are not in") as told:
        folder_of(Pin("models/m", sha256="abc" * 21), [tmp_path])
    assert f"promptyard guard fetch {tmp_path}" in told.value.next_step
    with pytest.raises(NotHere, match="not pinned"):
        folder_of(Pin("models/m"), [tmp_path])


def test_other_bytes_than_those_that_were_pinned_are_refused(tmp_path, pin):
    (tmp_path / str(pin.sha256) / "model.bin").write_bytes(b"other")
    with pytest.raises(NotHere, match="have other bytes"):
        folder_of(pin, [tmp_path])
