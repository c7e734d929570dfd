"""The client as a black box against hostile repositories: ``promptyard verify URL --cache`` and a web server.

The cases are those of the TUF community's conformance suite (which no package registry carries), rebuilt for
our layout, and more. Each call begins from the disk alone, as a new process would. After a refusal what was
served before must still be what a service starts with.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from click.testing import CliRunner
from securesystemslib.signer import CryptoSigner
from support.hostile import BASE, CHANNEL, ROLES, Repository, Server, days, packed, serving, signed
from tuf.api.metadata import MetaFile

from registry.cli.main import main
from serve.store import Store

OK, REFUSED, AWAY = 0, 3, 4


@dataclass
class Service:
    """The client under test: a command line and a cache folder."""

    server: Server
    folder: Path
    repository: Repository
    out: str = ""

    def __post_init__(self) -> None:
        self.trust(self.repository.trusted)

    def trust(self, root: bytes) -> None:
        """Ship another root with the service."""
        (self.folder / "root.json").write_bytes(root)

    @property
    def words(self) -> list[str]:
        files = ["--trust", str(self.folder / "root.json"), "--cache", str(self.folder / "cache")]
        return ["verify", self.server.url, "--channel", CHANNEL, *files, "--json"]

    def refresh(self) -> int:
        """The exit code of a call; what it asked for is in the repository's list."""
        self.repository.asked.clear()
        result = CliRunner().invoke(main, self.words)
        self.out = result.output
        assert result.exit_code in (OK, 2, REFUSED, AWAY), result.output
        return result.exit_code

    def refused(self, code: str) -> None:
        """A call that must fail with this code and leave what is served as it was."""
        before = self.served
        assert self.refresh() == (AWAY if code in ("SIG007", "SRC001") else REFUSED), self.out
        assert code in self.out
        assert self.served == before

    @property
    def served(self) -> tuple[int, dict[str, int]] | None:
        """What the next process starts with, without a network: the release, and the versions behind it."""
        kept = Store(self.folder / "cache" / CHANNEL).load()
        if kept is None:
            return None
        versions = {role: json.loads(getattr(kept, role))["signed"]["version"] for role in ROLES}
        return kept.release, versions

    def version(self, role: str) -> int:
        assert self.served is not None
        return self.served[1][role]


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with serving() as running:
        yield running


@pytest.fixture
def repo(server: Server) -> Repository:
    server.repository = Repository()
    return server.repository


@pytest.fixture
def service(server: Server, repo: Repository, tmp_path: Path) -> Service:
    return Service(server, tmp_path, repo)


@pytest.fixture
def running(service: Service) -> Service:
    """A service that has seen release 1."""
    assert service.refresh() == OK
    return service


# What a good repository is to see.


def test_a_fresh_service_asks_for_each_thing_once_and_in_order(service, repo):
    assert service.refresh() == OK
    assert repo.asked == ["timestamp.json", "2.root.json", "1.snapshot.json", "1.targets.json", repo.object]
    assert service.served == (1, dict.fromkeys(ROLES, 1))


def test_a_service_with_a_cache_asks_for_nothing_that_it_holds(running, repo):
    assert running.refresh() == OK
    assert repo.asked == ["timestamp.json", "2.root.json"]


def test_a_new_release_takes_what_is_new(running, repo):
    repo.release(2)
    assert running.refresh() == OK
    assert repo.asked[:4] == ["timestamp.json", "2.root.json", "2.snapshot.json", "2.targets.json"]
    assert running.served == (2, dict.fromkeys(ROLES, 2))


def test_versions_may_skip(running, repo):
    repo.point(7)
    repo.documents["targets"].version = 5
    repo.documents["snapshot"].version = 9
    repo.documents["timestamp"].version = 12
    repo.put()
    assert running.refresh() == OK
    assert running.served == (7, {"targets": 5, "snapshot": 9, "timestamp": 12})


def test_a_timestamp_signed_again_changes_nothing_else(running, repo):
    repo.bump("timestamp")
    repo.put("timestamp")
    assert running.refresh() == OK
    assert repo.asked == ["timestamp.json", "2.root.json"]
    assert running.version("timestamp") == 2


def test_documents_that_pin_versions_alone_will_do(service, repo):
    repo.hashes = False
    repo.release(2)
    assert service.refresh() == OK
    assert service.served == (2, dict.fromkeys(ROLES, 2))


def test_unknown_fields_are_part_of_what_is_signed(running, repo):
    repo.root.unrecognized_fields["x-more"] = "value"
    repo.root.roles["root"].unrecognized_fields["x-more"] = [1]
    repo.root.keys[repo.root.roles["root"].keyids[0]].unrecognized_fields["x-more"] = {"a": 1}
    repo.next_root()
    repo.timestamp.unrecognized_fields["x-more"] = {"b": None}
    repo.release(2)
    assert running.refresh() == OK
    assert running.served == (2, dict.fromkeys(ROLES, 2))


@pytest.mark.parametrize(
    "make", [CryptoSigner.generate_ecdsa, CryptoSigner.generate_rsa], ids=["ecdsa", "rsa"]
)
def test_keys_of_other_kinds_are_understood(running, repo, make):
    signer = make()
    repo.entrust("timestamp", [signer])
    repo.signers["timestamp"] = [signer]
    repo.next_root()
    repo.release(2)
    assert running.refresh() == OK
    assert running.served == (2, dict.fromkeys(ROLES, 2))


def test_the_same_in_a_process_of_its_own(running, repo):
    repo.release(2)
    script = "from registry.cli.main import run; run()"
    done = subprocess.run(
        [sys.executable, "-c", script, *running.words],
        capture_output=True,
        text=True,
        env={**os.environ},
        check=False,
    )
    assert done.returncode == OK, done.stderr
    assert json.loads(done.stdout)["release"] == 2
    repo.documents["timestamp"].version = 1
    repo.put("timestamp")
    running.refused("SIG002")


# The root that a service ships.


@pytest.mark.parametrize(
    "damage", [b"", b"{}", b"no json", b'{"signed": {"_type": "root"}, "signatures": []}']
)
def test_a_shipped_root_that_is_none_stops_before_the_first_request(service, repo, damage):
    service.trust(damage)
    assert service.refresh() == 2
    assert "TRU001" in service.out
    assert repo.asked == []


def test_a_shipped_root_whose_signature_is_another_stops_before_the_first_request(service, repo):
    service.trust(signed(repo.root, [CryptoSigner.generate_ed25519()]))
    assert service.refresh() == 2
    assert repo.asked == []


def test_a_shipped_root_that_was_changed_after_signing_is_none(service, repo):
    document = json.loads(repo.trusted)
    document["signed"]["roles"]["targets"]["threshold"] = 2
    service.trust(json.dumps(document).encode())
    assert service.refresh() == 2


# Rollback.


def test_a_lower_timestamp_is_refused(running, repo):
    old = repo.copy()
    repo.release(2)
    assert running.refresh() == OK
    repo.files = old
    running.refused("SIG002")
    assert repo.asked == ["timestamp.json", "2.root.json"]


@pytest.mark.parametrize("hashes", [True, False])
def test_a_lower_snapshot_under_a_higher_timestamp_is_refused(running, repo, hashes):
    repo.hashes = hashes
    repo.release(2)
    assert running.refresh() == OK
    repo.snapshot.version = 1
    repo.bump("timestamp")
    repo.put("snapshot", "timestamp")
    running.refused("SIG002")


@pytest.mark.parametrize("hashes", [True, False])
def test_lower_targets_under_a_higher_snapshot_are_refused(running, repo, hashes):
    repo.hashes = hashes
    repo.release(2)
    repo.release(3)
    assert running.refresh() == OK
    repo.targets.version = 1
    repo.bump("snapshot", "timestamp")
    repo.put()
    running.refused("SIG002")


def test_a_snapshot_that_drops_the_targets_is_refused(running, repo):
    repo.bump("snapshot", "timestamp")
    repo.snapshot.meta = {"other.json": MetaFile(1)}
    repo.serve("snapshot", repo.sign("snapshot"))
    repo.timestamp.snapshot_meta = MetaFile(2)
    repo.serve("timestamp", repo.sign("timestamp"))
    running.refused("SIG005")


def test_other_content_under_the_same_timestamp_version_is_not_taken(running, repo):
    repo.point(2)
    repo.bump("snapshot", "targets")
    repo.put()
    running.refresh()
    assert running.served == (1, dict.fromkeys(ROLES, 1))


@pytest.mark.parametrize("version", [1, 3])
def test_a_root_whose_version_is_not_the_next_is_refused(running, repo, version):
    repo.root.version = version
    repo.put_root(at=2)
    running.refused("SIG002")


def test_a_timestamp_that_was_seen_counts_though_it_was_not_used(running, repo):
    repo.release(2)
    between = repo.copy()
    repo.release(3)
    del repo.files[repo.path("snapshot")]
    running.refused("SIG007")
    repo.files = between
    running.refused("SIG002")


# Mix and match.


@pytest.mark.parametrize("role", ["snapshot", "targets"])
def test_a_document_of_another_version_than_pinned_is_refused(running, repo, role):
    repo.release(2)
    repo.documents[role].version = 3
    repo.files[f"{BASE}2.{role}.json"] = repo.sign(role)
    running.refused("SIG004")


@pytest.mark.parametrize("role", ["snapshot", "targets"])
def test_the_same_where_versions_alone_are_pinned(running, repo, role):
    repo.hashes = False
    repo.release(2)
    repo.documents[role].version = 3
    repo.files[f"{BASE}2.{role}.json"] = repo.sign(role)
    running.refused("SIG002")


@pytest.mark.parametrize("role", ["snapshot", "targets"])
def test_a_signed_document_that_is_not_the_one_pinned_is_refused(running, repo, role):
    repo.release(2)
    repo.documents[role].expires = days(3)
    repo.serve(role, repo.sign(role))
    running.refused("SIG004")


def test_an_older_release_in_the_place_of_a_newer_is_refused(running, repo):
    repo.release(2)
    repo.files[repo.object] = packed(1)
    running.refused("BND")


def test_a_bundle_that_says_another_number_is_refused(running, repo):
    repo.point(2)
    repo.targets.targets["stable"].unrecognized_fields["custom"] = {"release": 9, "action": "publish"}
    repo.bump(*ROLES)
    repo.put()
    running.refused("BND")


@pytest.mark.parametrize(
    "served", [b"", b"x", packed(2)[:-1], packed(2) + b"\0"], ids=["none", "one", "less", "more"]
)
def test_a_bundle_that_is_not_the_bytes_signed_for_is_refused(running, repo, served):
    repo.release(2)
    repo.files[repo.object] = served
    running.refresh()
    assert "release" not in running.out or running.served == (1, dict.fromkeys(ROLES, 1))
    assert running.served == (1, dict.fromkeys(ROLES, 1))


@pytest.mark.parametrize(
    ("path", "other"), [("timestamp", "snapshot"), ("snapshot", "targets"), ("targets", "timestamp")]
)
def test_one_role_in_the_place_of_another_is_refused(running, repo, path, other):
    repo.hashes = False
    repo.release(2)
    repo.files[repo.path(path)] = repo.sign(other)
    running.refused("SIG005")


# Endless data, and data that is none.


@pytest.mark.parametrize(
    "name", ["timestamp.json", "2.root.json", "2.snapshot.json", "2.targets.json", "object"]
)
def test_data_without_end_is_cut_off(running, repo, name):
    repo.release(2)
    repo.endless.add(repo.object if name == "object" else f"{BASE}{name}")
    before = running.served
    assert running.refresh() in (REFUSED, AWAY)
    assert running.served == before


@pytest.mark.parametrize(
    "data", [b"", b"[]", b"\xff\xfe", b"[" * 16_000, b'{"signed": 1, "signatures": 2}', b"9" * 5_000],
    ids=["empty", "list", "bytes", "deep", "shape", "number"],
)  # fmt: skip
@pytest.mark.parametrize("role", ROLES)
def test_a_document_that_is_none_is_refused(running, repo, role, data):
    repo.hashes = False
    repo.release(2)
    repo.files[repo.path(role)] = data
    running.refused("SIG005")


@pytest.mark.parametrize("role", ["snapshot", "targets"])
def test_a_document_that_is_missing_is_waited_for(running, repo, role):
    repo.release(2)
    kept = repo.files.pop(repo.path(role))
    running.refused("SIG007")
    repo.files[repo.path(role)] = kept
    assert running.refresh() == OK
    assert running.version(role) == 2


def test_a_redirect_is_not_followed(running, repo):
    repo.release(2)
    repo.redirects[f"{BASE}timestamp.json"] = f"{BASE}2.snapshot.json"
    before = running.served
    assert running.refresh() == AWAY
    assert repo.asked == ["timestamp.json"]
    assert running.served == before


@pytest.mark.parametrize("digest", ["../../../etc/passwd", "A" * 64, "", "0" * 63, "0" * 64 + "\n"])
def test_a_digest_that_is_a_path_is_none(running, repo, digest):
    repo.targets.targets["stable"].hashes = {"sha256": digest}
    repo.bump(*ROLES)
    repo.put()
    running.refused("SIG006")
    assert not any("etc" in path for path in repo.asked)


def test_targets_without_a_stable_release_are_refused(running, repo):
    repo.targets.targets["other"] = repo.targets.targets.pop("stable")
    repo.bump(*ROLES)
    repo.put()
    running.refused("SIG006")


# Freeze and expiry.


@pytest.mark.parametrize("role", ROLES)
def test_a_new_version_that_has_expired_is_not_taken(running, repo, role):
    repo.documents[role].expires = days(-1)
    repo.release(2)
    running.refused("SIG003")


def test_an_expired_root_stops_everything_and_still_counts(running, repo):
    before = repo.copy()
    old_timestamp_keys = repo.signers["timestamp"]
    repo.rotate("timestamp")
    repo.root.expires = days(-1)
    repo.next_root()
    repo.release(2)
    running.refused("SIG003")
    repo.files = before
    repo.signers["timestamp"] = old_timestamp_keys
    repo.release(3)
    running.refused("SIG003")


def test_a_root_that_has_expired_may_be_a_step_to_one_that_has_not(running, repo):
    repo.root.expires = days(-1)
    repo.next_root()
    repo.root.expires = days(365)
    repo.next_root()
    repo.release(2)
    assert running.refresh() == OK
    assert running.served == (2, dict.fromkeys(ROLES, 2))


def test_an_expired_shipped_root_is_enough_to_begin_with(service, repo):
    repo.root.expires = days(-1)
    repo.put_root()
    service.trust(repo.trusted)
    repo.root.expires = days(365)
    repo.next_root()
    assert service.refresh() == OK


def test_what_expired_here_is_brought_up_to_date(service, repo, monkeypatch):
    import tuf.ngclient._internal.trusted_metadata_set as set_of_trust

    class Calendar:
        """The day after tomorrow's yesterday."""

        datetime = type("Then", (), {"now": staticmethod(lambda _: days(18))})
        timezone = set_of_trust.datetime.timezone

    assert service.refresh() == OK  # its timestamp lasts for 7 days
    repo.timestamp.expires = days(21)
    repo.release(2)
    monkeypatch.setattr(set_of_trust, "datetime", Calendar)
    assert service.refresh() == OK
    assert service.served == (2, dict.fromkeys(ROLES, 2))


# Wrong keys.


@pytest.mark.parametrize("role", ROLES)
def test_a_key_that_nobody_entrusted_is_refused(running, repo, role):
    repo.signers[role] = [CryptoSigner.generate_ed25519()]
    repo.release(2)
    running.refused("SIG001")


@pytest.mark.parametrize("role", ROLES)
def test_a_key_of_another_role_is_refused(running, repo, role):
    repo.signers[role] = repo.signers["root"]
    repo.release(2)
    running.refused("SIG001")


@pytest.mark.parametrize("role", ROLES)
def test_a_document_without_signatures_is_refused(running, repo, role):
    repo.signers[role] = []
    repo.release(2)
    running.refused("SIG001")


@pytest.mark.parametrize("role", ROLES)
def test_a_signature_over_other_bytes_is_refused(running, repo, role):
    repo.hashes = False
    repo.release(2)
    document = json.loads(repo.files[repo.path(role)])
    document["signed"]["expires"] = "2099-01-01T00:00:00Z"
    repo.files[repo.path(role)] = json.dumps(document).encode()
    running.refused("SIG001")


@pytest.mark.parametrize("role", ROLES)
def test_one_key_under_many_names_counts_once_for_each_name_that_signed(running, repo, role):
    """Six of ten are asked for; one key was entered ten times and signs under its own name."""
    one = CryptoSigner.generate_ed25519()
    repo.entrust(role, [one])
    for number in range(9):
        twin = CryptoSigner(one._private_key)
        twin.public_key.keyid = f"{number}" * 64
        repo.root.add_key(twin.public_key, role)
    repo.root.roles[role].threshold = 6
    repo.signers[role] = [one]
    repo.next_root()
    repo.release(2)
    running.refused("SIG001")


KEYS = [CryptoSigner.generate_ed25519() for _ in range(10)]
# (keys, threshold, who signs) of each version of the root, and whether the last one is to be believed
ROOTS = {
    "one rotates": ([([1], 1, [1]), ([2], 1, [2, 1]), ([2], 1, [2])], True),
    "one rotates, strangers sign too": ([([1], 1, [3, 1, 4]), ([2], 1, [3, 2, 1, 4]), ([2], 1, [3, 2])], True),
    "three of five in any mix": (
        [([0, 1, 2, 3, 4], 3, [0, 2, 4]), ([0, 1, 2, 3, 4], 3, [0, 4, 1]), ([0, 1, 2, 3, 4], 3, [0, 1, 3])], True),
    "one of five rotates": ([([0, 1, 2, 3, 4], 3, [0, 2, 4]), ([0, 1, 3, 4, 5], 3, [0, 4, 1])], True),
    "all of five rotate": ([([0, 1, 2, 3, 4], 3, [0, 2, 4]), ([5, 6, 7, 8, 9], 3, [0, 2, 4, 5, 6, 7])], True),
    "threshold up": ([([1, 2, 3], 1, [1]), ([1, 2, 3], 2, [1, 2])], True),
    "threshold down": ([([1, 2, 3], 2, [1, 2]), ([1, 2, 3], 1, [1, 2]), ([1, 2, 3], 1, [1])], True),
    "a second key": ([([1], 1, [1]), ([1, 2], 2, [1, 2])], True),
    "without the old key": ([([1], 1, [1]), ([2], 1, [2, 3, 4])], False),
    "without the new key": ([([1], 1, [1]), ([2], 1, [1, 3, 4])], False),
    "too few of the new": ([([0, 1, 2, 3, 4], 3, [0, 2, 4]), ([0, 1, 3, 4, 5], 3, [0, 2, 4])], False),
    "too few of the old": ([([0, 1, 2, 3, 4], 3, [0, 2, 4]), ([0, 1, 3, 4, 5], 3, [0, 4, 5])], False),
    "the new threshold is not reached": ([([1, 2, 3], 1, [1]), ([1, 2, 3], 2, [2])], False),
    "the old threshold is not reached": ([([1, 2, 3], 2, [1, 2]), ([1, 2, 3], 1, [1])], False),
    "nobody signs": ([([1], 1, [1]), ([1], 1, [])], False),
    "an unsigned step on the way": ([([1], 1, [1]), ([2], 1, [2]), ([2], 1, [1, 2])], False),
}  # fmt: skip


@pytest.mark.parametrize(("versions", "believed"), ROOTS.values(), ids=ROOTS)
def test_roots_rotate_under_the_thresholds_of_both(service, repo, versions, believed):
    for number, (keys, threshold, signs) in enumerate(versions, 1):
        repo.root.version = number
        repo.entrust("root", [KEYS[key] for key in keys], threshold)
        repo.signers["root"] = [KEYS[key] for key in signs]
        if number == len(versions):
            repo.rotate("timestamp")  # so that a service that took the root shows it
        repo.put_root()
    service.trust(repo.trusted)
    repo.release(2)
    if believed:
        assert service.refresh() == OK
        assert service.served == (2, dict.fromkeys(ROLES, 2))
    else:
        service.refused("SIG001")


ROLE_KEYS = {
    "rotated": ([2], 1, [2], True),
    "strangers sign too": ([1], 1, [3, 1, 4], True),
    "three of five": ([0, 1, 2, 3, 4], 3, [0, 2, 4], True),
    "three others of five": ([0, 1, 2, 3, 4], 3, [2, 3, 4], True),
    "all of five": ([0, 1, 2, 3, 4], 3, [4, 3, 2, 1, 0], True),
    "the old key signs": ([2], 1, [1, 3, 4], False),
    "two of three, and one that left": ([0, 1, 3, 4, 5], 3, [0, 2, 4], False),
    "two of three": ([0, 1, 3, 4, 5], 3, [0, 4], False),
    "a threshold above all keys": ([0, 1], 3, [0, 1], False),
}


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize(("keys", "threshold", "signs", "believed"), ROLE_KEYS.values(), ids=ROLE_KEYS)
def test_a_role_is_signed_by_the_keys_of_the_newest_root(
    running, repo, role, keys, threshold, signs, believed
):
    repo.entrust(role, [KEYS[key] for key in keys], threshold)
    repo.signers[role] = [KEYS[key] for key in signs]
    repo.next_root()
    repo.release(2)
    if believed:
        assert running.refresh() == OK
        assert running.served == (2, dict.fromkeys(ROLES, 2))
    else:
        running.refused("SIG001")


# Revocation, and recovery from a thief who drove the versions up.


@pytest.mark.parametrize("role", ROLES)
def test_a_revoked_key_is_not_believed_again(running, repo, role):
    stolen = repo.signers[role]
    repo.rotate(role)
    repo.next_root()
    repo.release(2)
    assert running.refresh() == OK
    repo.signers[role] = stolen
    repo.release(3)
    running.refused("SIG001")


def test_hiding_the_new_root_does_not_bring_a_revoked_key_back(running, repo):
    """The thief lets the revocation fail half-way first, then hides it."""
    stolen = repo.signers["timestamp"]
    repo.rotate("timestamp")
    repo.next_root()
    repo.release(2)
    kept = repo.files.pop(repo.path("snapshot"))
    running.refused("SIG007")
    repo.files[repo.path("snapshot")] = kept
    del repo.files[f"{BASE}2.root.json"]
    repo.signers["timestamp"] = stolen
    repo.release(3)
    running.refused("SIG001")


@pytest.mark.parametrize(
    "lost", ["", "{", '{"timestamp.json": 5}', "[" * 100_000], ids=["empty", "half", "number", "deep"]
)
def test_a_broken_note_of_what_was_seen_is_no_note(running, repo, lost):
    (running.folder / "cache" / CHANNEL / "seen.json").write_text(lost)
    repo.release(2)
    assert running.refresh() == OK
    assert running.served == (2, dict.fromkeys(ROLES, 2))


@pytest.mark.parametrize("far", [1_000_000_000, 2**63, 2**200])
def test_a_timestamp_driven_up_is_recovered_from(running, repo, far):
    repo.timestamp.version = far
    repo.put("timestamp")
    assert running.refresh() == OK
    assert running.version("timestamp") == far
    repo.rotate("timestamp")
    repo.next_root()
    repo.timestamp.version = 1
    repo.release(2)
    assert running.refresh() == OK
    assert running.served == (2, dict.fromkeys(ROLES, 2))


def test_a_snapshot_driven_up_is_recovered_from(running, repo):
    repo.snapshot.version = 99_999
    repo.bump("timestamp")
    repo.put("snapshot", "timestamp")
    assert running.refresh() == OK
    repo.rotate("snapshot")
    repo.rotate("timestamp")
    repo.next_root()
    repo.snapshot.version = 1
    repo.release(2)
    assert running.refresh() == OK
    assert running.version("snapshot") == 2


def test_targets_driven_up_are_recovered_from(running, repo):
    repo.targets.version = 99_999
    repo.bump("snapshot", "timestamp")
    repo.put()
    assert running.refresh() == OK
    assert running.version("targets") == 99_999
    repo.rotate("snapshot")
    repo.next_root()
    repo.targets.version = 1
    repo.release(2)
    assert running.refresh() == OK
    assert running.version("targets") == 2
