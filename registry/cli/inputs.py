"""A prompt's inputs as they are given on a command line: words, files, or a case of a suite.

It must never guess a type: the variable's own schema says whether a word is text or JSON.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path

from registry.authoring.catalog import Catalog
from registry.authoring.parse import read_yaml
from registry.errors import Usage
from registry.evaluation.inline import read_inline
from registry.evaluation.records import Case
from registry.evaluation.suite import read_suites
from serve.core.model import Json


def case_of(catalog: Catalog, prompt: str, case: str) -> Case:
    """A case of a prompt's suites, or a row of its test data by id or number (from 1).

    Raises:
        Usage: INP006 when there is none such.
    """
    suites, _ = read_suites(catalog)
    inline = read_inline(catalog, prompt)
    rows = inline.cases if inline is not None else {}
    in_files = [it for it in suites if it.prompt == prompt and (inline is None or it != inline.suite)]
    cases = [found for suite in in_files for found in suite.cases] + [*rows.values()]
    for found in cases:
        if found.id == case:
            return found
    if case.isdecimal() and len(case) < 10 and int(case) in rows:
        return rows[int(case)]
    known = (
        ", ".join(found.id for found in cases[:5]) or "none; promptyard lint shows suites that cannot be read"
    )
    more = f" and {len(cases) - 5} more" if len(cases) > 5 else ""
    raise Usage("INP006", f"no suite of {prompt} has a case {case}", f"Cases are: {known}{more}.")


def inputs_of_file(path: Path) -> dict[str, Json]:
    """The inputs in a JSON or YAML file; raises Usage (INP005) when it holds no mapping."""
    document, findings = read_yaml(str(path), path.read_bytes())
    if document is None:
        finding = findings[0]
        raise Usage("INP005", f"{finding.place} {finding.message.rstrip('.')}", finding.hint)
    if not isinstance(document.data, dict):
        raise Usage("INP005", f"{path} holds no mapping", "Write one key for each variable.")
    return document.data


def inputs_of_words(words: Sequence[str], schemas: Mapping[str, Mapping[str, Json]]) -> dict[str, Json]:
    """Inputs written ``name=value``, ``name=@file`` or, for what is not text, ``name=JSON``.

    Raises:
        Usage: INP004 for a word of another form, a file that cannot be read, or a value that is not JSON.
    """
    return dict(_input(word, schemas) for word in words)


def _input(word: str, schemas: Mapping[str, Mapping[str, Json]]) -> tuple[str, Json]:
    name, equals, value = word.partition("=")
    if not name or not equals:
        raise Usage(
            "INP004", f"an input is written {word.split()[0] if word.split() else ''}", "Write name=value."
        )
    text = _file(name, value[1:]) if value.startswith("@") else value
    if name not in schemas or schemas[name].get("type") == "string":
        return name, text if name in schemas else _json_or_text(text)
    try:
        return name, json.loads(text)
    except ValueError as error:
        kind = schemas[name].get("type", "JSON value")
        example = {"array": f'\'{name}=["a", "b"]\'', "object": f"'{name}={{\"key\": 1}}'"}.get(
            str(kind), f"{name}=1"
        )
        raise Usage(
            "INP004", f"the input {name} must be written as JSON ({kind})", f"For example {example}."
        ) from error


def _json_or_text(text: str) -> Json:
    try:
        return json.loads(text)
    except ValueError:
        return text


def _file(name: str, path: str) -> str:
    try:
        return Path(path).read_text(encoding="utf-8").removesuffix("\n")
    except (OSError, UnicodeDecodeError) as error:
        what = f"the file {path} of input {name} cannot be read as text"
        raise Usage("INP004", what, "Name a UTF-8 file after the @.") from error
