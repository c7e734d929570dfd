"""The digest of a weights folder is the same for a working copy and a commit, and leaves the card out."""

from __future__ import annotations

import hashlib

from registry.authoring.tree import FolderTree
from registry.authoring.weights import digests_of, folder_digest, folder_of, has_pointers


def test_the_digest_is_over_sorted_lines_of_digest_and_path(tmp_path):
    for name, data in {"b.bin": b"b", "sub/a.json": b"a", "README.md": b"card"}.items():
        place = tmp_path / "models/tiny" / name
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(data)
    digests = digests_of(FolderTree(tmp_path), "models/tiny")
    assert set(digests) == {"b.bin", "sub/a.json"}
    lines = f"{hashlib.sha256(b'b').hexdigest()}  b.bin\n{hashlib.sha256(b'a').hexdigest()}  sub/a.json\n"
    assert folder_digest(digests) == hashlib.sha256(lines.encode()).hexdigest()
    assert folder_digest({**digests, "README.md": "0" * 64}) == folder_digest(digests)


def test_the_folder_lies_beside_the_model_file(tmp_path):
    assert folder_of("prompts/models/tiny.model.yaml", "tiny") == "prompts/models/tiny"
    assert digests_of(FolderTree(tmp_path), "prompts/models/tiny") == {}


def test_pointers_of_git_lfs_are_told_from_weights(tmp_path):
    (tmp_path / "w").mkdir()
    (tmp_path / "w/model.bin").write_bytes(b"weights")
    assert not has_pointers(FolderTree(tmp_path), "w")
    (tmp_path / "w/model.bin").write_bytes(b"version https://git-lfs.github.com/spec/v1\noid sha256:0\n")
    assert has_pointers(FolderTree(tmp_path), "w")
