"""The one table of file kinds: suffix, schema, type.

Kind hangs on the suffix, never on the folder, so that folders can belong to teams.
It must never grow a kind that nothing reads.
"""

from __future__ import annotations

from dataclasses import dataclass

from registry.authoring.sources.guardrail import GuardrailSource
from registry.authoring.sources.model import ModelSource
from registry.authoring.sources.prompt import PromptSource
from registry.authoring.sources.tool import ToolSource


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of file.

    Attributes:
        name: the noun in its suffix.
        source: its type; None where a later storey reads the document itself.
        foreign: suffixes under which others write such files.
    """

    name: str
    source: type | None
    foreign: tuple[str, ...] = ()

    @property
    def suffix(self) -> str:
        """What such a file's name ends with."""
        return f".{self.name}.yaml"

    @property
    def schema(self) -> str:
        """File name of its JSON Schema."""
        return f"{self.name}.schema.json"

    def stem(self, path: str) -> str:
        """A path of this kind without its suffix."""
        return path.removesuffix(next(s for s in (self.suffix, *self.foreign) if path.endswith(s)))


KINDS = (
    Kind("prompt", PromptSource, (".prompt.yml",)),
    Kind("model", ModelSource),
    Kind("guardrail", GuardrailSource),
    Kind("tool", ToolSource),
    Kind("suite", None),
)


_BY_ENDING = {ending: kind for kind in KINDS for ending in (kind.suffix, *kind.foreign)}


def kind_of(path: str) -> Kind | None:
    """The kind of a file by its suffix, or None when it is none of ours."""
    dot = path.rfind(".", 0, max(path.rfind("."), 0))
    return _BY_ENDING.get(path[dot:]) if dot >= 0 else None
