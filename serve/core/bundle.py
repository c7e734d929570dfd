"""The bundle: the only door between the registry and a service.

Entries become files named by kind and id, the manifest pins each by digest, and reading checks all of it.
It must never parse an entry before its digest is checked, nor accept a file that the manifest does not name.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import chain
from typing import Any

from serve.core import archive
from serve.core.codec import ShapeError, from_json, to_json
from serve.core.digest import ListDigest, canonical, digest, sha256
from serve.core.errors import BundleRefused
from serve.core.model import Bundle, Entry, GuardrailSet, Json, Manifest, ModelConfig, Probe, Prompt, Tool

MANIFEST = "manifest.json"
FORMAT = 1
_NEXT = "Publish it again from Git; if this repeats, the store is damaged or hostile."


def no_rest() -> None:
    """Go on at once: nobody waits for this thread."""


@dataclass(frozen=True, slots=True)
class _Kind:
    folder: str
    cls: type


_KINDS = (
    _Kind("prompts", Prompt),
    _Kind("models", ModelConfig),
    _Kind("guardrails", GuardrailSet),
    _Kind("tools", Tool),
)


def entry_digest(entry: Any) -> str:
    """The digest of one resolved entry: SHA-256 of its canonical JSON, the same as of its file."""
    return digest(to_json(entry))


def assemble(
    *,
    release: int,
    commit: str,
    created: str,
    prompts: Mapping[str, Prompt],
    models: Mapping[str, ModelConfig],
    guardrails: Mapping[str, GuardrailSet] | None = None,
    tools: Mapping[str, Tool] | None = None,
    probes: Iterable[Probe] = (),
    evidence_sha256: str | None = None,
) -> Bundle:
    """A bundle of resolved entries with the manifest that pins them.

    ``created`` is an ISO 8601 time in UTC, taken from the commit so that one commit gives one bundle.
    """
    held = {"prompts": prompts, "models": models, "guardrails": guardrails or {}, "tools": tools or {}}
    files = _entry_files(held)
    entries = tuple(Entry(path, sha256(files[path]), len(files[path])) for path in sorted(files))
    manifest = Manifest(
        release=release,
        commit=commit,
        created=created,
        content_sha256=digest([to_json(entry) for entry in entries]),
        entries=entries,
        probes=tuple(probes),
        evidence_sha256=evidence_sha256,
    )
    return Bundle(manifest=manifest, **held)  # type: ignore[arg-type]  # one mapping per kind, as in _KINDS


def pack(bundle: Bundle) -> bytes:
    """The bundle as bytes; equal bundles give equal bytes."""
    files = _entry_files({kind.folder: getattr(bundle, kind.folder) for kind in _KINDS})
    files[MANIFEST] = canonical(to_json(bundle.manifest))
    return archive.pack(files)


def unpack(
    data: bytes,
    limits: archive.Limits = archive.Limits(),
    previous: Bundle | None = None,
    rest: Callable[[], None] = no_rest,
) -> Bundle:
    """The bundle that some bytes hold, every entry checked against the manifest before it is parsed.

    Args:
        data: the packed bundle.
        limits: what it may unpack to.
        previous: a bundle whose entries of equal digest are taken over instead of being parsed again.
        rest: called between two entries, where other threads may go first.

    Raises:
        BundleRefused: BND001 limits, BND002 not an archive, BND003 digest or shape, BND005 a newer format.
    """
    manifest, files = _manifest_first(archive.files(data, limits), rest)
    pins = {entry.path: entry for entry in manifest.entries}
    known = {} if previous is None else _by_digest(previous)
    held: dict[str, dict[str, Any]] = {kind.folder: {} for kind in _KINDS}
    for path, body in files:
        rest()
        pin = pins.pop(path, None)
        if pin is None:
            raise BundleRefused("BND003", f"manifest and archive disagree about {path}", _NEXT)
        if pin.size_bytes != len(body) or pin.sha256 != sha256(body):
            raise BundleRefused("BND003", f"{path} is not what the manifest pins", _NEXT)
        entry = known.get((path, pin.sha256)) or _entry(path, body)
        held[path.partition("/")[0]][entry.id] = entry
    if pins:
        raise BundleRefused("BND003", f"manifest and archive disagree about {min(pins)}", _NEXT)
    bundle = Bundle(manifest=manifest, **held)
    _check_references(bundle, rest)
    return bundle


def _by_digest(bundle: Bundle) -> dict[tuple[str, str], Any]:
    entries = {f"{kind.folder}/{name}.json": entry for kind in _KINDS for name, entry in _held(bundle, kind)}
    return {(entry.path, entry.sha256): entries[entry.path] for entry in bundle.manifest.entries}


def _held(bundle: Bundle, kind: _Kind) -> Iterable[tuple[str, Any]]:
    entries: Mapping[str, Any] = getattr(bundle, kind.folder)
    return entries.items()


def _entry_files(held: Mapping[str, Mapping[str, Any]]) -> dict[str, bytes]:
    return {
        f"{folder}/{name}.json": canonical(to_json(entry))
        for folder, entries in held.items()
        for name, entry in entries.items()
    }


def _manifest_first(
    files: Iterator[tuple[str, bytes]], rest: Callable[[], None]
) -> tuple[Manifest, Iterator[tuple[str, bytes]]]:
    """The manifest, and every other file; the few that lie before it are held back unread."""
    before: list[tuple[str, bytes]] = []
    for path, body in files:
        if path == MANIFEST:
            return _read_manifest(body, rest), chain(before, files)
        rest()
        before.append((path, body))
    raise BundleRefused("BND002", "the bundle has no manifest", _NEXT)


def _entry(path: str, body: bytes) -> Any:
    folder, _, name = path.partition("/")
    kind = next((kind for kind in _KINDS if kind.folder == folder), None)
    if kind is None:
        raise BundleRefused("BND003", f"the bundle holds {path}, a kind unknown here", "Upgrade promptyard.")
    entry = _typed(kind.cls, _json(body, path), path)
    if f"{entry.id}.json" != name:
        raise BundleRefused("BND003", f"{path} holds the entry {entry.id}", _NEXT)
    return entry


def _read_manifest(body: bytes, rest: Callable[[], None]) -> Manifest:
    data = _json(body, MANIFEST)
    if isinstance(data, dict) and data.get("format", 1) != FORMAT:
        raise BundleRefused("BND005", f"the bundle has format {data['format']!r}", "Upgrade promptyard here.")
    pins = data.pop("entries", None) if isinstance(data, dict) else None
    if not isinstance(pins, list):
        raise _unreadable(MANIFEST)
    manifest: Manifest = _typed(Manifest, {**data, "entries": []}, MANIFEST)
    entries, seal = [], ListDigest()
    for pin in pins:
        rest()
        entries.append(_typed(Entry, pin, MANIFEST))
        seal.add(pin)
    if manifest.content_sha256 != seal.hex():
        raise BundleRefused("BND003", "the manifest's content digest does not fit its entries", _NEXT)
    return replace(manifest, entries=tuple(entries))


def _json(body: bytes, path: str) -> Any:
    try:
        return json.loads(body)
    except (ValueError, RecursionError) as error:
        raise _unreadable(path) from error


def _typed(cls: type[Any], data: Json, path: str) -> Any:
    try:
        return from_json(cls, data)
    except (ShapeError, RecursionError) as error:
        raise _unreadable(path) from error


def _unreadable(path: str) -> BundleRefused:
    return BundleRefused("BND003", f"{path} cannot be read", "Upgrade promptyard here, or publish again.")


def _check_references(bundle: Bundle, rest: Callable[[], None]) -> None:
    held: dict[str, Mapping[str, Any]] = {
        "model": bundle.models, "guardrail": bundle.guardrails, "tool": bundle.tools,
    }  # fmt: skip
    digests: dict[tuple[str, str], str] = {}
    for prompt in bundle.prompts.values():
        rest()
        wanted = [
            ("model", prompt.model),
            *(("model", variant.model) for variant in prompt.variants.values()),
        ]
        wanted += [("guardrail", ref) for ref in prompt.guardrails] + [("tool", ref) for ref in prompt.tools]
        for kind, ref in wanted:
            entry = held[kind].get(ref.id)
            if entry is not None and (kind, ref.id) not in digests:
                digests[kind, ref.id] = entry_digest(entry)
            if digests.get((kind, ref.id)) != ref.sha256:
                raise BundleRefused(
                    "BND003", f"{prompt.id} refers to {kind} {ref.id}, not held as pinned", _NEXT
                )
