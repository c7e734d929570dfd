"""Files to one block of bytes and back: a deterministic tar in gzip.

Equal files give equal bytes; hostile bytes give a refusal before they cost memory.
It must never write to a disk, follow a link or trust a size that a header states.
"""

from __future__ import annotations

import re
import struct
import tarfile
import zlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from serve.core.errors import BundleRefused

_GZIP_HEADER = b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x02\xff"  # no name, no time, OS unknown (RFC 1952)
_NAME = re.compile(r"[a-z0-9][a-zA-Z0-9._-]*(/[a-zA-Z0-9][a-zA-Z0-9._-]*)*\Z")
_SIZE = re.compile(rb"[0-7]{11}\0")
_BLOCK = tarfile.BLOCKSIZE
_END = bytes(_BLOCK)
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
    return info.tobuf(tarfile.USTAR_FORMAT) + data + bytes(-len(data) % _BLOCK)


def squeeze(blocks: Iterable[bytes], level: int = 9) -> bytes:
    """The archive of blocks, in their order; a lower ``level`` is faster and gives more bytes."""
    plain = b"".join((*blocks, bytes(2 * _BLOCK)))
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
    at = 0
    while (header := plain[at : at + _BLOCK]) != _END and header:
        if len(files) >= limits.files:
            raise _over("more files than", limits.files)
        name, size = _read_header(header, files)
        if size > limits.file_bytes:
            raise _over("a file of more bytes than", limits.file_bytes)
        at += _BLOCK
        files[name] = plain[at : at + size]
        at += size + -size % _BLOCK
        if at > len(plain):
            raise BundleRefused("BND002", "the bundle's tar archive is cut short", _NEXT)
    if at == len(plain) or plain[at:].strip(b"\0"):
        raise BundleRefused("BND002", "the bundle is not a readable tar archive", _NEXT)
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


def _fixed(header: bytes) -> tuple[bytes, ...]:
    """The fields that are the same in every header: all but name, size and checksum."""
    return header[100:124], header[136:148], header[156:345], header[500:]


_FIXED = _fixed(block("a", b""))


def _read_header(header: bytes, seen: Mapping[str, bytes]) -> tuple[str, int]:
    """Name and size; every other field must be as ``block`` writes it, so there is no second way to read it."""
    if _fixed(header) != _FIXED:
        raise BundleRefused("BND002", "the bundle holds a link or a file of a kind of its own", _NEXT)
    stated = b"%06o\0 " % (sum(header) - sum(header[148:156]) + 8 * 0x20)
    if header[148:156] != stated or not _SIZE.fullmatch(header[124:136]):
        raise BundleRefused("BND002", "the bundle is not a readable tar archive", _NEXT)
    name = "/".join(
        part.rstrip(b"\0").decode("ascii", "replace")
        for part in (header[345:500], header[:100])
        if part[:1] != b"\0"
    )
    if not _NAME.match(name) or name in seen:
        raise BundleRefused("BND002", "the bundle holds a doubled or an unsafe name", _NEXT)
    return name, int(header[124:135], 8)


def _over(what: str, bound: int) -> BundleRefused:
    return BundleRefused("BND001", f"the bundle holds {what} the limit of {bound}", _NEXT)
