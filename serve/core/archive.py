"""Files to one block of bytes and back: a deterministic tar in gzip.

Equal files give equal bytes; hostile bytes give a refusal before they cost memory.
The tar headers (POSIX.1-1988, ustar) are written here: the standard library's differ between Python versions.
It must never write to a disk, follow a link or trust a size that a header states.
"""

from __future__ import annotations

import re
import struct
import zlib
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass

from serve.core.errors import BundleRefused

_GZIP_HEADER = b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x02\xff"  # no name, no time, OS unknown (RFC 1952)
_NAME = re.compile(r"[a-z0-9][a-zA-Z0-9._-]*(/[a-zA-Z0-9][a-zA-Z0-9._-]*)*\Z")
_SIZE = re.compile(rb"[0-7]{11}\0")
_BLOCK = 512
_RECORD = 20 * _BLOCK
_MODE_AND_OWNER = b"0000644\0" + b"0000000\0" * 2
_TIME = b"00000000000\0"
_PLAIN_FILE = b"0".ljust(101, b"\0") + b"ustar\x0000" + bytes(80)
_END = bytes(_BLOCK)
_STEP = 1 << 16
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
    folder, short = _split(name)
    before = short.ljust(100, b"\0") + _MODE_AND_OWNER + b"%011o\0" % len(data) + _TIME
    after = _PLAIN_FILE + folder.ljust(155, b"\0") + bytes(12)
    checksum = b"%06o\0 " % (sum(before) + sum(after) + 8 * 0x20)
    return before + checksum + after + data + bytes(-len(data) % _BLOCK)


def _split(name: str) -> tuple[bytes, bytes]:
    """Folder and name as a header has room for them, 155 and 100 bytes."""
    parts = name.encode("ascii").split(b"/")
    for at in range(len(parts)):
        folder, short = b"/".join(parts[:at]), b"/".join(parts[at:])
        if len(short) <= 100 and len(folder) <= 155:
            return folder, short
    raise ValueError("the name is too long for a tar header")


def squeeze(blocks: Iterable[bytes], level: int = 9) -> bytes:
    """The archive of blocks, in their order; a lower ``level`` is faster and gives more bytes."""
    plain = b"".join((*blocks, bytes(2 * _BLOCK)))
    plain += bytes(-len(plain) % _RECORD)
    deflate = zlib.compressobj(level, zlib.DEFLATED, -zlib.MAX_WBITS)
    body = deflate.compress(plain) + deflate.flush()
    return _GZIP_HEADER + body + struct.pack("<II", zlib.crc32(plain), len(plain) & 0xFFFFFFFF)


def unpack(data: bytes, limits: Limits = Limits()) -> dict[str, bytes]:
    """The files of an archive made by :func:`pack`; raises as :func:`files`."""
    return dict(files(data, limits))


def files(data: bytes, limits: Limits = Limits()) -> Iterator[tuple[str, bytes]]:
    """Name and bytes of each file of an archive made by :func:`pack`, one in memory at a time.

    The archive as a whole is good only once the last was taken.

    Raises:
        BundleRefused: BND001 when it is over a limit, BND002 when it is not such an archive.
    """
    plain = _Plain(data, limits)
    seen: set[str] = set()
    while (header := plain.take(_BLOCK)) != _END and header:
        if len(seen) >= limits.files:
            raise _over("more files than", limits.files)
        name, size = _read_header(header, seen)
        if size > limits.file_bytes:
            raise _over("a file of more bytes than", limits.file_bytes)
        body = plain.take(size + -size % _BLOCK)
        if len(body) != size + -size % _BLOCK:
            raise BundleRefused("BND002", "the bundle's tar archive is cut short", _NEXT)
        seen.add(name)
        yield name, body[:size]
    if not header or not plain.ends_in_zeros():
        raise BundleRefused("BND002", "the bundle is not a readable tar archive", _NEXT)


class _Plain:
    """The bytes inside the gzip, unfolded no further than they are asked for."""

    def __init__(self, data: bytes, limits: Limits) -> None:
        if len(data) > limits.packed_bytes:
            raise _over("more packed bytes than", limits.packed_bytes)
        if not data.startswith(_GZIP_HEADER):
            raise BundleRefused("BND002", "the bundle is not readable gzip", _NEXT)
        self._packed, self._read = memoryview(data), 0
        self._allowed = min(limits.unpacked_bytes, max(2**20, len(data) * limits.ratio))
        self._unfolded = 0
        self._inflater = zlib.decompressobj(16 + zlib.MAX_WBITS)
        self._ready, self._at = b"", 0

    def take(self, size: int) -> bytes:
        """The next bytes; fewer where the archive ends."""
        if len(self._ready) - self._at < size:
            parts = [self._ready[self._at :]]
            held = len(parts[0])
            while held < size and (part := self._unfold()):
                parts.append(part)
                held += len(part)
            self._ready, self._at = b"".join(parts), 0
        start, self._at = self._at, self._at + size
        return self._ready[start : self._at]

    def ends_in_zeros(self) -> bool:
        """True when nothing but zeros is left; refuses what is no whole gzip."""
        clean = True
        while rest := self.take(_STEP):
            clean = clean and not rest.strip(b"\0")
        if not self._inflater.eof or self._inflater.unused_data or self._read < len(self._packed):
            raise BundleRefused("BND002", "the bundle is cut short or has a tail", _NEXT)
        return clean

    def _unfold(self) -> bytes:
        """Some more bytes, none at the end."""
        plain = b""
        while not plain and not self._inflater.eof:
            packed: bytes | memoryview = self._inflater.unconsumed_tail
            if not packed:
                packed = self._packed[self._read : self._read + _STEP]
                self._read += len(packed)
            try:
                plain = self._inflater.decompress(packed, _STEP)
            except zlib.error as error:
                raise BundleRefused("BND002", "the bundle is not readable gzip", _NEXT) from error
            if not plain and not packed:
                break
        self._unfolded += len(plain)
        if self._unfolded > self._allowed:
            raise _over("more unpacked bytes than", self._allowed)
        return plain


def _fixed(header: bytes) -> tuple[bytes, ...]:
    """The fields that are the same in every header: all but name, size and checksum."""
    return header[100:124], header[136:148], header[156:345], header[500:]


_FIXED = _fixed(block("a", b""))


def _read_header(header: bytes, seen: Collection[str]) -> tuple[str, int]:
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
