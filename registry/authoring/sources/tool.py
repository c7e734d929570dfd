"""A tool as written: one field for each key of ``tool.schema.json``.

It must never hold code: a tool is a declaration, the service owns what it does.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from serve.core.model import Json, Tool


@dataclass(frozen=True, slots=True)
class ToolSource:
    """The whole of a ``*.tool.yaml``."""

    promptyard: int
    name: str
    description: str
    parameters: Mapping[str, Json]

    def resolved(self, entry_id: str) -> Tool:
        """The entry that goes into the bundle."""
        return Tool(entry_id, self.name, self.description, self.parameters)
