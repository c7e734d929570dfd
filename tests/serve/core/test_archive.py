from __future__ import annotations

import gzip
import io
import sys
import tarfile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from serve.core import archive
from serve.core.errors import BundleRefused

NAMES = st.from_regex(r"[a-z][a-z0-9-]{0,8}(/[a-z][a-z0-9-]{0,8}){0,2}\.json", fullmatch=True)


def packed_by_tar(*members: tuple[tarfile.TarInfo, bytes]) -> bytes:
    plain = io.BytesIO()
    with tarfile.open(fileobj=plain, mode="w") as tar:
        for info, body in members:
            info.size = len(body)
            tar.addfile(info, io.BytesIO(body))
    squeezed = bytearray(gzip.compress(plain.getvalue(), mtime=0))
    squeezed[8:10] = b"\x02\xff"
    return bytes(squeezed)


@given(st.dictionaries(NAMES, st.binary(max_size=200), max_size=8))
def test_files_survive_packing_and_equal_files_give_equal_bytes(files):
    data = archive.pack(files)
    assert archive.unpack(data) == files
    assert archive.pack(dict(reversed(files.items()))) == data


def test_any_gzip_reader_opens_the_archive():
    with tarfile.open(fileobj=io.BytesIO(archive.pack({"a/b.json": b"{}"})), mode="r:gz") as tar:
        assert tar.getnames() == ["a/b.json"]


@pytest.mark.parametrize(
    ("limits", "word"),
    [
        (archive.Limits(packed_bytes=10), "packed"),
        (archive.Limits(unpacked_bytes=1024), "unpacked"),
        (archive.Limits(files=1), "files"),
        (archive.Limits(file_bytes=3), "file of more bytes"),
    ],
)
def test_each_limit_is_kept(limits, word):
    with pytest.raises(BundleRefused, match=word) as caught:
        archive.unpack(archive.pack({"a.json": b"12345", "b.json": b"x"}), limits)
    assert caught.value.code == "BND001"


def test_a_decompression_bomb_is_refused_before_it_unfolds():
    bomb = archive.pack({"a.json": bytes(15 * 2**20)})
    assert len(bomb) < 20_000
    with pytest.raises(BundleRefused, match="unpacked bytes"):
        archive.unpack(bomb)


@pytest.mark.parametrize("name", ["../evil", "/etc/passwd", "a/../b", ".hidden", "a//b", "a\\b"])
def test_a_name_that_could_leave_the_folder_is_refused(name):
    with pytest.raises(BundleRefused, match="unsafe name"):
        archive.unpack(packed_by_tar((tarfile.TarInfo(name), b"x")))


def test_a_link_is_refused():
    link = tarfile.TarInfo("a.json")
    link.type = tarfile.SYMTYPE
    link.linkname = "/etc/passwd"
    with pytest.raises(BundleRefused, match="link"):
        archive.unpack(packed_by_tar((link, b"")))


def test_a_doubled_name_is_refused():
    with pytest.raises(BundleRefused, match="doubled"):
        archive.unpack(packed_by_tar((tarfile.TarInfo("a.json"), b"x"), (tarfile.TarInfo("a.json"), b"y")))


def test_every_truncation_is_refused():
    data = archive.pack({"a.json": b"12345"})
    for end in range(len(data)):
        with pytest.raises(BundleRefused):
            archive.unpack(data[:end])


def test_a_tail_is_refused():
    with pytest.raises(BundleRefused, match="tail"):
        archive.unpack(archive.pack({"a.json": b"1"}) + b"x")


def test_bytes_that_are_not_a_tar_are_refused():
    with pytest.raises(BundleRefused):
        archive.unpack(b"not an archive at all")


@given(st.integers(0, 511), st.integers(1, 255))
def test_no_byte_of_a_header_can_be_changed(place, change):
    plain = bytearray(gzip.decompress(archive.pack({"a/b.json": b"12345"})))
    plain[place] ^= change
    squeezed = bytearray(gzip.compress(bytes(plain), mtime=0))
    squeezed[8:10] = b"\x02\xff"
    with pytest.raises(BundleRefused):
        archive.unpack(bytes(squeezed))


def test_a_long_name_is_kept_whole():
    name = f"{'folder/' * 14}{'n' * 90}.json"
    assert archive.unpack(archive.pack({name: b"1"})) == {name: b"1"}


def test_an_archive_without_its_end_is_refused():
    plain = gzip.decompress(archive.pack({"a.json": b"12345"}))
    squeezed = bytearray(gzip.compress(plain[:1024], mtime=0))
    squeezed[8:10] = b"\x02\xff"
    with pytest.raises(BundleRefused, match="readable tar"):
        archive.unpack(bytes(squeezed))


@pytest.mark.parametrize(
    "name", ["a.json", "prompts/support/triage.json", f"{'folder/' * 14}{'n' * 90}.json"]
)
def test_a_header_is_the_one_that_the_standard_library_reads_and_writes(name):
    info = tarfile.TarInfo(name)
    info.size, info.mode = 5, 0o644
    made = archive.block(name, b"12345")
    read = tarfile.TarInfo.frombuf(made[:512], "ascii", "strict")
    assert read.get_info() == info.get_info() | {"chksum": read.chksum}
    assert len(made) == 1024
    if sys.version_info[:2] == (3, 11):
        assert made[:512] == info.tobuf(tarfile.USTAR_FORMAT)


def test_a_name_that_no_header_has_room_for_is_not_packed():
    with pytest.raises(ValueError, match="too long"):
        archive.pack({"n" * 101: b""})
