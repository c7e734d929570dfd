"""Revisions of real repositories, read without touching the working copy."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from registry.authoring.git_tree import Repository
from registry.authoring.tree import FolderTree, PassedOver, Tree
from registry.errors import Unavailable, Usage

ENVIRONMENT = {
    **os.environ,
    "GIT_AUTHOR_DATE": "2026-11-01T10:00:00+02:00",
    "GIT_COMMITTER_DATE": "2026-11-01T10:00:00+02:00",
    "GIT_CONFIG_GLOBAL": os.devnull,
}


class Git:
    def __init__(self, root):
        self.root = root
        self("init", "--quiet", "--initial-branch=main")
        self("config", "user.name", "Ada")
        self("config", "user.email", "ada@bank.test")

    def __call__(self, *arguments: str) -> str:
        done = subprocess.run(
            ["git", *arguments], cwd=self.root, env=ENVIRONMENT, check=True, capture_output=True
        )
        return done.stdout.decode().strip()

    def commit(self, **files: str) -> str:
        for name, text in files.items():
            place = self.root / name
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_bytes(text.encode())
        self("add", "--all")
        self("commit", "--quiet", "--message", "a change")
        return self("rev-parse", "HEAD")


@pytest.fixture
def git(tmp_path):
    return Git(tmp_path)


@pytest.fixture(autouse=True)
def _own_git_alone(monkeypatch):
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", os.devnull)
    for name in ("GIT_DIR", "GIT_INDEX_FILE", "GIT_WORK_TREE", "GIT_OBJECT_DIRECTORY"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def yard(tmp_path):
    """A repository beside which others can be made."""
    (tmp_path / "yard").mkdir()
    return Git(tmp_path / "yard")


def run(where, *words: str) -> None:
    subprocess.run(["git", *words], cwd=where, env=ENVIRONMENT, check=True, capture_output=True)


def test_a_revision_is_read_without_a_checkout(git):
    first = git.commit(**{"prompts/a.md": "one", "b.md": "b"})
    git.commit(**{"prompts/a.md": "two"})
    (git.root / "prompts/a.md").write_text("three, not committed")
    (git.root / "b.md").unlink()
    before = git("status", "--porcelain")
    tree: Tree = Repository(git.root).tree(first)
    assert tree.read("prompts/a.md") == b"one"
    assert Repository(git.root).tree().read("prompts/a.md") == b"two"
    assert tree.paths() == ("b.md", "prompts/a.md")
    assert tree.paths("prompts") == tree.paths("prompts/") == ("prompts/a.md",)
    assert git("status", "--porcelain") == before


def test_a_tree_knows_its_commit_and_its_time_in_utc(git):
    commit = git.commit(**{"a.md": "one"})
    tree = Repository(git.root).tree("main")
    assert tree.commit == commit
    assert tree.committed_at == "2026-11-01T08:00:00Z"


def test_a_registry_in_a_subfolder_sees_itself_as_the_root(git):
    git.commit(**{"registry/prompts/a.md": "one", "registry-old/b.md": "b", "c.md": "c"})
    tree = Repository(git.root / "registry").tree()
    assert tree.paths() == ("prompts/a.md",)
    assert tree.read("prompts/a.md") == b"one"
    with pytest.raises(FileNotFoundError):
        tree.read("c.md")


def test_names_and_contents_of_any_bytes_survive(git):
    git.commit(**{"prompts/ä b.md": "é\r\n"})
    tree = Repository(git.root).tree()
    assert tree.paths() == ("prompts/ä b.md",)
    assert tree.read("prompts/ä b.md") == (git.root / "prompts/ä b.md").read_bytes()


def test_a_link_and_a_missing_file_are_not_found(git):
    (git.root / "link.md").symlink_to("a.md")
    git.commit(**{"a.md": "one"})
    tree = Repository(git.root).tree()
    assert tree.paths() == ("a.md",)
    for path in ("link.md", "nothing.md"):
        with pytest.raises(FileNotFoundError):
            tree.read(path)


def test_outside_a_repository_says_what_to_do(tmp_path):
    with pytest.raises(Usage, match="GIT001") as told:
        Repository(tmp_path)
    assert "git init" in told.value.next_step


@pytest.mark.parametrize("revision", ["nothing", "0" * 40, "HEAD~9", "", "a b", "--help", "main:", "@{u}"])
def test_a_revision_that_git_does_not_know_is_refused(git, revision):
    git.commit(**{"a.md": "one"})
    with pytest.raises(Usage, match="GIT002"):
        Repository(git.root).tree(revision)


def test_a_repository_without_a_commit_is_refused(git):
    with pytest.raises(Usage, match="GIT002 this repository has no commit yet"):
        Repository(git.root).tree()


def test_the_merge_base_is_where_two_branches_parted(git):
    base = git.commit(**{"a.md": "one"})
    git("checkout", "--quiet", "-b", "topic")
    git.commit(**{"b.md": "b"})
    git("checkout", "--quiet", "main")
    git.commit(**{"c.md": "c"})
    assert Repository(git.root).merge_base("topic", "main") == base


def test_histories_that_share_nothing_have_no_merge_base(git):
    git.commit(**{"a.md": "one"})
    git("checkout", "--quiet", "--orphan", "other")
    git.commit(**{"b.md": "b"})
    with pytest.raises(Usage, match="share no history"):
        Repository(git.root).merge_base("main", "other")


def test_descent_is_told_and_an_unknown_commit_is_no_ancestor(git):
    older = git.commit(**{"a.md": "one"})
    newer = git.commit(**{"a.md": "two"})
    repository = Repository(git.root)
    assert repository.descends(older, newer)
    assert repository.descends(newer, newer)
    assert not repository.descends(newer, older)
    assert not repository.descends("f" * 40, newer)


def test_changed_paths_name_every_file_that_is_not_committed(git):
    git.commit(**{"a.md": "one", "b.md": "b"})
    (git.root / "a.md").write_text("two")
    (git.root / "new").mkdir()
    (git.root / "new/c d.md").write_text("c")
    assert set(Repository(git.root).changed_paths()) == {"a.md", "new/c d.md"}


def test_the_author_is_whom_git_knows(git):
    git.commit(**{"a.md": "one"})
    assert Repository(git.root).author == "Ada <ada@bank.test>"


# What else a repository can be.


def test_a_linked_working_copy_is_one_of_its_own(yard, tmp_path):
    yard.commit(**{"prompts/a.md": "one"})
    yard("worktree", "add", "--quiet", "-b", "topic", str(tmp_path / "linked"))
    (tmp_path / "linked/prompts/a.md").write_text("two")
    repository = Repository(tmp_path / "linked/prompts")
    assert repository.top == tmp_path / "linked"
    assert repository.changed_paths() == ("prompts/a.md",)
    assert Repository(yard.root).changed_paths() == ()
    assert repository.tree("topic").commit == Repository(yard.root).tree("main").commit


def test_a_bare_repository_gives_its_revisions_and_has_no_working_copy(yard, tmp_path):
    yard.commit(**{"promptyard.yaml": "promptyard: 1", "prompts/a.md": "one"})
    run(tmp_path, "clone", "--quiet", "--bare", "yard", "yard.git")
    repository = Repository(tmp_path / "yard.git")
    assert repository.bare
    assert repository.tree("main").paths("prompts") == ("prompts/a.md",)
    assert repository.naming(repository.tree(), ["one"], "prompts") == {"prompts/a.md"}
    with pytest.raises(Usage, match="GIT005"):
        repository.changed_paths()


def test_in_a_bare_repository_the_one_registry_of_the_tree_is_the_root(yard, tmp_path):
    yard.commit(**{"deep/registry/promptyard.yaml": "promptyard: 1", "deep/registry/prompts/a.md": "one"})
    run(tmp_path, "clone", "--quiet", "--bare", "yard", "yard.git")
    repository = Repository(tmp_path / "yard.git")
    assert repository.tree().paths("prompts") == ("prompts/a.md",)
    assert [line.number for line in repository.blame("main", "prompts/a.md")] == [1]
    yard.commit(**{"other/promptyard.yaml": "promptyard: 1"})
    run(tmp_path / "yard.git", "fetch", "--quiet", "origin", "main:main")
    with pytest.raises(Usage, match="GIT006"):
        repository.tree()


def test_a_shallow_clone_says_that_it_is_one(yard, tmp_path):
    yard.commit(**{"a.md": "one"})
    yard.commit(**{"a.md": "two"})
    run(tmp_path, "clone", "--quiet", "--depth=1", f"file://{yard.root}", "shallow")
    repository = Repository(tmp_path / "shallow")
    assert repository.shallow
    assert repository.tree().read("a.md") == b"two"
    with pytest.raises(Usage, match="GIT002") as told:
        repository.tree("HEAD~1")
    assert "git fetch --unshallow" in told.value.next_step


def test_what_a_shallow_clone_cannot_know_of_descent_is_not_denied(yard, tmp_path):
    yard.commit(**{"a.md": "one"})
    older = Repository(yard.root).commit_id("HEAD")
    yard.commit(**{"a.md": "two"})
    newer = Repository(yard.root).commit_id("HEAD")
    run(tmp_path, "clone", "--quiet", "--depth=1", f"file://{yard.root}", "shallow")
    repository = Repository(tmp_path / "shallow")
    assert repository.descends(newer, newer)
    with pytest.raises(Usage, match="GIT002") as told:
        repository.descends(older, newer)
    assert "git fetch --unshallow" in told.value.next_step


def test_where_a_branch_left_main_is_not_guessed_in_a_shallow_clone(yard, tmp_path):
    yard.commit(**{"a.md": "one"})
    run(tmp_path, "clone", "--quiet", "--depth=1", f"file://{yard.root}", "shallow")
    run(tmp_path / "shallow", "checkout", "--quiet", "--orphan", "topic")
    run(tmp_path / "shallow", "-c", "user.name=A", "-c", "user.email=a@b", "commit", "--quiet", "-m", "x")
    with pytest.raises(Usage, match="main and HEAD share no history") as told:
        Repository(tmp_path / "shallow").default_base()
    assert "--unshallow" in told.value.next_step


def test_a_detached_head_is_compared_with_where_it_left_main(git):
    base = git.commit(**{"a.md": "one"})
    git("checkout", "--quiet", "--detach")
    git.commit(**{"a.md": "two"})
    assert Repository(git.root).default_base() == base


def test_without_a_main_branch_work_is_compared_with_the_last_commit(git):
    git("checkout", "--quiet", "-b", "trunk")
    git.commit(**{"a.md": "one"})
    assert Repository(git.root).default_base() == "HEAD"


def test_the_remote_knows_how_its_main_branch_is_called(yard, tmp_path):
    yard("checkout", "--quiet", "-b", "trunk")
    base = yard.commit(**{"a.md": "one"})
    run(tmp_path, "clone", "--quiet", "yard", "clone")
    run(tmp_path / "clone", "checkout", "--quiet", "-b", "topic")
    run(
        tmp_path / "clone", "-c", "user.name=A", "-c", "user.email=a@b", "commit", "-qm", "x", "--allow-empty"
    )
    assert Repository(tmp_path / "clone").default_base() == base


def test_a_submodule_is_passed_over_on_both_sides(yard, tmp_path):
    (tmp_path / "other").mkdir()
    Git(tmp_path / "other").commit(**{"b.md": "b"})
    yard(
        "-c",
        "protocol.file.allow=always",
        "submodule",
        "add",
        "--quiet",
        str(tmp_path / "other"),
        "prompts/other",
    )
    yard.commit(**{"prompts/a.md": "one"})
    committed, folder = Repository(yard.root).tree(), FolderTree(yard.root)
    assert committed.paths("prompts") == folder.paths("prompts") == ("prompts/a.md",)
    assert committed.passed_over("prompts") == (PassedOver("prompts/other", "repository"),)
    (yard.root / "prompts/other/b.md").write_text("changed inside")
    assert Repository(yard.root).changed_below("prompts") == ()


def test_a_registry_inside_a_submodule_has_the_submodule_for_its_repository(yard, tmp_path):
    (tmp_path / "other").mkdir()
    Git(tmp_path / "other").commit(**{"registry/b.md": "b"})
    yard("-c", "protocol.file.allow=always", "submodule", "add", "--quiet", str(tmp_path / "other"), "sub")
    tree = Repository(yard.root / "sub/registry").tree()
    assert tree.paths() == ("b.md",)


def test_links_are_passed_over_and_told(git):
    (git.root / "prompts").mkdir()
    (git.root / "prompts/link.md").symlink_to("a.md")
    git.commit(**{"prompts/a.md": "one"})
    tree = Repository(git.root).tree()
    assert tree.passed_over("prompts") == (PassedOver("prompts/link.md", "link"),)
    assert tree.passed_over("nowhere") == ()


def test_a_commit_means_what_its_id_says_whatever_was_put_in_its_place(git):
    one = git.commit(**{"a.md": "one"})
    two = git.commit(**{"a.md": "two"})
    git("replace", one, two)
    assert Repository(git.root).tree(one).read("a.md") == b"one"


def test_a_name_of_two_things_is_refused(git):
    git.commit(**{"a.md": "one"})
    git("tag", "main")
    git.commit(**{"a.md": "two"})
    with pytest.raises(Usage, match="GIT007") as told:
        Repository(git.root).tree("main")
    assert "refs/heads/main" in told.value.next_step
    assert Repository(git.root).tree("refs/heads/main").read("a.md") == b"two"


def test_an_annotated_tag_and_a_packed_ref_name_their_commit(git):
    commit = git.commit(**{"a.md": "one"})
    git("tag", "-a", "v1", "-m", "first")
    git("pack-refs", "--all")
    git("gc", "--quiet")
    assert Repository(git.root).tree("v1").commit == commit
    assert Repository(git.root).tree(commit[:7]).commit == commit


def test_the_environment_of_a_hook_in_another_repository_is_not_ours(yard, tmp_path, monkeypatch):
    mine = yard.commit(**{"a.md": "mine"})
    (tmp_path / "other").mkdir()
    other = Git(tmp_path / "other")
    other.commit(**{"a.md": "theirs"})
    for name, value in (("GIT_DIR", ".git"), ("GIT_INDEX_FILE", ".git/index"), ("GIT_WORK_TREE", ".")):
        monkeypatch.setenv(name, str((other.root / value).resolve()))
    repository = Repository(yard.root)
    assert repository.tree().commit == mine
    assert repository.changed_paths() == ()
    assert os.environ["GIT_DIR"] == str(other.root / ".git")


def test_in_its_own_hook_a_repository_sees_what_is_about_to_be_committed(git, monkeypatch):
    commit = git.commit(**{"a.md": "one"})
    monkeypatch.chdir(git.root)
    monkeypatch.setenv("GIT_DIR", ".git")
    monkeypatch.setenv("GIT_INDEX_FILE", ".git/index")
    assert Repository(git.root).tree().commit == commit


def test_a_push_is_looked_at_before_it_is_let_in(yard, tmp_path):
    """In a hook that runs before a push is taken, the new objects lie apart and only the environment says where."""
    yard.commit(**{"prompts/a.md": "one"})
    run(tmp_path, "init", "--quiet", "--bare", "shared.git")
    hook = tmp_path / "shared.git/hooks/pre-receive"
    looks = "from registry.authoring.git_tree import Repository as R; from pathlib import Path; import sys"
    reads = "print(R(Path('.')).tree(sys.stdin.read().split()[1]).read('prompts/a.md').decode(), file=open('seen', 'w'))"
    hook.write_text(f'#!/bin/sh\nexec {sys.executable} -c "{looks}; {reads}"\n')
    hook.chmod(0o755)
    run(yard.root, "push", "--quiet", str(tmp_path / "shared.git"), "main")
    assert (tmp_path / "shared.git/seen").read_text() == "one\n"


def test_a_repository_of_another_user_is_refused_with_the_cure(git, monkeypatch):
    git.commit(**{"a.md": "one"})
    monkeypatch.setenv("GIT_TEST_ASSUME_DIFFERENT_OWNER", "1")
    with pytest.raises(Usage, match="GIT003") as told:
        Repository(git.root).tree()
    assert f"safe.directory {git.root}" in told.value.next_step


def test_a_partial_clone_that_cannot_fetch_says_so(yard, tmp_path):
    yard.commit(**{"a.md": "one"})
    yard("config", "uploadpack.allowFilter", "true")
    run(tmp_path, "clone", "-q", "--filter=blob:none", "--no-checkout", f"file://{yard.root}", "part")
    run(tmp_path / "part", "remote", "set-url", "origin", f"file://{tmp_path}/nowhere")
    tree = Repository(tmp_path / "part").tree()
    assert tree.paths() == ("a.md",)
    with pytest.raises(Unavailable, match="GIT004"):
        tree.read("a.md")


def test_a_damaged_object_is_told_and_not_taken_for_a_missing_file(git):
    git.commit(**{"a.md": "one"})
    name = git("rev-parse", "HEAD:a.md")
    place = git.root / ".git/objects" / name[:2] / name[2:]
    place.chmod(0o644)
    place.write_bytes(b"damaged")
    with pytest.raises(Unavailable, match="GIT009"):
        Repository(git.root).tree().read("a.md")


def test_changed_paths_survive_a_rename_that_is_staged(git):
    git.commit(**{"old name.md": "one\n" * 9})
    git("mv", "old name.md", "new.md")
    assert set(Repository(git.root).changed_paths()) == {"old name.md", "new.md"}


def test_what_differs_below_a_folder_is_told_from_the_registrys_root(git):
    git.commit(**{"reg/prompts/a.md": "a", "reg/other/b.md": "b", ".gitignore": "*.tmp\nhidden/\n"})
    for name in ("reg/prompts/a.md", "reg/other/b.md", "reg/prompts/x.tmp"):
        (git.root / name).write_text("changed")
    (git.root / "reg/prompts/hidden").mkdir()
    (git.root / "reg/prompts/hidden/c.md").write_text("c")
    found = Repository(git.root / "reg").changed_below("prompts", "promptyard.yaml")
    assert set(found) == {"prompts/a.md", "prompts/x.tmp", "prompts/hidden/c.md"}


def test_line_ends_that_git_converts_are_no_change(git):
    git("config", "core.autocrlf", "true")
    git.commit(**{"prompts/a.md": "one\r\ntwo\r\n"})
    assert Repository(git.root).changed_below("prompts") == ()
    assert Repository(git.root).tree().read("prompts/a.md") == b"one\ntwo\n"


def test_two_trees_differ_in_just_these_files(git):
    one = git.commit(**{"a.md": "a", "deep/x/b.md": "b", "deep/c.md": "c", "turns": "file"})
    (git.root / "turns").unlink()
    two = git.commit(
        **{"a.md": "A", "deep/x/b.md": "b", "deep/c.md": "c", "turns/into.md": "folder", "é ü.md": "n"}
    )
    repository = Repository(git.root)
    assert repository.tree(one).changed(repository.tree(two)) == {"a.md", "turns", "turns/into.md", "é ü.md"}
    assert repository.tree(two).changed(repository.tree(two)) == frozenset()


def test_a_search_is_for_bytes_and_stays_in_its_folder(git):
    git("config", "grep.patternType", "extended")
    git.commit(**{"p[1]/a.md": "say a.b", "p[1]/x/ä.md": "a.b\0", "p[1]/c.md": "axb", "p1/d.md": "a.b"})
    repository = Repository(git.root)
    tree = repository.tree()
    assert repository.naming(tree, ["a.b"], "p[1]") == {"p[1]/a.md", "p[1]/x/ä.md"}
    assert repository.naming(tree, ["a.b", "axb"], "p[1]", "*.md") == {"p[1]/a.md", "p[1]/c.md"}
    assert repository.naming(tree, [], "p[1]") == repository.naming(tree, ["nowhere"], "p1") == frozenset()


def test_commits_carry_their_author_as_the_mailmap_has_it(git):
    first = git.commit(**{"a.md": "one", ".mailmap": "Ada Lovelace <ada@bank.test>\n"})
    told = Repository(git.root).commits([first])[first]
    assert (told.author, told.mail, told.subject) == ("Ada Lovelace", "ada@bank.test", "a change")
    assert told.at == "2026-11-01T10:00:00+02:00"
    assert Repository(git.root).commits([]) == {}


def test_of_commits_in_one_second_the_last_is_told_by_history(git):
    ids = [git.commit(**{"a.md": text}) for text in ("one", "two", "three")]
    repository = Repository(git.root)
    known = repository.commits(ids)
    assert repository.newest([known[ids[0]], known[ids[2]], known[ids[1]]]).id == ids[2]
    assert repository.newest([known[ids[1]]]).id == ids[1]


def test_the_first_tip_that_holds_a_commit_carried_it(git):
    commits = [git.commit(**{"a.md": text}) for text in ("one", "two", "three", "four")]
    carried = Repository(git.root).first_carriers([commits[1], "f" * 40, commits[2], commits[0]])
    assert carried == {commits[0]: 0, commits[1]: 0, commits[2]: 2}
    assert Repository(git.root).first_carriers(["f" * 40, ""]) == {}


def test_blame_names_the_commit_of_each_line_and_follows_a_rename(git):
    one = git.commit(**{"old.md": "one\ntwo\nthree\n"})
    git("mv", "old.md", "new.md")
    two = git.commit(**{"new.md": "one\nTWO\nthree\n"})
    (git.root / "new.md").write_text("one\nTWO\nTHREE\n")
    repository = Repository(git.root)
    assert [line.commit and line.commit.id for line in repository.blame(None, "new.md")] == [one, two, None]
    assert [line.commit.id for line in repository.blame("HEAD", "new.md")] == [one, two, one]
    with pytest.raises(FileNotFoundError):
        repository.blame(None, "nowhere.md")


def test_the_graph_leaves_out_the_side_of_a_merge_that_changed_nothing(git):
    one = git.commit(**{"a.md": "one"})
    git("checkout", "--quiet", "-b", "side")
    git.commit(**{"b.md": "b"})
    git("checkout", "--quiet", "main")
    two = git.commit(**{"a.md": "two"})
    git("merge", "--quiet", "--no-edit", "side")
    assert Repository(git.root).graph("HEAD", ["a.md"]) == ((two, (one,)), (one, ()))


def test_a_list_of_commits_to_pass_over_that_is_missing_is_told(git):
    git.commit(**{"a.md": "one"})
    git("config", "blame.ignoreRevsFile", ".git-blame-ignore-revs")
    with pytest.raises(Usage, match=r"GIT010 .*ignoreRevsFile names .* \(\.git-blame-ignore-revs\)"):
        Repository(git.root).blame("HEAD", "a.md")
    (git.root / ".git-blame-ignore-revs").write_text("")
    assert [line.number for line in Repository(git.root).blame("HEAD", "a.md")] == [1]


@pytest.mark.parametrize(
    "setting", ["color.ui", "color.grep", "color.status", "grep.lineNumber", "grep.column"]
)
def test_a_search_and_a_look_at_changes_are_the_same_however_git_is_set(git, setting):
    git.commit(**{"p/a.md": "one"})
    (git.root / "p/b.md").write_text("two")
    git("config", setting, "always" if "color" in setting else "true")
    repository = Repository(git.root)
    assert repository.naming(repository.tree(), ["one"], "p") == {"p/a.md"}
    assert repository.changed_below("p") == ("p/b.md",)


@pytest.mark.parametrize("kind", ["LITERAL", "GLOB", "NOGLOB", "ICASE"])
def test_what_the_environment_says_of_patterns_changes_nothing(git, monkeypatch, kind):
    commit = git.commit(**{"p/a.md": "one", "P2/a.md": "one"})
    monkeypatch.setenv(f"GIT_{kind}_PATHSPECS", "1")
    repository = Repository(git.root)
    assert repository.graph("HEAD", ["p/a.md"]) == ((commit, ()),)
    assert repository.naming(repository.tree(), ["one"], "p", "**/*.md") == {"p/a.md"}
    (git.root / "p/b.md").write_text("two")
    assert repository.changed_below("p") == ("p/b.md",)
