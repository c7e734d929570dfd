"""Where releases come from: a folder, a web server, a bucket.

- ``port``      what is asked of a store: one conditional read
- ``directory`` a folder
- ``http``      HTTP and HTTPS
- ``s3``        anything that speaks S3
- ``several``   the same store in several places

One function turns a URL into the adapter; nothing above it knows which one it got.
It must never import a third-party package before a store of that kind is read.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from urllib.parse import parse_qs, unquote, urlsplit

from serve.core.errors import Usage
from serve.sources.directory import DirectorySource
from serve.sources.http import HttpSource
from serve.sources.port import Source
from serve.sources.s3 import S3Source
from serve.sources.several import SeveralSources

_FORMS = "Write file:PATH, https://host/prefix or s3://bucket/prefix?endpoint=…&region=…"
_S3_OPTIONS = {"endpoint", "region", "anonymous", "style", "sse", "kms"}
_STYLES = {None, "path", "virtual"}


def open_source(url: str | Sequence[str]) -> Source:
    """The adapter for a store URL, or for several in order of preference; nothing is read yet.

    ``file:PATH`` (absolute, or relative to the working directory), ``https://…``, ``http://…``, or
    ``s3://bucket/prefix`` with the options ``endpoint``, ``region``, ``anonymous=true`` and ``style``: the bucket
    goes into the path (``path``, the default behind an ``endpoint``) or into the host's name (``virtual``).
    ``sse`` and ``kms`` say how what is written is encrypted; a service writes its reports alone.

    Raises:
        Usage: SRC005 when the URL has another form.
    """
    if not isinstance(url, str):
        if not url:
            raise Usage("SRC005", "no store URL is given", _FORMS)
        return SeveralSources([open_source(each) for each in url])
    parts = urlsplit(url)
    folder = url.removeprefix("file:").removeprefix("//")
    if parts.scheme == "file" and folder:
        return DirectorySource(Path(folder))
    if parts.scheme in ("http", "https") and parts.netloc and not parts.query:
        return HttpSource(url)
    if parts.scheme == "s3" and parts.netloc:
        options = {name: values[-1] for name, values in parse_qs(parts.query).items()}
        if options.keys() <= _S3_OPTIONS and options.get("style") in _STYLES:
            return S3Source(
                parts.netloc,
                unquote(parts.path),
                endpoint=options.get("endpoint"),
                region=options.get("region"),
                anonymous=options.get("anonymous") == "true",
                style=options.get("style"),
                sse=options.get("sse"),
                kms=options.get("kms"),
            )
    raise Usage("SRC005", f"the store URL with scheme {parts.scheme or 'none'!r} cannot be read", _FORMS)
