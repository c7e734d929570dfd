"""Rules of kind ``url``: which hosts a text may link to.

The host is taken apart as a browser does it, so that user info, ports and look-alike tails fool nobody.
It must never resolve a name or open a connection.

Source: WHATWG URL Standard (host parsing, special schemes).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from serve.core.guard.checks.port import Found, Unusable, regex, shaped
from serve.core.guard.checks.scan import Scan
from serve.core.guard.normalise import Reading
from serve.core.model import Json, Streaming

_LONGEST = 1024
_HEAD = (
    r"(?i)(!\[[^\]\n]{0,200}\]\(\s{0,4})?"
    r"((?:[a-z][a-z0-9+.-]{1,15}://|(?:javascript|data|vbscript|https?):/{0,2}|www\.)[^\s<>\"`/])"
)
_STOP = regex(r"[\s<>\"`]")
_IMAGE_HEAD = 208
_LONGEST_SCHEME = 16
_WITHOUT_SLASHES = frozenset({"javascript", "data", "vbscript", "http", "https"})
_TRAILING = ".,;:!?'\"*_~]}"


@dataclass(frozen=True, slots=True)
class UrlDetect:
    """``detect`` of a url rule. ``*.example.com`` stands for every name below example.com, not for itself."""

    allow_hosts: tuple[str, ...]
    schemes: tuple[str, ...] = ("https",)
    markdown_images: Literal["deny", "allow"] = "deny"


class UrlDetector:
    """Finds links that lead where they may not, and images, whose address alone can carry data away."""

    before = 2
    streaming = Streaming("window", _LONGEST + _IMAGE_HEAD)

    def __init__(self, detect: Mapping[str, Json]) -> None:
        asked = shaped(UrlDetect, detect)
        if any("/" in host or host != host.lower() for host in asked.allow_hosts):
            raise Unusable("detect.allowHosts takes lower-case host names without scheme or path")
        if not all(scheme.isalpha() for scheme in asked.schemes):
            raise Unusable("detect.schemes takes schemes of letters alone")
        self._exact = frozenset(host for host in asked.allow_hosts if not host.startswith("*."))
        self._below = tuple(host[1:] for host in asked.allow_hosts if host.startswith("*."))
        self._schemes = frozenset(asked.schemes)
        self._images = asked.markdown_images == "allow"
        self._pattern = regex(_HEAD)

    def find(self, reading: Reading, start: int) -> Iterator[Found]:
        """All refused links from ``start`` on."""
        text = reading.text
        scan = Scan(self._pattern, reading, reading.index(start), raw=True)  # in a host a backslash counts
        while (spans := scan.next()) is not None:
            low = spans[2][0]
            end = _end(text, low)
            link = text[low:end]
            if not _is_link(link, text[low - 1 : low]):
                scan.move(low + 1)
            elif spans[1][0] >= 0 and not self._images:
                end += text[end : end + 1] == ")"
                yield _found(reading, spans[0][0], end, "image")
                scan.move(end)
            elif not self._allowed(link):
                yield _found(reading, low, end, "host")
                scan.move(end)
            else:  # a link within an allowed link is looked at too: redirectors take one as a parameter
                scan.move(low + 1)

    def settled(self, reading: Reading) -> int:
        """Behind the last white space, or ahead of the longest link; ahead of an image's head in any case."""
        text = reading.text[: reading.stable]
        blank = max(text.rfind(" "), text.rfind("\n")) + 1
        index = max(blank, len(text) - _LONGEST - _IMAGE_HEAD)
        image = text.find("![", max(0, index - _IMAGE_HEAD), index)
        return reading.settled(reading.stable - (image if image >= 0 else index))

    def _allowed(self, link: str) -> bool:
        head = _head(link).lower()
        if head != "www." and head[:-1] not in self._schemes:
            return False
        host = _host(link if head == "www." else link[len(head) :])
        return host in self._exact or host.endswith(self._below)


def _end(text: str, start: int) -> int:
    """Where the link ends when the sentence's own punctuation and brackets are left behind."""
    stop = _STOP.search(text[start : start + _LONGEST])
    end = start + stop.start() if stop else min(len(text), start + _LONGEST)
    opened = text.find("(", start, end)
    closed = text.find(")", start, end)
    if closed >= 0 and (opened < 0 or closed < opened):
        end = closed
    least = start + len(_head(text[start:end]))
    while end > least and text[end - 1] in _TRAILING:
        end -= 1
    return end


def _found(reading: Reading, low: int, high: int, detail: str) -> Found:
    span = reading.span(low, high)
    return Found(*span, span, detail)


def _head(link: str) -> str:
    """What a link begins with: ``www.``, or the scheme and its colon."""
    return link[:4] if link[:4].lower() == "www." else link[: link.index(":") + 1]


def _is_link(link: str, before: str) -> bool:
    """False for ``Note:this`` and the like, and for the rest of a word whose start was no link."""
    head = _head(link).lower()
    if before.isalpha() and before.isascii() and len(head) <= _LONGEST_SCHEME:
        return False
    return head == "www." or head[:-1] in _WITHOUT_SLASHES or link[len(head) :].startswith("//")


def _host(rest: str) -> str:
    """The host, or nothing where two parsers could read it differently."""
    authority = rest.lstrip("/")
    for mark in "/?#":
        authority = authority.partition(mark)[0]
    if "\\" in authority:
        return ""
    host = authority.rpartition("@")[2]
    name, _, port = host.partition(":")
    return name.lower().removesuffix(".") if not port or port.isdecimal() else ""
