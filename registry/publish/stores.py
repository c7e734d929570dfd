"""From the URL of a store to the store.

It must never take credentials from a URL: they come from the environment's standard chain.
"""

from __future__ import annotations

from pathlib import Path
from urllib.parse import parse_qs, urlsplit

from registry.errors import Usage
from registry.publish.directory import DirectoryTarget
from registry.publish.s3 import S3Target
from registry.publish.target import Target


def open_target(url: str, root: Path = Path()) -> Target:
    """The store at ``file:PATH`` (relative to ``root``) or ``s3://bucket/prefix?endpoint=…&region=…``.

    Nothing is read or written yet.

    Raises:
        Usage: STO005 for any other URL.
        MissingExtra: ENV001 for an S3 store without boto3.
    """
    parts = urlsplit(url)
    if parts.scheme == "file":
        return DirectoryTarget(root / url.removeprefix("file:").removeprefix("//"))
    if parts.scheme == "s3" and parts.hostname and not parts.username:
        options = parse_qs(parts.query)
        if not options.keys() - {"endpoint", "region"}:
            endpoint, region = (options.get(name, [None])[0] for name in ("endpoint", "region"))
            return S3Target(parts.netloc, parts.path.strip("/"), endpoint=endpoint, region=region)
    raise Usage(
        "STO005",
        "the store's URL is not one that can be published to",
        "Use file:PATH or s3://bucket/prefix?endpoint=URL&region=NAME, without credentials.",
    )
