from __future__ import annotations

import contextlib
import json
from dataclasses import replace

import pytest
from support.bundles import OUTPUT, bundle, prompt, text, tool_reference

from serve.core import archive
from serve.core.bundle import entry_digest, pack, unpack
from serve.core.digest import canonical, digest, sha256
from serve.core.errors import BundleRefused
from serve.core.model import Reference


def whole():
    full = prompt(text("user", "Hi {{ name }}"), name="a/b", tools=(tool_reference(),), output=OUTPUT)
    return bundle(full, prompt())


def repacked(change):
    files = archive.unpack(pack(whole()))
    change(files)
    return archive.pack(files)


def test_a_bundle_survives_packing():
    assert unpack(pack(whole())) == whole()


def test_packing_the_same_bundle_twice_gives_equal_bytes():
    assert pack(whole()) == pack(whole())


def test_the_content_digest_does_not_know_the_release_number():
    one, two = bundle(release=1).manifest, bundle(release=2).manifest
    assert one.content_sha256 == two.content_sha256
    assert pack(bundle(release=1)) != pack(bundle(release=2))


def test_every_flipped_bit_is_refused_or_changes_nothing():
    # Deflate may say the same zeros in two ways, so a few flips decompress to the very same files.
    data = pack(bundle())
    for position in range(len(data) * 8):
        broken = bytearray(data)
        broken[position // 8] ^= 1 << position % 8
        with contextlib.suppress(BundleRefused):
            assert unpack(bytes(broken)) == bundle()


def test_an_entry_that_differs_from_its_digest_is_refused():
    def change(files):
        files["prompts/a/b.json"] = files["prompts/a/b.json"].replace(b"Hi", b"Yo")

    with pytest.raises(BundleRefused, match="not what the manifest pins"):
        unpack(repacked(change))


def test_a_file_that_the_manifest_does_not_name_is_refused():
    with pytest.raises(BundleRefused, match=r"disagree about prompts/evil\.json"):
        unpack(repacked(lambda files: files.update({"prompts/evil.json": b"{}"})))


def test_a_missing_manifest_is_refused():
    with pytest.raises(BundleRefused, match="no manifest"):
        unpack(repacked(lambda files: files.pop("manifest.json")))


def test_a_newer_format_asks_for_an_upgrade():
    def change(files):
        manifest = json.loads(files["manifest.json"])
        files["manifest.json"] = canonical(manifest | {"format": 2})

    with pytest.raises(BundleRefused, match="Upgrade promptyard") as caught:
        unpack(repacked(change))
    assert caught.value.code == "BND005"


def test_a_reference_to_another_digest_is_refused():
    odd = replace(prompt(), model=Reference("models/chat", "0" * 64))
    with pytest.raises(BundleRefused, match="not held as pinned"):
        unpack(pack(bundle(odd)))


def test_the_digest_of_an_entry_is_the_one_in_the_manifest():
    made = whole()
    pinned = {entry.path: entry.sha256 for entry in made.manifest.entries}
    assert pinned["prompts/a/b.json"] == entry_digest(made.prompts["a/b"])


def test_a_file_outside_every_folder_is_refused_even_where_the_manifest_names_it():
    def change(files):
        manifest = json.loads(files["manifest.json"])
        manifest["entries"].append({"path": "stray", "sha256": sha256(b"{}"), "sizeBytes": 2})
        manifest["contentSha256"] = digest(manifest["entries"])
        files |= {"stray": b"{}", "manifest.json": canonical(manifest)}

    with pytest.raises(BundleRefused, match="the bundle holds stray, a kind unknown here"):
        unpack(repacked(change))
