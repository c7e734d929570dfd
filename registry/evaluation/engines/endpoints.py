"""Where a hosted engine is called, and which key may be sent there.

``promptyard.yaml`` comes with every pull request, the environment does not. So a key goes to the provider's own
host, or to the endpoint that the environment itself names, and never to a host that only the file names.
It must never put a key into a message, nor send one in clear over a network.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from registry.errors import Usage
from registry.evaluation.engines.provider import Fault
from registry.settings import FILE


@dataclass(frozen=True, slots=True)
class Home:
    """A provider's own place: base URL, which hosts are its own, the names of its key in the environment."""

    engine: str
    url: str | None
    hosts: re.Pattern[str]
    keys: tuple[str, ...]

    @property
    def variable(self) -> str:
        """The variable that names another endpoint."""
        return f"PROMPTYARD_{self.engine.upper().replace('-', '_')}_ENDPOINT"


_NOWHERE = re.compile(r"(?!)")
_ODD = re.compile(r"[\s\\?#\x00-\x1f\x7f]")  # what parsers read in different ways, and what no base URL has
HOMES: Mapping[str, Home] = {
    home.engine: home
    for home in (
        Home(
            "openai",
            "https://api.openai.com/v1",
            re.compile(r"([a-z]{2}\.)?api\.openai\.com"),
            ("OPENAI_API_KEY",),
        ),
        Home("openai-compatible", None, _NOWHERE, ("OPENAI_COMPATIBLE_API_KEY",)),
        Home(
            "anthropic",
            "https://api.anthropic.com",
            re.compile(r"api\.anthropic\.com"),
            ("ANTHROPIC_API_KEY",),
        ),
        Home(
            "gemini",
            "https://generativelanguage.googleapis.com",
            re.compile(r"generativelanguage\.googleapis\.com"),
            ("GOOGLE_API_KEY", "GEMINI_API_KEY"),  # in the order of Google's own SDK
        ),
    )
}


@dataclass(frozen=True, slots=True)
class Endpoint:
    """A base URL without a slash at its end, and what may be sent there.

    ``refusal`` says why nothing can be sent; it is raised with the first request, not before, because
    answers that are known need no endpoint.
    """

    url: str
    key: str | None = field(default=None, repr=False)
    refusal: Fault | None = None


def endpoint_of(engine: str, written: str | None, environment: Mapping[str, str]) -> Endpoint:
    """The endpoint of an engine.

    Args:
        engine: a key of ``HOMES``.
        written: what ``promptyard.yaml`` says.
        environment: of the process.

    Raises:
        Usage: ENG020 for a URL that cannot be one, ENG021 where an engine without a home has none.
    """
    home = HOMES[engine]
    named = environment.get(home.variable, "").strip()
    url = (named or written or home.url or "").rstrip("/")
    if not url:
        what = f"engine {engine} has no endpoint"
        advice = f"Write engines: {{{engine}: {{endpoint: URL}}}} in {FILE}, or set {home.variable}."
        raise Usage("ENG021", what, advice)
    _check(url, home.variable if named else f"engines.{engine}.endpoint in {FILE}")
    key = next((value for name in home.keys if (value := environment.get(name, "").strip())), None)
    return Endpoint(url, key, _refusal(home, url, key, trusted=bool(named)))


def _check(url: str, where: str) -> None:
    try:
        parts = urlsplit(url)
        good = parts.scheme in ("http", "https") and parts.hostname and parts.port != 0
    except ValueError:
        good = False
    if not good or parts.username is not None or _ODD.search(url):
        advice = "Write http:// or https://, a host and a path; keys belong in the environment."
        raise Usage("ENG020", f"{where} is no base URL", advice)


def _refusal(home: Home, url: str, key: str | None, *, trusted: bool) -> Fault | None:
    parts = urlsplit(url)
    host = parts.hostname or ""
    own = bool(home.hosts.fullmatch(host)) and parts.scheme == "https" and parts.port in (None, 443)
    names = " or ".join(home.keys)
    if key is None:
        if not own:
            return None
        return Fault(
            "ENG024", f"engine {home.engine} needs a key", f"Set {names} in the environment.", fatal=True
        )
    if not (key.isascii() and key.isprintable()) or " " in key:
        what = f"the key in {names} holds characters that no key has"
        return Fault("ENG024", what, "Set it again, without quotes and line breaks.", fatal=True)
    if not own and not trusted:
        what = f"only {FILE} names {host} for engine {home.engine}, so the key in {names} is not sent there"
        advice = f"Set {home.variable}={url} where the key is set if you trust it, or unset {names}."
        return Fault("ENG025", what, advice, fatal=True)
    if parts.scheme != "https" and not is_loopback(host):
        what = f"the key for engine {home.engine} is not sent in clear to {host}"
        return Fault("ENG025", what, f"Use https in {home.variable}, or unset {names}.", fatal=True)
    return None


def is_loopback(host: str) -> bool:
    """True for this machine itself, which no proxy and no network lies before."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
