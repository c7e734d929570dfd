"""What Git tells of the past, as values: commits, and who wrote a line last.

It must never run Git nor judge; it reads what Git printed.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone

LOG_OPTIONS = (
    "--format=%H%x00%aN%x00%aE%x00%aI%x00%s%x01",
    "--encoding=UTF-8",
    "--no-show-signature",
    "--no-color",
)
_NEVER = "0" * 40


@dataclass(frozen=True, slots=True)
class Commit:
    """A commit: full id, author as ``.mailmap`` has it, author's time in ISO 8601, first line of its message."""

    id: str
    author: str
    mail: str
    at: str
    subject: str

    @property
    def moment(self) -> datetime:
        """The author's time, comparable over time zones."""
        return datetime.fromisoformat(self.at)


@dataclass(frozen=True, slots=True)
class BlamedLine:
    """One line of a file, from 1, and the commit that wrote it; None while it is not committed."""

    number: int
    commit: Commit | None


def read_log(printed: str) -> Iterator[Commit]:
    """The commits that ``git log`` printed with ``LOG_OPTIONS``."""
    for record in printed.split("\x01"):
        fields = record.strip("\n").split("\0")
        if len(fields) == 5:
            yield Commit(*fields)


def read_blame(printed: str) -> Iterator[BlamedLine]:
    """The lines that ``git blame --line-porcelain`` printed."""
    header: dict[str, str] = {}
    for row in printed.split("\n"):
        if row.startswith("\t"):
            yield BlamedLine(int(header["number"]), _commit(header))
            header = {}
        elif header:
            key, _, value = row.partition(" ")
            header[key] = value
        elif row:
            name, _, number = row.split(" ")[:3]
            header = {"id": name, "number": number}


def _commit(header: dict[str, str]) -> Commit | None:
    if set(header["id"]) == set(_NEVER):
        return None
    mail = header.get("author-mail", "").removeprefix("<").removesuffix(">")
    at = _time(header.get("author-time", "0"), header.get("author-tz", "+0000"))
    return Commit(header["id"], header.get("author", ""), mail, at, header.get("summary", ""))


def _time(seconds: str, zone: str) -> str:
    minutes = int(zone[1:3]) * 60 + int(zone[3:5])
    shift = timezone(timedelta(minutes=-minutes if zone.startswith("-") else minutes))
    return datetime.fromtimestamp(int(seconds), UTC).astimezone(shift).isoformat()
