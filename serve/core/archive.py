"""Files to one block of bytes and back: a deterministic tar in gzip.

Equal files give equal bytes; hostile bytes give a refusal before they cost memory.
It must never write to a disk, follow a link or trust a size that a header states.
"""

from __future__ import annotations

import io
import re
import struct
import tarfile
import zlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from serve.core.errors import BundleRefused

_GZIP_HEADER = b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x02\xff"  # no name, no time, OS unknown (RFC 1952)
_NAME = re.compile(r"[a-z0-9][a-zA-Z0-9._-]*(/[a-zA-Z0-9][a-zA-Z0-9._-]*)*\Z")
_NEXT = "Publish it again from Git; if this repeats, the store is damaged or hostile."


@dataclass(frozen=True, slots=True)
class Limits:
    """What a reader accepts, all counted before anything is parsed."""

    packed_bytes: int = 64 * 2**20
    unpacked_bytes: int = 256 * 2**20
    ratio: int = 200
    files: int = 50_000
    file_bytes: int = 16 * 2**20


def pack(files: Mapping[str, bytes]) -> bytes:
    """One gzip-compressed tar of the files: names sorted, times zero, owners none.

    The bytes depend on the files and on the zlib build alone; for "same content?" compare the
    manifest's ``content_sha256``, which depends on neither.
    """
    return squeeze(block(name, files[name]) for name in sorted(files))


def block(name: str, data: bytes) -> bytes:
    """One file as it stands in the tar, filled up to whole records."""
    info = tarfile.TarInfo(name)
    info.size = len(data)
    info.mode = 0o644
    return info.tobuf(tarfile.USTAR_FORMAT) + data + bytes(-len(data) % tarfile.BLOCKSIZE)


def squeeze(blocks: Iterable[bytes], level: int = 9) -> bytes:
    """The archive of blocks, in their order; a lower ``level`` is faster and gives more bytes."""
    plain = b"".join((*blocks, bytes(2 * tarfile.BLOCKSIZE)))
    plain += bytes(-len(plain) % tarfile.RECORDSIZE)
    deflate = zlib.compressobj(level, zlib.DEFLATED, -zlib.MAX_WBITS)
    body = deflate.compress(plain) + deflate.flush()
    return _GZIP_HEADER + body + struct.pack("<II", zlib.crc32(plain), len(plain) & 0xFFFFFFFF)


def unpack(data: bytes, limits: Limits = Limits()) -> dict[str, bytes]:
    """The files of an archive made by :func:`pack`.

    Raises:
        BundleRefused: BND001 when it is over a limit, BND002 when it is not such an archive.
    """
    plain = _inflate(data, limits)
    files: dict[str, bytes] = {}
    try:
        with tarfile.open(fileobj=io.BytesIO(plain), mode="r:") as tar:
            for info in tar:
                if len(files) >= limits.files:
                    raise _over("more files than", limits.files)
                name = _name_of(info, files)
                files[name] = _body_of(tar, info, limits)
    except tarfile.TarError as error:
        raise BundleRefused("BND002", "the bundle is not a readable tar archive", _NEXT) from error
    return files


def _inflate(data: bytes, limits: Limits) -> bytes:
    if len(data) > limits.packed_bytes:
        raise _over("more packed bytes than", limits.packed_bytes)
    if not data.startswith(_GZIP_HEADER):
        raise BundleRefused("BND002", "the bundle is not readable gzip", _NEXT)
    allowed = min(limits.unpacked_bytes, max(2**20, len(data) * limits.ratio))
    inflater = zlib.decompressobj(16 + zlib.MAX_WBITS)
    try:
        plain = inflater.decompress(data, allowed + 1)
    except zlib.error as error:
        raise BundleRefused("BND002", "the bundle is not readable gzip", _NEXT) from error
    if len(plain) > allowed:
        raise _over("more unpacked bytes than", allowed)
    if not inflater.eof or inflater.unused_data:
        raise BundleRefused("BND002", "the bundle is cut short or has a tail", _NEXT)
    return plain


def _name_of(info: tarfile.TarInfo, seen: Mapping[str, bytes]) -> str:
    if not info.isreg() or not _NAME.match(info.name) or info.name in seen:
        raise BundleRefused("BND002", "the bundle holds a link, a doubled or an unsafe name", _NEXT)
    return info.name


def _body_of(tar: tarfile.TarFile, info: tarfile.TarInfo, limits: Limits) -> bytes:
    if info.size > limits.file_bytes:
        raise _over("a file of more bytes than", limits.file_bytes)
    body = tar.extractfile(info)
    return body.read() if body is not None else b""


def _over(what: str, bound: int) -> BundleRefused:
    return BundleRefused("BND001", f"the bundle holds {what} the limit of {bound}", _NEXT)
