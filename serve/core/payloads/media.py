"""Images and files by URL: what they are, and whether their bytes travel in the URL itself.

It must never fetch anything, nor guess a type where neither the URL nor the prompt names one.
"""

from __future__ import annotations

import base64
import binascii
import re
from dataclasses import dataclass

from serve.core.errors import Usage
from serve.core.model import ContentPart

_DATA = re.compile(
    r"data:(?P<type>[\w.+-]+/[\w.+-]+)?(?:;[\w-]+=[^;,]*)*(?P<encoded>;base64)?,", re.ASCII | re.IGNORECASE
)
_BY_SUFFIX = {
    "png": "image/png",
    "jpg": "image/jpeg",
    "jpeg": "image/jpeg",
    "gif": "image/gif",
    "webp": "image/webp",
    "pdf": "application/pdf",
    "csv": "text/csv",
    "html": "text/html",
    "md": "text/markdown",
    "txt": "text/plain",
    "doc": "application/msword",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "xls": "application/vnd.ms-excel",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
_SUFFIX_OF = {media_type: suffix for suffix, media_type in _BY_SUFFIX.items()}


@dataclass(frozen=True, slots=True)
class Attachment:
    """An image or a file. ``data`` is its content in base64 where the URL holds it, else None."""

    kind: str
    url: str
    media_type: str | None
    data: str | None

    @property
    def scheme(self) -> str:
        """The URL's scheme in lower case."""
        return self.url.partition(":")[0].lower()

    @property
    def suffix(self) -> str | None:
        """The usual suffix of its media type, None where that is not known."""
        return _SUFFIX_OF.get(self.media_type or "")

    @property
    def content(self) -> bytes:
        """The bytes that ``data`` stands for."""
        return base64.b64decode(self.data or "")


def attachment(part: ContentPart) -> Attachment:
    """What a part that is not text points to.

    The media type is that of a ``data:`` URL, else the part's own ``mediaType``, else by the path's suffix.

    Raises:
        Usage: PAY006 for no URL at all, and for a ``data:`` URL that is not base64.
    """
    url = part.text.strip()
    if not url:
        what = f"a part of kind {part.kind} has no URL"
        raise Usage("PAY006", what, "Pass one, or leave the part out of the prompt.")
    if url[:5].lower() != "data:":
        suffix = url.partition("?")[0].partition("#")[0].rpartition(".")[2].lower()
        return Attachment(part.kind, url, part.media_type or _BY_SUFFIX.get(suffix), None)
    head = _DATA.match(url)
    data = url[head.end() :] if head is not None else ""
    if head is None or not head["encoded"] or not _is_base64(data):
        what = f"the data: URL of a part of kind {part.kind} is not base64"
        raise Usage("PAY006", what, "Write data:image/png;base64, and then the encoded bytes.")
    return Attachment(part.kind, url, head["type"] or part.media_type, data)


def _is_base64(data: str) -> bool:
    try:
        return bool(base64.b64decode(data, validate=True))
    except (binascii.Error, ValueError):
        return False
