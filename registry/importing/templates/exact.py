"""A Jinja2 template put together from text, values and tags, so that the text comes out to the last space.

Our templates lose the line end after a tag and the blanks before one; where that would take something that is
printed, the tag is written with ``+``.
It must never let a piece of text be read as a tag.
"""

from __future__ import annotations

from registry.importing.templates.literal import literal


class JinjaText:
    """Gathers the pieces of one template, in order.

    ``prints`` is True once it holds more than white space, tags and ``comments``.
    """

    def __init__(self) -> None:
        self._out: list[str] = []
        self._brace = False  # the text so far ends in {, which a tag must not join
        self._ended = False  # the last piece is a tag in the middle of a line
        self._begins_line = True
        self._blank_line = True  # nothing but white space stands on the current line so far
        self.prints = False
        self.comments: list[str] = []

    def text(self, text: str) -> None:
        """Plain text."""
        if not text:
            return
        if self._ended and text.startswith("\n"):
            self._out[-1] = f"{self._out[-1][:-2]}+{self._out[-1][-2:]}"
        if self._brace and text[0] in "{%#":
            self._protect()
        self._ended = False
        self.prints = self.prints or bool(text.strip())
        self._put(literal(text))
        self._brace = text.endswith("{")

    def value(self, expression: str) -> None:
        """The value of an expression."""
        self._protect()
        self._ended = False
        self.prints = True
        self._put(f"{{{{ {expression} }}}}")

    def tag(self, statement: str, *, alone: bool = False) -> None:
        """A statement, such as ``if x``; ``alone`` gives it a line of its own where one begins."""
        self._tag("{%", statement, "%}", alone)

    def comment(self, text: str) -> None:
        """A comment, which prints nothing."""
        self.comments.append(text)
        self._tag("{#", text.replace("#}", "# }"), "#}", True)

    def include(self, path: str) -> None:
        """A partial, alone on its line where the text before ended one; its text ends one then."""
        self._protect()
        self.prints = True
        whole = f'{{% include "{path}" %}}'
        self._put(f"{whole}\n" if self.at_line_start else whole)

    @property
    def at_line_start(self) -> bool:
        """True where the next piece begins a line."""
        return self._begins_line

    def template(self) -> str:
        """The whole template."""
        return "".join(self._out)

    def _tag(self, opening: str, inside: str, closing: str, alone: bool) -> None:
        self._protect()
        if self.at_line_start and alone:
            self._put(f"{opening} {inside} {closing}\n")
            self._ended = False
            return
        plus = "+" if self._blank_line and not self._begins_line else ""
        self._put(f"{opening}{plus} {inside} {closing}")
        self._ended = True

    def _protect(self) -> None:
        if self._brace:
            self._out[-1] = self._out[-1].removesuffix("{") + '{{ "{" }}'
            self._brace = False

    def _put(self, piece: str) -> None:
        self._out.append(piece)
        _, newline, last = piece.rpartition("\n")
        self._begins_line = not last and (bool(newline) or self._begins_line)
        self._blank_line = not last.strip() and (bool(newline) or self._blank_line)
