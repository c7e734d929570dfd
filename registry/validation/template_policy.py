"""What a template may do, and how long it can get: a whitelist on Jinja2's syntax tree and a size bound.

A list of refused tricks alone has been beaten before, so the bound on the output stands behind it.
It must never render anything: both are worked out from the template's text and the inputs' schemas.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from jinja2 import TemplateSyntaxError, nodes

from registry.validation import shapes
from registry.validation.expressions import Expressions, Fault, Use
from registry.validation.outcomes import Failure
from registry.validation.presence import failures
from registry.validation.shapes import LOOP, Shape, Size, Unbounded
from registry.validation.syntax_tree import parsed
from serve.core.model import Json

LOOP_LEVELS = 2
_TAG_CHARACTERS = 4_000  # a longer tag costs the parser more than any prompt is worth
_CLOSING = {"{": "}}", "%": "%}"}
_OPENING = re.compile(r"\{([{%])")
_OPEN_BLOCK = re.compile(r"innermost block that needs to be closed is '(\w+)'")  # Jinja2's words
_BRANCHES = 50
_NESTED = 20  # blocks in blocks; Python stops at 100


@dataclass(frozen=True, slots=True)
class Gap:
    """A size without bound that is printed at a line from 1."""

    line: int
    size: Unbounded


@dataclass(frozen=True, slots=True)
class Examination:
    """All that is known of a template without rendering it.

    ``uses`` are the variables it reads, declared or not; ``prints`` the inputs whose words reach the text;
    ``bound`` the most characters it can make (and hold on the way), None when ``gaps`` is not empty;
    ``failures`` where it fails for some inputs that fit, looked for once there are no ``faults``.
    """

    faults: tuple[Fault, ...] = ()
    uses: tuple[Use, ...] = ()
    prints: tuple[Use, ...] = ()
    gaps: tuple[Gap, ...] = ()
    bound: int | None = 0
    failures: tuple[Failure, ...] = ()


def examine(template: str, inputs: Mapping[str, Mapping[str, Json]]) -> Examination:
    """What a template does and how long it can get, partials in place, by the JSON Schemas of its inputs.

    Source: the whitelist was tried against 17 attacks on Jinja2's sandbox, 12 of them on memory and time.
    """
    line = _endless_tag(template)
    if line:
        fault = Fault(line, f"a tag is longer than {_TAG_CHARACTERS:,} characters", "Make it simpler.")
        return Examination((fault,))
    held = {name: shapes.of_input(name, schema) for name, schema in inputs.items()}
    examiner = _Examiner(held)
    try:
        size = examiner.block(parsed(template).body)
        seen = examiner.expressions
        found = failures(template, held) if seen.doubtful and not seen.faults else ()
    except TemplateSyntaxError as error:
        return Examination((_syntax(error),))
    except (RecursionError, ValueError):
        return Examination(
            (Fault(1, "the template nests too deeply or holds too large a number", "Make it simpler."),)
        )
    return Examination(
        tuple(dict.fromkeys(examiner.expressions.faults)),
        tuple(dict.fromkeys(examiner.expressions.uses)),
        tuple(dict.fromkeys(examiner.prints)),
        tuple(dict.fromkeys(examiner.gaps)),
        None if examiner.gaps else max(size, examiner.expressions.peak),
        found,
    )


def _syntax(error: TemplateSyntaxError) -> Fault:
    said, _, more = (error.message or "").partition(". ")
    hint = "Text with {{ or {% goes into {% raw %} … {% endraw %}."
    open_block = _OPEN_BLOCK.search(more)
    if open_block:
        hint = f"Close {{% {open_block[1]} %}} with {{% end{open_block[1]} %}}."
    return Fault(error.lineno, f"this is not Jinja2: {said.rstrip('.')}", hint)


def _endless_tag(template: str) -> int:
    """The line of a tag that is too long to be looked at, 0 when there is none."""
    if "{% raw" in template or "{%- raw" in template:
        return 0  # what stands in there is text
    last = {kind: template.rfind(closing) for kind, closing in _CLOSING.items()}
    for opening in _OPENING.finditer(template):
        start, kind = opening.start(), opening[1]
        if last[kind] - start > _TAG_CHARACTERS:
            end = template.find(_CLOSING[kind], start + 2, start + _TAG_CHARACTERS + 2)
            if end < 0:
                return template.count("\n", 0, start) + 1
    return 0


class _Examiner:
    """Walks statements and gives the most characters they print."""

    def __init__(self, inputs: Mapping[str, Shape]) -> None:
        self._nested = 0
        self.expressions = Expressions(inputs)
        self.prints: list[Use] = []
        self.gaps: list[Gap] = []

    def block(self, body: Iterable[nodes.Node]) -> int:
        self._nested += 1
        if self._nested > _NESTED:
            raise RecursionError
        total = sum(self._statement(node) for node in body)
        self._nested -= 1
        return total

    def _statement(self, node: nodes.Node) -> int:
        match node:
            case nodes.Output():
                return sum(self._output(child) for child in node.nodes)
            case nodes.For():
                return self._for(node)
            case nodes.If():
                self.expressions.shape(node.test)
                if len(node.elif_) > _BRANCHES:
                    hint = "Hand the finished text in as an input."
                    self.expressions.fault(node, f"an if has {_BRANCHES} branches at most", hint)
                return max(self.block(node.body), self.block(node.else_), *map(self._statement, node.elif_))
            case nodes.Assign():
                return self._assign(node)
        self.expressions.refuse(node)
        return 0

    def _output(self, node: nodes.Expr) -> int:
        if isinstance(node, nodes.TemplateData):
            return len(node.data)
        shape = self.expressions.shape(node)
        if not shape.printable:
            named = f", such as {node.name}," if isinstance(node, nodes.Name) else ""
            problem = f"a list, an object or null{named} cannot be printed as it is"
            self.expressions.fault(node, problem, "Use a loop, join or tojson.")
        self.prints += [Use(name, node.lineno) for name in sorted(shape.roots)]
        return self._known(node, shape.printed)

    def _known(self, node: nodes.Node, size: Size) -> int:
        if isinstance(size, Unbounded):
            self.gaps.append(Gap(node.lineno, size))
            return 0
        return size

    def _for(self, node: nodes.For) -> int:
        over = self.expressions.shape(node.iter)
        if not over.loopable:
            hint = "Declare the input with type: array (or object) alone."
            self.expressions.fault(node, "a loop goes over declared lists and objects only", hint)
        if self.expressions.loops >= LOOP_LEVELS:
            self.expressions.fault(node, f"loops go {LOOP_LEVELS} levels deep at most", "Flatten the input.")
        if node.recursive:
            self.expressions.fault(node, "recursive loops are not allowed", "Flatten the input.")
        if not isinstance(node.target, nodes.Name):
            hint = "Write {% for item in items %} and item.name."
            self.expressions.fault(node, "a loop has one plain variable", hint)
            return 0
        if node.target.name == "loop":
            self.expressions.fault(node, "loop is a word of Jinja2's own", "Give the variable another name.")
        with self.expressions.scope({node.target.name: over.element, "loop": LOOP}):
            if node.test is not None:
                self._condition(node.test)
            once = self.block(node.body)
        # a round that prints nothing counts as one character, so that the bound holds the work as well
        many = self._known(node, shapes.times_size(over.count if over.known else 0, max(once, 1)))
        return max(many, self.block(node.else_))

    def _condition(self, test: nodes.Node) -> None:
        self.expressions.shape(test)
        if "loop" in {getattr(each, "name", "") for each in (test, *test.find_all(nodes.Name))}:
            hint = "Ask inside the loop: {% if loop.first %}."
            self.expressions.fault(
                test, "the if of a for stands before the loop, where loop is not known", hint
            )

    def _assign(self, node: nodes.Assign) -> int:
        self.expressions.doubtful = True
        shape = self.expressions.shape(node.node)
        if not isinstance(node.target, nodes.Name):
            self.expressions.fault(node, "set has one plain variable", "Write {% set name = value %}.")
            return 0
        if self.expressions.loops:
            hint = "Set it before the loop, or use the value itself."
            self.expressions.fault(node, "set is not allowed inside a loop", hint)
        elif self.expressions.was_in_a_loop(node.target.name):
            hint = "Set it before the loop, or give it another name."
            self.expressions.fault(node, f"{node.target.name} is set after a loop that reads it", hint)
        self.expressions.assign(node.target.name, shape, surely=self._nested == 1)
        return 0
