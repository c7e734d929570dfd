"""Messages with GitHub's text as templates of ours.

It must never leave out a message that says something: what cannot be read stays, for the schema to name its fault.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from registry.authoring.github.drift import Topic
from registry.authoring.github.text import Names, Spot, translate
from registry.authoring.parse import Steps
from serve.core.model import Json

Tell = Callable[[Topic, Steps, Spot | None, str, str], None]  # a spot lies in the text at the steps
_KEYS = ("id", "role", "content", "allowUntrusted", "history")
_ROLES = {"developer": "system", "model": "assistant", "human": "user"}
_PARTS = ("text", "image", "file")
_MOST = 10  # pieces of one text that are told each
_TO_RUN = "To have it run, begin the file with promptyard: 1 and declare its variables under inputs."


class Messages:
    """Reads the texts of one file; ``uses`` has our name of a variable once for each place where it stands."""

    def __init__(self, names: Names, tell: Tell) -> None:
        self._names = names
        self._tell = tell
        self.uses: list[str] = []
        self.characters = 0

    def messages(self, written: list[Json]) -> list[tuple[int, Json]]:
        """Each message that is kept, with its place in the file."""
        kept: list[tuple[int, Json]] = []
        for index, item in enumerate(written):
            if not isinstance(item, Mapping) or "history" in item:
                kept.append((index, item))
            elif item.get("content") in (None, "", []) and "content" in item:
                self._tell("message", ("messages", index), None, "The message is empty, so it is left out.",
                           "Write its text, or remove it.")  # fmt: skip
            else:
                kept.append((index, self._message(index, item)))
        return kept

    def content(self, written: Json, steps: Steps) -> Json:
        """A text, or the texts of a list of parts, as templates; anything else as it is."""
        if isinstance(written, str):
            return self._text(written, steps)
        if not isinstance(written, list):
            return written
        return [
            {key: self._text(value, (*steps, index, key)) if key in _PARTS and isinstance(value, str) else value
             for key, value in part.items()} if isinstance(part, Mapping) else part
            for index, part in enumerate(written)
        ]  # fmt: skip

    def _message(self, index: int, item: Mapping[str, Json]) -> Json:
        steps: Steps = ("messages", index)
        message = {key: value for key, value in item.items() if key in _KEYS}
        for key in [key for key in item if key not in message]:
            self._tell("key", (*steps, key), None, f"{key} is no key of a message, so nothing reads it.",
                       f"Remove {key}, or make it a comment.")  # fmt: skip
        if "role" in message:
            message["role"] = self._role(message["role"], (*steps, "role"))
        if "content" in message:
            message["content"] = self.content(message["content"], (*steps, "content"))
        return message

    def _role(self, written: Json, steps: Steps) -> Json:
        if not isinstance(written, str):
            return written
        role = _ROLES.get(written.lower(), written.lower())
        if role == written or role not in ("system", "user", "assistant"):
            return written
        self._tell("message", steps, None, f"The role {written} is {role} here.", f"Write role: {role}.")
        return role

    def _text(self, text: str, steps: Steps) -> str:
        made = translate(text, self._names)
        self.uses += made.variables
        self.characters += len(text)
        for spot in made.spaced[:_MOST]:
            bare = spot.text.replace(" ", "").replace("\t", "")
            what = f"GitHub fills in {bare} only without spaces; here both are filled in."
            self._tell("text", steps, spot, what, f"Write {bare}.")
        more = f" So are {len(made.code) - _MOST} more pieces of this text." if len(made.code) > _MOST else ""
        for spot in made.code[:_MOST]:
            what = f"{spot.text} is text, as it is on GitHub: nothing is run or filled in.{more}"
            self._tell("text", steps, spot, what, _TO_RUN)
        return made.template
