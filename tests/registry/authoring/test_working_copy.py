from __future__ import annotations

from support.checkouts import Yard

from registry.authoring.git_tree import Repository
from registry.authoring.tree import FolderTree
from registry.authoring.working_copy import working_copy


def begun(tmp_path, monkeypatch) -> Yard:
    for name, value in (
        ("AUTHOR_NAME", "A"),
        ("AUTHOR_EMAIL", "a@b"),
        ("COMMITTER_NAME", "A"),
        ("COMMITTER_EMAIL", "a@b"),
    ):
        monkeypatch.setenv(f"GIT_{name}", value)
    yard = Yard(tmp_path)
    yard.git("init", "-q", "-b", "main")
    for name in ("a", "b", "c"):
        yard.write(f"prompts/{name}.md", name)
    yard.commit()
    return yard


def seen(yard: Yard):
    repository = Repository(yard.root)
    return working_copy(yard.root, repository.tree(), repository.changed_below("prompts"))


def test_it_is_the_folder_as_it_lies_on_disk(tmp_path, monkeypatch) -> None:
    yard = begun(tmp_path, monkeypatch)
    yard.write("prompts/a.md", "changed")
    (tmp_path / "prompts/b.md").unlink()
    yard.write("prompts/deep/new ä.md", "new")
    yard.git("add", "prompts/deep")
    copy, folder = seen(yard), FolderTree(tmp_path)
    assert copy.changed == {"prompts/a.md", "prompts/b.md", "prompts/deep/new ä.md"}
    assert copy.paths("prompts") == folder.paths("prompts")
    assert {path: copy.read(path) for path in copy.paths()} == {
        path: folder.read(path) for path in folder.paths()
    }
    assert set(copy.stamps("prompts")) == set(copy.paths("prompts"))
    assert copy.commit is None


def test_a_file_that_a_sparse_checkout_leaves_out_is_not_gone(tmp_path, monkeypatch) -> None:
    yard = begun(tmp_path, monkeypatch)
    yard.git("sparse-checkout", "set", "--no-cone", "/prompts/a.md")
    assert not (tmp_path / "prompts/b.md").exists()
    assert seen(yard).read("prompts/b.md") == b"b"


def test_a_file_that_became_a_link_is_not_read(tmp_path, monkeypatch) -> None:
    yard = begun(tmp_path, monkeypatch)
    (tmp_path / "prompts/a.md").unlink()
    (tmp_path / "prompts/a.md").symlink_to("b.md")
    assert "prompts/a.md" not in seen(yard).paths("prompts")


def test_a_repository_inside_is_not_part_of_this_one(tmp_path, monkeypatch) -> None:
    yard = begun(tmp_path, monkeypatch)
    (tmp_path / "prompts/inner").mkdir()
    inner = Yard(tmp_path / "prompts/inner")
    inner.git("init", "-q")
    inner.write("d.md", "d")
    assert seen(yard).paths() == ("prompts/a.md", "prompts/b.md", "prompts/c.md")
