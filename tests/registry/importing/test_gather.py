"""The files of a folder: links are not followed, nothing outside is read, what is passed over is told."""

from __future__ import annotations

from pathlib import Path

import pytest

from registry.errors import Usage
from registry.importing import gather as module
from registry.importing.gather import gather


@pytest.fixture
def library(tmp_path: Path) -> Path:
    root = tmp_path / "library"
    for path in (
        "a.prompty",
        "sub/b.prompt.yml",
        ".github/prompts/c.prompt.md",
        ".hidden/d.prompty",
        "node_modules/e.prompty",
    ):
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(path)
    (root / "image.png").write_bytes(b"\x89PNG")
    (root / "binary.txt").write_bytes(b"a\x00b")
    (tmp_path / "secret.txt").write_text("outside")
    (root / "link.txt").symlink_to(tmp_path / "secret.txt")
    (root / "linked").symlink_to(tmp_path)
    return root


def test_all_files_below_a_folder_are_read_in_order_and_the_rest_is_told(library: Path) -> None:
    found = gather(library)
    assert [file.path for file in found.files] == [
        "a.prompty",
        ".github/prompts/c.prompt.md",
        "sub/b.prompt.yml",
    ]
    assert {item.path: item.why.split(";")[0] for item in found.skipped} == {
        ".hidden": "is a hidden folder", "node_modules": "is a folder of other people's code", "linked": "is a link",
        "link.txt": "is a link", "image.png": "is of no known format", "binary.txt": "is no text",
    }  # fmt: skip


def test_a_single_file_has_its_folder_s_other_files_beside_it(library: Path) -> None:
    (library / "sample.json").write_text("{}")
    found = gather(library / "a.prompty")
    (file,) = found.files
    assert file.path == "a.prompty"
    assert file.sibling("sample.json") == b"{}"
    assert file.sibling("sub/../sample.json") == b"{}"
    assert found.used == {"sample.json": "a.prompty"}


@pytest.mark.parametrize(
    "name",
    [
        "../secret.txt",
        "link.txt",
        "linked/secret.txt",
        "/etc/hostname",
        "nowhere",
        ".",
        "sub",
        "a\x00b",
        "..\\secret.txt",
    ],
)
def test_a_file_names_nothing_outside_its_folder(library: Path, name: str) -> None:
    file = gather(library).files[0]
    assert file.sibling(name) is None


def test_a_large_file_is_told_and_not_read(library: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "LIMIT", 4)
    found = gather(library)
    assert found.files == []
    assert "is over 0 MiB" in {item.why for item in found.skipped}


def test_a_path_with_nothing_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Usage, match="IMP001"):
        gather(tmp_path / "nowhere")


def test_a_folder_with_too_many_files_is_refused(library: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST", 3)
    with pytest.raises(Usage, match="IMP003"):
        gather(library)
