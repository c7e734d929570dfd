"""The roles of an imported conversation: those we have, in an order that every provider takes.

It must never change who speaks untold.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from registry.importing.port import Note
from serve.core.model import Json

HISTORY = "conversation"
_WORD = re.compile(rf"\b{HISTORY}\b")
_ROLES: Mapping[str, str] = {
    "": "system",
    **dict.fromkeys(("system", "developer"), "system"),
    **dict.fromkeys(("user", "human"), "user"),
    **dict.fromkeys(("assistant", "ai", "model", "bot"), "assistant"),
}


def role_of(written: str, notes: list[Note], line: int | None = None) -> str:
    """The role for a word of another format; a tool's or a function's answer becomes the user's words, told."""
    ours = _ROLES.get(written.lower())
    if ours is None:
        why = "is no role of an authored message; its text is the user's here. Take it into a history instead"
        notes.append(Note("lost", f"role {written}", why, line))
        return "user"
    if written.lower() == "developer":
        notes.append(
            Note(
                "changed", "role developer", "is system here; each provider gets the word that it knows", line
            )
        )
    return ours


def in_order(messages: list[Json], notes: list[Note]) -> list[Json]:
    """The messages, with a placeholder where no one asks anything; a system message behind others is told."""
    roles = [message.get("role", "history") for message in messages]
    lead = next((number for number, role in enumerate(roles) if role != "system"), len(roles))
    for number, role in enumerate(roles):
        if role == "system" and number > lead:
            why = "of the system stands behind others, which some providers refuse; move it to the start"
            notes.append(Note("fault", f"message {number + 1}", why))
    if not roles or {"user", "history"} & set(roles):
        return messages
    name = HISTORY if not _is_variable(str(messages)) else f"{HISTORY}_messages"
    why = f"are none of the user; what is asked comes in as the history {name}, which may be empty"
    notes.append(Note("changed", "messages", why))
    return [*messages, {"history": name}]


def _is_variable(text: str) -> bool:
    """True where a tag of a template names a variable as the placeholder is to be named."""
    places = [found.start() for found in _WORD.finditer(text)]
    return any(
        max(text.rfind("{{", 0, at), text.rfind("{%", 0, at)) > text.rfind("}", 0, at) for at in places
    )
