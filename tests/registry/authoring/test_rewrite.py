from __future__ import annotations

import pytest

from registry.authoring.rewrite import rewrite
from registry.errors import Usage


def test_a_file_gets_its_new_text_and_keeps_its_mode(tmp_path):
    place = tmp_path / "a.yaml"
    place.write_bytes(b"old")
    place.chmod(0o640)
    rewrite(tmp_path, "a.yaml", b"old", b"new")
    assert place.read_bytes() == b"new"
    assert place.stat().st_mode & 0o777 == 0o640
    assert [each.name for each in tmp_path.iterdir()] == ["a.yaml"]


def test_what_was_changed_meanwhile_is_kept(tmp_path):
    (tmp_path / "a.yaml").write_bytes(b"newer")
    with pytest.raises(Usage, match=r"FIX001 a\.yaml was changed meanwhile"):
        rewrite(tmp_path, "a.yaml", b"old", b"new")
    assert (tmp_path / "a.yaml").read_bytes() == b"newer"


def test_a_link_is_not_followed(tmp_path):
    (tmp_path / "real").write_bytes(b"old")
    (tmp_path / "a.yaml").symlink_to("real")
    with pytest.raises(Usage, match="FIX001"):
        rewrite(tmp_path, "a.yaml", b"old", b"new")
    assert (tmp_path / "real").read_bytes() == b"old"


def test_a_file_that_is_gone_is_not_made(tmp_path):
    with pytest.raises(Usage, match="FIX001"):
        rewrite(tmp_path, "a.yaml", b"old", b"new")
    assert list(tmp_path.iterdir()) == []
