"""What a secret looks like: the shapes of known keys and tokens, and random text behind a telling name.

It must never show what it finds; a caller is told the kind and the place.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from math import log2

import re2

# No pattern looks further than a bound where it may begin at every character: hostile text must not cost time.
_KINDS = (  # kind; what it cannot be without, in small letters; its shape
    (
        "an AWS access key",
        ("akia", "asia"),
        re.compile(r"\b(?:AKIA|ASIA)[0-9A-Z]{16}\b"),
    ),
    ("a private key", ("private key",), re.compile(r"-----BEGIN (?:[A-Z]+ )*PRIVATE KEY(?: BLOCK)?-----")),
    (
        "an API key",
        ("sk-", "sk_", "rk-", "rk_"),
        re.compile(r"\b[sr]k[-_](?=[A-Za-z_-]{0,99}\d)[A-Za-z0-9_-]{20,}"),
    ),
    (
        "a GitHub token",
        ("ghp_", "gho_", "ghu_", "ghs_", "ghr_", "github_pat_"),
        re.compile(r"\b(?:gh[pousr]_[A-Za-z0-9]{36,}|github_pat_[A-Za-z0-9_]{22,})"),
    ),
    (
        "a GitLab token",
        ("glpat-", "glptt-", "glrt-", "gldt-"),
        re.compile(r"\bgl(?:pat|ptt|rt|dt)-[A-Za-z0-9_-]{20,}"),
    ),
    (
        "a Slack token",
        ("xox", "xapp-"),
        re.compile(r"\bxox[abeprs]-[A-Za-z0-9-]{20,}|\bxapp-\d-[A-Za-z0-9-]{20,}"),
    ),
    (
        "the address of a Slack hook",
        ("hooks.slack.com",),
        re.compile(r"hooks\.slack\.com/services/[A-Z0-9]{6,}/[A-Z0-9]{6,}/\w{16,}"),
    ),
    (
        "a Google API key",
        ("aiza", "gocspx-"),
        re.compile(r"\bAIza[0-9A-Za-z_-]{35}\b|\bGOCSPX-[A-Za-z0-9_-]{20,}"),
    ),
    ("a Hugging Face token", ("hf_",), re.compile(r"\bhf_[A-Za-z0-9]{30,}\b")),
    (
        "a token of a package registry",
        ("npm_", "pypi-"),
        re.compile(r"\bnpm_[A-Za-z0-9]{36}\b|\bpypi-[A-Za-z0-9_-]{50,}"),
    ),
    ("a SendGrid key", ("sg.",), re.compile(r"\bSG\.[A-Za-z0-9_-]{16,}\.[A-Za-z0-9_-]{16,}")),
    (
        "a signed token",
        ("eyj",),
        re.compile(r"\beyJ[A-Za-z0-9_-]{10,999}\.eyJ[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]{10,}"),
    ),
    (
        "an address with a password",
        ("://",),
        re.compile(r"\b[a-z][a-z0-9+.-]{1,20}://[^\s:/@{}<>]+:[^\s:/@{}<>]{6,}@[\w.-]+"),
    ),
)
_NAMED = re.compile(
    r"(?:(?i:api[_-]?key|secret|passw(?:or)?d|access[_-]?key|auth[_-]?token|account[_-]?key)\w{0,40}[\"']?[ \t]*[:=]"
    r"|(?i:bearer)[ \t])[ \t]*[\"']?(?P<value>[A-Za-z0-9+/_=.~-]{16,})"
)
_NAMES = (  # what _NAMED cannot be without
    "secret", "passw", "bearer", "apikey", "api_key", "api-key", "accesskey", "access_key", "access-key", "authtoken",
    "auth_token", "auth-token", "accountkey", "account_key", "account-key",
)  # fmt: skip
_HINT = re2.compile(
    "(?i)" + "|".join(re2.escape(hint) for hint in (*(h for _, hs, _ in _KINDS for h in hs), *_NAMES))
)
_DIFFERENT = 10  # a real key has at least so many different characters; xxxx… has not
_BITS = 3.5  # of a character, on average; words and identifiers have fewer


@dataclass(frozen=True, slots=True)
class Secret:
    """A piece of a text that looks like a secret: its kind, and where it begins and ends."""

    kind: str
    start: int
    end: int


def secrets_in(text: str) -> tuple[Secret, ...]:
    """All pieces of a text that look like secrets, in their order; none lies in another."""
    if not _HINT.search(text.encode("utf-8", "replace")):  # nine texts of ten, in a tenth of the time
        return ()
    small = text.casefold()
    found = [
        Secret(kind, match.start(), match.end())
        for kind, hints, pattern in _KINDS
        if any(hint in small for hint in hints)
        for match in pattern.finditer(text)
        if _looks_real(match[0])
    ]
    if any(name in small for name in _NAMES):
        found += [
            Secret("a secret, by its name", *match.span("value"))
            for match in _NAMED.finditer(text)
            if _looks_random(match["value"])
        ]
    return tuple(_apart(sorted(found, key=lambda each: (each.start, -each.end))))


def _apart(found: list[Secret]) -> Iterator[Secret]:
    end = -1
    for each in found:
        if each.start >= end:
            yield each
            end = each.end


def _looks_real(text: str) -> bool:
    return "example" not in text.lower() and len(set(text)) >= _DIFFERENT


def _looks_random(text: str) -> bool:
    """True for capitals, small letters and digits mixed as no word mixes them (Shannon's entropy)."""
    mixed = all(any(map(kind, text)) for kind in (str.isdigit, str.islower, str.isupper))
    shares = [count / len(text) for count in Counter(text).values()]
    return mixed and -sum(share * log2(share) for share in shares) >= _BITS and _looks_real(text)
