"""Promptyard at run time: the live release of a channel, in a service's own process.

- ``core``     pure: types, digest, bundle, render, guardrails, compile
- ``sources``  where releases come from: folder, HTTP, S3
- ``pointers`` what the signatures point at: stable, and a canary
- ``trust``    signatures, by The Update Framework
- ``store``    the last known good on disk
- ``leader``   one poller per host
- ``poll``     when to ask again
- ``status``   fresh, stale or empty
- ``instance`` who this is, in rollouts and reports
- ``report``   how this instance is, told to a store
- ``keeping``  what is left on disk, and taken up there
- ``loading``  fetch, compare, unpack, compile
- ``client``   poll, verify, compile, swap
- ``connecting`` a client out of a URL, a root of trust and a folder
- ``observe``  metrics
- ``guard_ml``  models that guardrail rules ask, with the extra of that name
- ``sidecar``  the same over HTTP, for other languages

    client = serve.connect("s3://bucket/prompts", trust="production.root.json", cache="/var/cache/app")
    render = client.render("support/triage", {"message": text})
    answer = openai.chat.completions.create(**render.to_openai())

It must never import what authors prompts, nor ask the network while a prompt is rendered.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from serve.client import Client
    from serve.connecting import connect
    from serve.core.errors import (
        BundleRefused,
        InputsRefused,
        MissingExtra,
        PromptyardError,
        Refused,
        SignatureRefused,
        Unavailable,
        UnknownPrompt,
        Usage,
    )
    from serve.core.guard.verdict import Verdict
    from serve.core.live import Live, Render
    from serve.report import Report
    from serve.status import Status

__all__ = [
    "BundleRefused",
    "Client",
    "InputsRefused",
    "Live",
    "MissingExtra",
    "PromptyardError",
    "Refused",
    "Render",
    "Report",
    "SignatureRefused",
    "Status",
    "Unavailable",
    "UnknownPrompt",
    "Usage",
    "Verdict",
    "connect",
]

_HOMES = {
    "serve.client": ("Client",),
    "serve.connecting": ("connect",),
    "serve.core.guard.verdict": ("Verdict",),
    "serve.core.live": ("Live", "Render"),
    "serve.report": ("Report",),
    "serve.status": ("Status",),
}
_HOME_OF = {name: home for home, names in _HOMES.items() for name in names}


def __getattr__(name: str) -> object:
    """Load a public name at first use: the registry needs the core alone, and not the price of a client."""
    if name not in __all__:
        raise AttributeError(f"module 'serve' has no attribute {name!r}")
    value = getattr(import_module(_HOME_OF.get(name, "serve.core.errors")), name)
    globals()[name] = value
    return value
