"""Messages as a dotprompt body makes them: text until a marker of a role, pictures between texts.

A role inside a condition opens its message there; the condition goes around each piece.
It must never print a word under another role than the body's own.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from typing import Literal, cast

from registry.importing.port import Note
from registry.importing.templates.exact import JinjaText
from serve.core.model import Json

_ROLES = {"system": "system", "user": "user", "model": "assistant", "assistant": "assistant"}


class Messages:
    """Gathers messages in order; ``line`` is where the body is being read."""

    def __init__(self, notes: list[Note]) -> None:
        self.line = 1
        self._notes = notes
        self._done: list[dict[str, Json]] = []
        self._role = "user"
        self._parts: list[JinjaText | dict[str, Json]] = [JinjaText()]
        self._open: list[tuple[str, str]] = []
        self._comments: list[str] = []
        self._bound = False
        self._unsure = False
        self._trimmed = False
        self._conditional = False

    def text(self, text: str) -> None:
        """Plain text."""
        if text.strip():
            self._check_role()
        self._here.text(text)

    def value(self, expression: str) -> None:
        """The value of an expression."""
        self._check_role()
        self._here.value(expression)

    def tag(self, statement: str, *, alone: bool = False) -> None:
        """A statement of a template; ``alone`` where it has a line of its own."""
        self._here.tag(statement, alone=alone)

    def comment(self, text: str) -> None:
        """A comment."""
        self._here.comment(text)

    def include(self, path: str) -> None:
        """A partial."""
        self._check_role()
        self._here.include(path)

    def role(self, name: str) -> None:
        """What follows is said by this role."""
        if self._bound:
            return
        role = _ROLES.get(name)
        if role is None:
            self._note(
                "lost", f"role {name}", "messages here are system, user or assistant; it stands as user"
            )
        self._next(role or "user")

    def history(self, name: str, taken: Collection[str]) -> None:
        """The earlier messages of a conversation; what follows is said by the model."""
        if self._bound:
            return
        self._next("assistant")
        if self._open:
            self._note("lost", "history", "stands in a condition; it is always there here")
        free = next((each for each in (name, "conversation", "earlier_messages") if each not in taken), name)
        if any(item.get("history") == free for item in self._done):
            self._note("lost", "history", "stands here twice; the first one is kept")
            return
        self._done.append({"history": free})

    def media(self, url: str, kind: str | None) -> None:
        """A picture or a file."""
        self._check_role()
        if self._open:
            self._note("lost", "media", "stands in a condition; it is always there here")
        key = "image" if kind is None or kind.startswith("image/") else "file"
        if kind is None:
            self._note("changed", "media", "says no contentType; it is taken for an image")
        self._close()
        self._parts += [{key: url} | ({"mediaType": kind} if kind else {}), JinjaText()]
        self._reopen()

    @contextmanager
    def under(self, opening: str, closing: str) -> Iterator[None]:
        """The inside of a condition in which roles change."""
        role, count = self._role, len(self._done)
        self._here.tag(opening, alone=True)
        self._open.append((opening, closing))
        yield
        self._here.tag(closing, alone=True)
        self._open.pop()
        self._unsure = self._unsure or role != self._role or count != len(self._done)

    @contextmanager
    def one_message(self) -> Iterator[None]:
        """The inside of a loop, where markers of roles are not followed."""
        before, self._bound = self._bound, True
        yield
        self._bound = before

    def finished(self) -> list[dict[str, Json]]:
        """All messages."""
        self._flush()
        if self._trimmed:
            self._notes.append(Note("changed", "messages", "blank lines at their ends are left out"))
        return self._done

    @property
    def _here(self) -> JinjaText:
        return cast("JinjaText", self._parts[-1])  # every picture is followed by text, empty or not

    def _check_role(self) -> None:
        if self._unsure and not self._bound:
            why = "follows a condition in which roles change; name its role with {{role}}"
            self._note("fault", f"text of role {self._role}", why)
        self._unsure = False

    def _next(self, role: str) -> None:
        self._unsure = False
        self._close()
        self._flush()
        self._role = role
        self._conditional = bool(self._open)
        self._reopen()

    def _close(self) -> None:
        for _, closing in reversed(self._open):
            self._here.tag(closing, alone=True)

    def _reopen(self) -> None:
        for opening, _ in self._open:
            self._here.tag(opening, alone=True)

    def _flush(self) -> None:
        parts, self._parts = self._parts, [JinjaText()]
        texts = [part for part in parts if isinstance(part, JinjaText)]
        if len(texts) == len(parts) and not any(text.prints for text in texts):
            self._comments += [comment for text in texts for comment in text.comments]
            return
        if self._conditional:
            why = "stays, empty, where its condition does not hold; dotprompt leaves it out"
            self._note("changed", f"message {len(self._done) + 1}", why)
        content = [part if isinstance(part, dict) else {"text": part.template()} for part in parts
                   if isinstance(part, dict) or part.prints]  # fmt: skip
        self._done.append({"role": self._role, "content": self._ended(content)})

    def _ended(self, content: list[dict[str, Json]]) -> Json:
        """The content without blanks at its two ends; one text alone is just that."""
        before = [part.get("text") for part in content]
        if "text" in content[0]:
            content[0]["text"] = content[0]["text"].lstrip()
        if "text" in content[-1]:
            content[-1]["text"] = content[-1]["text"].rstrip()
        self._trimmed = self._trimmed or before != [part.get("text") for part in content]
        for part in content[:-1]:  # a template loses its last line end, which is inside the message here
            if part.get("text", "").endswith("\n"):
                part["text"] += "\n"
        if self._comments and "text" in content[0]:
            content[0]["text"] = "".join(f"{{# {text} #}}\n" for text in self._comments) + content[0]["text"]
            self._comments.clear()
        return content[0]["text"] if len(content) == 1 and "text" in content[0] else content

    def _note(self, level: Literal["changed", "lost", "fault"], what: str, why: str) -> None:
        self._notes.append(Note(level, what, why, self.line))
