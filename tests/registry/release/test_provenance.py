from __future__ import annotations

import itertools
import shutil
import subprocess
from pathlib import Path

import pytest

from registry.authoring.git_tree import Repository
from registry.errors import Refused, Usage
from registry.release.provenance import SIGNERS, Origin, require_origin
from registry.settings import PolicySettings

ON_MAIN = (PolicySettings(release_branch="main"),)
SIGNED = (PolicySettings(require_signed_commits=True),)
needs_ssh = pytest.mark.skipif(shutil.which("ssh-keygen") is None, reason="needs ssh-keygen to sign with")


class Clone:
    """A repository with who commits and, per person, an SSH key to sign with."""

    def __init__(self, root: Path) -> None:
        self.root, self.keys, self.count = root, root.parent / "keys", itertools.count()
        root.mkdir()
        self.keys.mkdir()
        self.git("init", "-q", "-b", "main")

    def git(self, *words: str) -> str:
        who = ("-c", "user.name=Ada", "-c", "user.email=ada@example.invalid")
        done = subprocess.run(
            ["git", *who, *words], cwd=self.root, check=True, capture_output=True, text=True
        )
        return done.stdout.strip()

    def commit(self, *options: str, by: str | None = None) -> str:
        signing = ("-c", "gpg.format=ssh", "-c", f"user.signingkey={self.key(by)}") if by else ()
        self.git("add", "-A")
        self.git(
            *signing,
            "commit",
            "-q",
            "--allow-empty",
            "-m",
            f"change {next(self.count)}",
            *(["-S"] if by else []),
            *options,
        )
        return self.git("rev-parse", "HEAD")

    def key(self, name: str) -> Path:
        path = self.keys / name
        if not path.exists():
            words = ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", name, "-f", str(path)]
            subprocess.run(words, check=True, capture_output=True)
        return path

    def allow(self, *names: str) -> None:
        lines = [f"{name}@example.invalid {self.key(name).with_suffix('.pub').read_text()}" for name in names]
        (self.root / SIGNERS).parent.mkdir(exist_ok=True)
        (self.root / SIGNERS).write_text("".join(lines))

    def asked(self, commit: str, policies: tuple[PolicySettings, ...], live: str | None = None) -> Origin:
        return require_origin(Repository(self.root), commit, policies, live)


@pytest.fixture
def clone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Clone:
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", "/dev/null")
    monkeypatch.setenv("GNUPGHOME", str(tmp_path / "none"))
    return Clone(tmp_path / "yard")


def test_without_a_policy_any_commit_passes_and_nothing_is_claimed(clone: Clone) -> None:
    assert clone.asked(clone.commit(), (PolicySettings(),)) == Origin()


def test_every_commit_of_the_branch_passes_and_one_beside_it_does_not(clone: Clone) -> None:
    first = clone.commit()
    clone.git("switch", "-q", "-c", "beside")
    beside = clone.commit()
    clone.git("switch", "-q", "main")
    second = clone.commit()
    assert clone.asked(first, ON_MAIN).branch == "main"
    assert clone.asked(second, ON_MAIN).branch == "main"
    with pytest.raises(Refused, match=r"PRV001 .* is not on main"):
        clone.asked(beside, ON_MAIN)


def test_where_there_is_a_remote_its_branch_counts_and_not_what_was_only_committed_here(clone: Clone) -> None:
    pushed = clone.commit()
    clone.git("update-ref", "refs/remotes/origin/main", pushed)
    own = clone.commit()
    assert clone.asked(pushed, ON_MAIN).branch == "main"
    with pytest.raises(Refused, match=r"PRV001 .* is not on origin/main"):
        clone.asked(own, ON_MAIN)


def test_a_tag_or_a_folder_of_the_branchs_name_is_no_branch(clone: Clone) -> None:
    clone.git("tag", "release", clone.commit())
    with pytest.raises(Usage, match=r"PRV003"):
        clone.asked("HEAD", (PolicySettings(release_branch="release"),))


def test_what_the_clone_asks_for_is_asked_for_though_the_commit_does_not(clone: Clone) -> None:
    clone.commit()
    clone.git("switch", "-q", "-c", "beside")
    with pytest.raises(Refused, match=r"PRV001"):
        clone.asked(clone.commit(), (*ON_MAIN, PolicySettings()))


def test_an_unsigned_commit_is_refused_where_signatures_are_asked_for(clone: Clone) -> None:
    with pytest.raises(Refused, match=r"PRV002"):
        clone.asked(clone.commit(), SIGNED)


@needs_ssh
def test_a_signature_by_a_key_on_the_list_passes_and_names_who(clone: Clone) -> None:
    clone.allow("ada")
    live = clone.commit()
    assert clone.asked(clone.commit(by="ada"), SIGNED, live).signed_by == "ada@example.invalid"


@needs_ssh
def test_a_commit_cannot_put_its_own_signer_on_the_list(clone: Clone) -> None:
    clone.allow("ada")
    live = clone.commit(by="ada")
    clone.allow("ada", "eve")
    welcomed = clone.commit(by="eve")
    with pytest.raises(Refused, match=r"PRV002 .* trust/allowed_signers of commit"):
        clone.asked(welcomed, SIGNED, live)
    by_ada = clone.commit(by="ada")
    assert clone.asked(by_ada, SIGNED, live).signed_by == "ada@example.invalid"
    assert clone.asked(clone.commit(by="eve"), SIGNED, by_ada).signed_by == "eve@example.invalid"


@needs_ssh
def test_a_key_of_the_clones_own_settings_does_not_count_beside_the_list(clone: Clone) -> None:
    clone.allow("ada")
    live = clone.commit()
    own = clone.keys / "mine"
    own.write_text(f"eve@example.invalid {clone.key('eve').with_suffix('.pub').read_text()}")
    clone.git("config", "gpg.ssh.allowedSignersFile", str(own))
    with pytest.raises(Refused, match=r"PRV002"):
        clone.asked(clone.commit(by="eve"), SIGNED, live)
