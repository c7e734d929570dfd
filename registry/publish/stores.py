"""From the URL of a store to the store.

It must never take credentials from a URL: they come from the environment's standard chain.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from urllib.parse import parse_qs, unquote, urlsplit

from registry.errors import Usage
from registry.publish.directory import DirectoryTarget
from registry.publish.s3 import S3Target
from registry.publish.target import Target

_OPTIONS = {"endpoint", "region", "style", "sse", "kms"}
_STYLES = {None, "path", "virtual"}
_SSE = {None, "AES256", "aws:kms", "aws:kms:dsse"}


def open_target(url: str, root: Path = Path()) -> Target:
    """The store at ``file:PATH`` (relative to ``root``) or ``s3://bucket/prefix?endpoint=…&region=…``.

    Further options of S3 are ``style`` (the bucket in the ``path``, the default behind an endpoint, or in the host's
    name: ``virtual``), ``sse`` (what each write asks to be encrypted with: ``AES256``, ``aws:kms``, ``aws:kms:dsse``)
    and ``kms``, the key for it. Nothing is read or written yet.

    Raises:
        Usage: STO005 for any other URL.
        MissingExtra: ENV001 for an S3 store without boto3.
    """
    parts = urlsplit(url)
    if parts.scheme == "file":
        return DirectoryTarget(root / url.removeprefix("file:").removeprefix("//"))
    if parts.scheme == "s3" and parts.hostname and not parts.username:
        options = {name: values[-1] for name, values in parse_qs(parts.query, keep_blank_values=True).items()}
        if _are_sound(options):
            return S3Target(
                parts.netloc,
                unquote(parts.path).strip("/"),
                endpoint=options.get("endpoint"),
                region=options.get("region"),
                style=options.get("style"),
                sse=options.get("sse"),
                kms=options.get("kms"),
            )
    raise Usage(
        "STO005",
        "the store's URL is not one that can be published to",
        "Use file:PATH or s3://bucket/prefix?endpoint=URL&region=NAME&style=…&sse=…&kms=KEY, without credentials.",
    )


def _are_sound(options: Mapping[str, str]) -> bool:
    """Whether each is known and has a value it may have; a key is for KMS alone."""
    sse = options.get("sse")
    return (
        options.keys() <= _OPTIONS
        and all(options.values())
        and options.get("style") in _STYLES
        and sse in _SSE
        and ("kms" not in options or (sse or "").startswith("aws:kms"))
    )
