"""Plain values to the YAML of this house: what ``parse`` reads back is what was given.

Prose goes into text blocks, short leaves onto one line, and everything our own reader would take for
something else into quotes.
It must never write a file whose reading differs from its value.
"""

from __future__ import annotations

import re
from typing import Any

import yaml

from registry.authoring.format import format_file
from registry.authoring.parse import Document, read_yaml
from serve.core.model import Json

_PLAIN = re.compile(r"[A-Za-z_/(][^\x00-\x1f\x7f-\x9f\u2028\u2029\ufeff:#\[\]{},&*!|>'\"%@`\\]*\Z")
_FLOW_COLUMNS = 96


def to_yaml(value: Json, *, schema: str | None = None) -> str:
    """A value as a YAML file.

    Args:
        value: plain JSON; the order of keys is kept.
        schema: the path of its JSON Schema, for the first-line comment that editors read.

    Raises:
        ValueError: for a value that the reader would not give back, such as text with a NUL.
    """
    text: str = yaml.dump(
        value,
        Dumper=_Dumper,
        allow_unicode=True,
        sort_keys=False,
        width=_FLOW_COLUMNS,
        default_flow_style=False,
    )
    document, findings = read_yaml("value", text.encode("utf-8", "surrogatepass"))
    if not isinstance(document, Document) or document.data != value:
        problem = findings[0].message if findings else "it would read differently"
        raise ValueError(f"the value cannot be written as YAML: {problem}")
    headed = text if schema is None else f"# yaml-language-server: $schema={schema}\n{text}"
    return format_file("value", headed.encode()).data.decode()


class _Dumper(yaml.SafeDumper):
    """The writer of PyYAML, with sequences indented below their key and no aliases."""

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:  # noqa: ARG002
        super().increase_indent(flow, False)

    def ignore_aliases(self, data: Any) -> bool:  # noqa: ARG002  # PyYAML's signature
        return True


def _text(dumper: _Dumper, value: str) -> yaml.ScalarNode:
    return dumper.represent_scalar("tag:yaml.org,2002:str", value, style=_style(value))


def _style(value: str) -> str | None:
    if "\n" in value and _fits_a_block(value):
        return "|"
    return None if _PLAIN.match(value) and value == value.strip() and not _is_special(value) else '"'


def _fits_a_block(value: str) -> bool:
    printable = all(char == "\n" or char == "\t" or char.isprintable() for char in value)
    return (
        printable and bool(value.strip("\n ")) and "\t" not in value[:1] and not value.startswith(("\n", " "))
    )


def _is_special(value: str) -> bool:
    return value.lower() in {"null", "true", "false", "yes", "no", "on", "off", "y", "n"}


def _mapping(dumper: _Dumper, value: dict[str, Json]) -> yaml.MappingNode:
    return dumper.represent_mapping("tag:yaml.org,2002:map", value.items(), flow_style=_is_short(value))


def _sequence(dumper: _Dumper, value: list[Json]) -> yaml.SequenceNode:
    return dumper.represent_sequence("tag:yaml.org,2002:seq", value, flow_style=_is_short(value))


def _is_short(value: Json) -> bool:
    """True for what reads best on one line: a small list or mapping of leaves, or an empty one."""
    leaves = list(value.values()) if isinstance(value, dict) else list(value)
    if any(isinstance(leaf, dict | list) and leaf for leaf in leaves):
        return False
    if any(isinstance(leaf, str) and "\n" in leaf for leaf in leaves):
        return False
    return len(str(value)) <= _FLOW_COLUMNS - 24


_Dumper.add_representer(str, _text)
_Dumper.add_representer(dict, _mapping)
_Dumper.add_representer(list, _sequence)
