from __future__ import annotations

from registry.authoring.history import Commit, read_blame, read_log

ONE, NONE = "a" * 40, "0" * 40


def test_a_log_is_read_record_by_record() -> None:
    printed = (
        f"{ONE}\0Ada\0ada@bank.test\x002026-11-01T10:00:00+02:00\0A subject, with\ttab\x01\nb\0too few\x01\n"
    )
    (commit,) = read_log(printed)
    assert commit == Commit(ONE, "Ada", "ada@bank.test", "2026-11-01T10:00:00+02:00", "A subject, with\ttab")
    assert commit.moment.utcoffset().total_seconds() == 7200


def test_a_blamed_line_may_look_like_a_header() -> None:
    row = f"{ONE} 3 1 1\nauthor Ada\nauthor-mail <a@b>\nauthor-time 86400\nauthor-tz -0330\nsummary s\nboundary\n\t{ONE} 1 1\n"
    (line,) = read_blame(row)
    assert (line.number, line.commit.id, line.commit.mail) == (1, ONE, "a@b")
    assert line.commit.at == "1970-01-01T20:30:00-03:30"


def test_a_line_that_is_not_committed_has_no_commit() -> None:
    (line,) = read_blame(f"{NONE} 1 7 1\nauthor Not Committed Yet\nauthor-time 0\nauthor-tz +0000\n\ttext\n")
    assert (line.number, line.commit) == (7, None)


def test_nothing_printed_is_nothing_read() -> None:
    assert list(read_log("")) == list(read_blame("")) == []
