"""From a model config to a folder of weights whose digest was checked before anything loads them.

Weights may lie in any revision of the repository; each set is copied once into a cache named by its digest.
It must never hand out a folder that was not verified, nor download what is not pinned to a revision.
"""

from __future__ import annotations

import hashlib
import json
import shutil
import tempfile
from collections.abc import Mapping
from pathlib import Path, PurePosixPath
from typing import Protocol

from registry.authoring.tree import Tree
from registry.authoring.weights import CARD, POINTER, folder_digest, folder_of
from registry.errors import EngineError, Usage
from registry.evaluation.engines.convert import convert as convert_hub
from registry.evaluation.engines.parity import Parity
from serve.core.codec import to_json
from serve.core.digest import sha256
from serve.core.model import ModelConfig, ModelKind, Weights

CONVERSION = 2  # goes up when the same model would be converted differently


class Converter(Protocol):
    """What turns a Hugging Face name at a revision into a folder of CTranslate2 weights."""

    def __call__(self, name: str, revision: str, target: Path, kind: ModelKind) -> Parity:
        """Write the converted model and its tokenizer into a new folder; says how near it is to the original."""
        ...


def digest_of(folder: Path) -> str:
    """The digest of a weights folder on disk."""
    files = (path for path in folder.rglob("*") if path.is_file())
    return folder_digest({path.relative_to(folder).as_posix(): _file_sha256(path) for path in files})


def materialise(
    tree: Tree, config: ModelConfig, model_path: str, cache: Path, *, convert: Converter = convert_hub
) -> tuple[Path, str]:
    """The verified folder of a model's weights, and its digest.

    Args:
        tree: where a ``weights.path`` is read from, at any revision.
        config: the model entry.
        model_path: path of the model file in the tree; the folder lies beside it.
        cache: folder for copies and conversions.
        convert: how Hugging Face weights become a folder; the real converter by default.

    Raises:
        Usage: WGT001 no weights named, WGT002 no such folder, WGT003 the digest differs, WGT004 not pinned.
        EngineError: WGT005 when a conversion fails, WGT006 when the cache cannot be written, WGT007 when a
            conversion would answer wrongly.
        MissingExtra: when the converter is not installed.
    """
    weights = config.weights
    if weights is None or (weights.path is None and weights.huggingface is None):
        what = f"model {config.id} names no weights"
        raise Usage("WGT001", what, f"Add weights: {{path: FOLDER, sha256: …}} to {model_path}.")
    if weights.path is not None:
        return _from_tree(tree, config.id, weights, model_path, cache)
    return _from_hub(config, weights, cache, convert)


def _from_tree(tree: Tree, model: str, weights: Weights, model_path: str, cache: Path) -> tuple[Path, str]:
    prefix = folder_of(model_path, str(weights.path))
    paths = [path for path in tree.paths(prefix) if PurePosixPath(path).is_relative_to(prefix)]
    files = {PurePosixPath(path).relative_to(prefix).as_posix(): tree.read(path) for path in paths}
    files.pop(CARD, None)
    if not files:
        where = f"at {tree.commit[:12]}" if tree.commit else "in the working copy"
        what = f"model {model}: the weights folder {prefix} is missing {where}"
        raise Usage("WGT002", what, f"Add the folder, or correct weights.path in {model_path}.")
    found = folder_digest({name: sha256(data) for name, data in files.items()})
    if weights.sha256 is not None and found != weights.sha256:
        raise _mismatch(
            model, weights.sha256, found, any(data.startswith(POINTER) for data in files.values())
        )
    target = cache / found
    if not target.is_dir():
        _place(target, files)
    return target, found


def _place(target: Path, files: Mapping[str, bytes]) -> None:
    with _scratch(target.parent) as scratch:
        try:
            for name, data in files.items():
                place = Path(scratch) / "weights" / name
                place.parent.mkdir(parents=True, exist_ok=True)
                place.write_bytes(data)
        except OSError as error:
            raise _not_written(error) from error
        publish(Path(scratch) / "weights", target)


def _from_hub(config: ModelConfig, weights: Weights, cache: Path, convert: Converter) -> tuple[Path, str]:
    model = config.id
    name, _, revision = str(weights.huggingface).partition("@")
    if not revision:
        what = f"model {model}: {name} is not pinned to a revision"
        raise Usage("WGT004", what, f"Write huggingface: {name}@REVISION, best a full commit id.")
    known = cache / "hub" / sha256(f"{name}@{revision} {CONVERSION}".encode())
    if not known.is_file() or not (cache / known.read_text("ascii")).is_dir():
        with _scratch(cache) as scratch:
            made = Path(scratch) / "weights"
            parity = convert(name, revision, made, config.kind)
            found = digest_of(made)
            publish(made, cache / found)
            # Beside the folder, not in it: the last digits differ between machines, the digest must not.
            told = {"model": f"{name}@{revision}", **to_json(parity)}
            (cache / f"{found}.parity.json").write_text(json.dumps(told, indent=2), "utf-8")
            (Path(scratch) / "digest").write_text(found, "ascii")
            known.parent.mkdir(exist_ok=True)
            (Path(scratch) / "digest").replace(known)
    found = known.read_text("ascii")
    if weights.sha256 is not None and found != weights.sha256:
        raise _mismatch(model, weights.sha256, found, pointer=False)
    return cache / found, found


def _scratch(cache: Path) -> tempfile.TemporaryDirectory[str]:
    try:
        cache.mkdir(parents=True, exist_ok=True)
        return tempfile.TemporaryDirectory(dir=cache, prefix="making-", ignore_cleanup_errors=True)
    except OSError as error:
        raise _not_written(error) from error


def _not_written(error: OSError) -> EngineError:
    what = f"the cache for weights cannot be written ({error.strerror})"
    return EngineError("WGT006", what, "Free some space, or check the folder's permissions.")


def publish(made: Path, target: Path) -> None:
    """One rename, so that a folder is there as a whole or not at all; who comes second takes the first's."""
    try:
        made.replace(target)
    except OSError:
        if not target.is_dir():
            raise
        shutil.rmtree(made, ignore_errors=True)


def _mismatch(model: str, wanted: str, found: str, pointer: bool) -> Usage:
    what = f"model {model}: the weights have digest {found[:12]}…, the model file says {wanted[:12]}…"
    if pointer:
        return Usage("WGT003", f"{what}; they are Git LFS pointers", "Run git lfs pull, then try again.")
    return Usage("WGT003", what, f"Restore the files, or write sha256: {found} if the change is meant.")


def _file_sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
