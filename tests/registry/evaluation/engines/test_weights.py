from __future__ import annotations

import errno
import hashlib
import json
import shutil
from pathlib import Path

import git
import pytest

from registry.authoring.git_tree import Repository
from registry.authoring.tree import FolderTree
from registry.authoring.weights import folder_digest
from registry.errors import EngineError, Usage
from registry.evaluation.engines.parity import Parity
from registry.evaluation.engines.weights import digest_of, materialise
from serve.core.model import ModelConfig, Weights

FILE = "prompts/models/tiny.model.yaml"


def config(**weights: str) -> ModelConfig:
    return ModelConfig("models/tiny", "ctranslate2", "tiny", weights=Weights(**weights))


@pytest.fixture
def root(tmp_path: Path) -> Path:
    folder = tmp_path / "yard" / "prompts" / "models" / "tiny"
    (folder / "sub").mkdir(parents=True)
    (folder / "model.bin").write_bytes(b"weights")
    (folder / "sub" / "x.json").write_bytes(b"{}")
    (folder / "README.md").write_text("a card")
    return tmp_path / "yard"


def test_the_digest_is_over_lines_of_sorted_paths_without_the_card(root: Path) -> None:
    lines = f"{hashlib.sha256(b'weights').hexdigest()}  model.bin\n{hashlib.sha256(b'{}').hexdigest()}  sub/x.json\n"
    wanted = hashlib.sha256(lines.encode()).hexdigest()
    assert digest_of(root / "prompts/models/tiny") == wanted
    assert folder_digest({"README.md": "0" * 64}) == hashlib.sha256(b"").hexdigest()


def test_a_folder_is_copied_once_under_its_digest(root: Path, tmp_path: Path) -> None:
    wanted = digest_of(root / "prompts/models/tiny")
    model = config(path="tiny", sha256=wanted)
    folder, found = materialise(FolderTree(root), model, FILE, tmp_path / "cache")
    assert (folder.name, found) == (wanted, wanted)
    assert sorted(p.name for p in folder.rglob("*") if p.is_file()) == ["model.bin", "x.json"]
    assert materialise(FolderTree(root), model, FILE, tmp_path / "cache") == (folder, wanted)
    assert [p.name for p in (tmp_path / "cache").iterdir()] == [wanted]


def test_a_cache_without_room_is_told_and_nothing_half_is_left(
    root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_place: Path, _data: bytes) -> int:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(Path, "write_bytes", full)
    with pytest.raises(EngineError, match=r"WGT006 the cache for weights cannot be written \(No space left"):
        materialise(FolderTree(root), config(path="tiny"), FILE, tmp_path / "cache")
    assert list((tmp_path / "cache").iterdir()) == []


def test_the_base_keeps_the_weights_it_had(root: Path, tmp_path: Path) -> None:
    repo = git.Repo.init(root)
    with repo.config_writer() as writer:
        writer.set_value("user", "name", "A").set_value("user", "email", "a@example.org")
    repo.index.add(["prompts"])
    repo.index.commit("weights")
    repo.close()
    before = digest_of(root / "prompts/models/tiny")
    shutil.rmtree(root / "prompts")
    tree = Repository(root).tree("HEAD")
    folder, found = materialise(tree, config(path="tiny", sha256=before), FILE, tmp_path / "cache")
    assert found == before
    assert (folder / "model.bin").read_bytes() == b"weights"


def test_other_bytes_than_the_model_file_says_are_refused(root: Path, tmp_path: Path) -> None:
    with pytest.raises(Usage, match="WGT003 model models/tiny: the weights have digest"):
        materialise(FolderTree(root), config(path="tiny", sha256="0" * 64), FILE, tmp_path / "cache")
    assert not (tmp_path / "cache").exists()


def test_git_lfs_pointers_are_recognised(root: Path, tmp_path: Path) -> None:
    pointer = b"version https://git-lfs.github.com/spec/v1\noid sha256:00\n"
    (root / "prompts/models/tiny/model.bin").write_bytes(pointer)
    with pytest.raises(Usage, match=r"Git LFS pointers\. Run git lfs pull"):
        materialise(FolderTree(root), config(path="tiny", sha256="0" * 64), FILE, tmp_path / "cache")


def test_a_folder_that_is_not_there_is_named(root: Path, tmp_path: Path) -> None:
    with pytest.raises(Usage, match=r"WGT002 .*prompts/models/tin is missing in the working copy"):
        materialise(FolderTree(root), config(path="tin"), FILE, tmp_path / "cache")


def test_a_model_without_weights_is_refused(root: Path, tmp_path: Path) -> None:
    with pytest.raises(Usage, match="WGT001"):
        materialise(FolderTree(root), ModelConfig("m", "ctranslate2", "m"), FILE, tmp_path / "cache")


def test_hugging_face_weights_are_converted_once_and_checked(root: Path, tmp_path: Path) -> None:
    calls: list[tuple[str, str]] = []

    def converting(name: str, revision: str, target: Path, kind: str) -> Parity:
        calls.append((name, revision))
        target.mkdir()
        (target / "model.bin").write_bytes(b"converted")
        return Parity(1e-6, 1.0, 64)

    model = config(huggingface="org/name@abc123")
    for _ in range(2):
        folder, found = materialise(FolderTree(root), model, FILE, tmp_path / "cache", convert=converting)
        assert folder.name == found == digest_of(folder)
    assert calls == [("org/name", "abc123")]
    told = json.loads((tmp_path / "cache" / f"{found}.parity.json").read_bytes())
    assert told == {"model": "org/name@abc123", "difference": 1e-6, "agreement": 1.0, "positions": 64}
    pinned = config(huggingface="org/name@abc123", sha256="0" * 64)
    with pytest.raises(Usage, match="WGT003"):
        materialise(FolderTree(root), pinned, FILE, tmp_path / "cache", convert=converting)


def test_a_conversion_that_fails_leaves_nothing(root: Path, tmp_path: Path) -> None:
    def failing(name: str, revision: str, target: Path, kind: str) -> Parity:
        target.mkdir()
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        materialise(FolderTree(root), config(huggingface="o/n@r"), FILE, tmp_path / "cache", convert=failing)
    assert list((tmp_path / "cache").iterdir()) == []


def test_a_conversion_whose_folder_was_thrown_away_is_made_again(root: Path, tmp_path: Path) -> None:
    def converting(name: str, revision: str, target: Path, kind: str) -> Parity:
        target.mkdir()
        (target / "model.bin").write_bytes(b"converted")
        return Parity(1e-6, 1.0, 64)

    model, tree = config(huggingface="o/n@r"), FolderTree(root)
    folder, _ = materialise(tree, model, FILE, tmp_path / "cache", convert=converting)
    shutil.rmtree(folder)
    again, _ = materialise(tree, model, FILE, tmp_path / "cache", convert=converting)
    assert (again / "model.bin").read_bytes() == b"converted"


def test_weights_must_be_pinned_to_a_revision(root: Path, tmp_path: Path) -> None:
    with pytest.raises(Usage, match="WGT004"):
        materialise(FolderTree(root), config(huggingface="org/name"), FILE, tmp_path / "cache")
