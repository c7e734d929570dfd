"""What an editor makes of our files: the schema that the first line names is there, holds, and can be completed from."""

from __future__ import annotations

import json
import posixpath
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml
from jsonschema import Draft7Validator
from referencing import Registry, Resource

from registry.authoring.drafts import DRAFTS, draft
from registry.authoring.kinds import KINDS
from registry.authoring.parse import read_yaml
from registry.authoring.scaffold import scaffold

ROOT = Path(__file__).parents[2]
SCHEMAS = {
    place.name: json.loads(place.read_text(encoding="utf-8")) for place in (ROOT / "schemas").glob("*.json")
}
FILES = [ROOT / "promptyard.yaml", *sorted((ROOT / "prompts").rglob("*.yaml"))]
FIRST_LINE = re.compile(r"# yaml-language-server: \$schema=(\S+)\n")
COMPLETED = {  # what yaml-language-server and the JetBrains IDEs complete and check from, draft 7 and their own two
    "$schema", "$id", "$ref", "title", "description", "examples", "default", "definitions", "type", "enum", "const",
    "properties", "additionalProperties", "propertyNames", "required", "minProperties", "maxProperties",
    "items", "minItems", "maxItems", "uniqueItems", "contains", "pattern", "minLength", "maxLength",
    "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "allOf", "anyOf", "oneOf", "not", "if", "then", "else",
    "errorMessage", "patternErrorMessage",
}  # fmt: skip
REGISTRY = Registry().with_resources(
    [(name, Resource.from_contents(schema)) for name, schema in SCHEMAS.items()]
    + [("http://json-schema.org/draft-07/schema", Resource.from_contents(Draft7Validator.META_SCHEMA))]
)


def keywords(schema: Any, at: str = "") -> Iterator[tuple[str, str]]:
    """Every keyword with its place; below properties and definitions stand names, elsewhere values."""
    if not isinstance(schema, Mapping):
        return
    for key, inner in schema.items():
        yield key, f"{at}/{key}"
        if key in ("properties", "definitions"):
            for name, each in inner.items():
                yield from keywords(each, f"{at}/{key}/{name}")
        elif key in ("allOf", "anyOf", "oneOf"):
            for each in inner:
                yield from keywords(each, f"{at}/{key}")
        elif key not in ("examples", "enum", "const", "default", "required"):
            yield from keywords(inner, f"{at}/{key}")


def wrong(text: str, schema: str) -> list[str]:
    document, findings = read_yaml("file", text.encode())
    assert document is not None, findings
    errors = Draft7Validator(SCHEMAS[schema], registry=REGISTRY).iter_errors(document.data)
    return [f"{list(error.absolute_path)} {error.message}" for error in errors]


@pytest.mark.parametrize("name", SCHEMAS)
def test_a_schema_keeps_to_what_editors_know(name: str) -> None:
    assert [at for key, at in keywords(SCHEMAS[name]) if key not in COMPLETED] == []


@pytest.mark.parametrize("name", SCHEMAS)
def test_a_reference_is_found_beside_the_file_as_an_editor_looks_for_it(name: str) -> None:
    text = (ROOT / "schemas" / name).read_text(encoding="utf-8")
    named = set(re.findall(r'"\$ref": "([^"#]+)#?', text))
    assert named - {"http://json-schema.org/draft-07/schema"} <= set(SCHEMAS)


@pytest.mark.parametrize("place", FILES, ids=lambda place: place.relative_to(ROOT).as_posix())
def test_the_first_line_of_every_file_leads_to_the_schema_of_its_kind_and_it_holds(place: Path) -> None:
    text = place.read_text(encoding="utf-8")
    named = FIRST_LINE.match(text)
    assert named is not None
    schema = (place.parent / named[1]).resolve()
    kind = next((kind.name for kind in KINDS if place.name.endswith(kind.suffix)), "settings")
    assert schema == ROOT / "schemas" / f"{kind}.schema.json"
    assert wrong(text, schema.name) == []


@pytest.mark.parametrize("kind", DRAFTS)
def test_a_new_file_leads_to_its_schema_and_it_holds(kind: str) -> None:
    path, data = draft(kind, "team/deep/one", content="prompts", model="models/m")
    named = FIRST_LINE.match(data.decode())
    assert named is not None
    assert posixpath.normpath(f"{posixpath.dirname(path)}/{named[1]}") == f"schemas/{kind}.schema.json"
    assert wrong(data.decode(), f"{kind}.schema.json") == []


def test_all_that_init_writes_leads_to_schemas_that_it_writes_too(tmp_path: Path) -> None:
    for path in scaffold(tmp_path).written:
        named = FIRST_LINE.match((tmp_path / path).read_text("utf-8")) if path.endswith(".yaml") else None
        if named is not None:
            assert ((tmp_path / path).parent / named[1]).is_file()


def test_the_hooks_that_this_repository_offers_name_commands_that_are_there() -> None:
    hooks = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text(encoding="utf-8"))
    assert [hook["entry"] for hook in hooks] == [
        "promptyard fmt",
        "promptyard fmt --check",
        "promptyard lint",
    ]
    for hook in hooks:
        assert re.search(hook["files"], "prompts/support/triage.prompt.yaml")
        assert re.search(hook["files"], "promptyard.yaml")
