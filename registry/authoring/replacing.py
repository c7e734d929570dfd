"""One text of a file gets another value; every comment stays, and the file is in its one form afterwards.

It must never give back a file that it cannot prove to say the same but for that value.
"""

from __future__ import annotations

import copy
import json

from registry.authoring.format import key_order
from registry.authoring.layout import set_page
from registry.authoring.parse import Document, Steps, read_yaml
from registry.authoring.syntax import Collection, Scalar, comments_of, read_page
from registry.errors import Usage


def replace_text(path: str, data: bytes, steps: Steps, text: str) -> bytes:
    """The file with a text at the place that steps lead to, whatever leaf stood there.

    Raises:
        Usage: EDT001 when the place is not there, or the file cannot be written so that it says just that.
    """
    document, _ = read_yaml(path, data)
    source = data.decode("utf-8", "replace").removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
    page = read_page(source) if document is not None else None
    if document is None or page is None or not _put(page.root, steps, text):
        raise _unfit(path, steps)
    made = set_page(page, key_order(path, source))
    if not _says_just_that(document, made, steps, text) or comments_of(made) != comments_of(source):
        raise _unfit(path, steps)
    return made.encode()


def _put(node: Collection, steps: Steps, text: str) -> bool:
    for at, step in enumerate(steps):
        entry = next(
            (
                entry
                for index, entry in enumerate(node.entries)
                if (entry.key.value if node.mapping and entry.key is not None else index) == step
            ),
            None,
        )
        if entry is None:
            return False
        if at == len(steps) - 1:
            if isinstance(entry.node, Collection):
                return False
            entry.node = Scalar(text, '"', json.dumps(text, ensure_ascii=False))
            return True
        if not isinstance(entry.node, Collection):
            return False
        node = entry.node
    return False


def _says_just_that(document: Document, made: str, steps: Steps, text: str) -> bool:
    again, _ = read_yaml(document.path, made.encode())
    wanted = copy.deepcopy(document.data)
    inner = wanted
    for step in steps[:-1]:
        inner = inner[step]
    inner[steps[-1]] = text
    return again is not None and json.dumps(again.data, sort_keys=True) == json.dumps(wanted, sort_keys=True)


def _unfit(path: str, steps: Steps) -> Usage:
    place = ".".join(map(str, steps))
    return Usage("EDT001", f"{path}: {place} cannot be written from here", "Write it by hand.")
