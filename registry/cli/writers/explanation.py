"""All there is to know of a code: why it exists, a wrong and a right example, what can be done.

It must never know a code by itself; it shows what it is given.
"""

from __future__ import annotations

from rich.console import Console
from rich.text import Text

from registry.diagnostics import Level
from registry.validation.explain import Explanation
from serve.core.model import Json

_COUNTS: dict[Level, str] = {
    "error": "stands in the way of a release",
    "warning": "stands in the way of a release where policy.warningsAsErrors is true",
    "info": "never stands in the way of a release",
}
_EXCUSE = "lint: {exceptions: [{code, path, until, reason}]}"


def write_explanation(console: Console, told: Explanation) -> None:
    """Print an explanation for a person."""
    lesson = told.lesson
    head = Text.assemble((told.code, "code"), (f" {told.title}", "path"), " · ", (lesson.level, lesson.level))
    console.print(head, soft_wrap=True)
    console.print(Text(f"\n{why(told)}"))
    for lead, style, example in (("Wrong", "error", lesson.wrong), ("Right", "good", lesson.right)):
        if example:
            console.print(Text(f"\n{lead}:", style))
            for line in example.splitlines():
                console.print(Text(f"    {line}"), soft_wrap=True)
    console.print()
    for line in advice(told):
        console.print(Text(line))


def why(told: Explanation) -> str:
    """Why the code exists, in one paragraph for each that it has."""
    return "\n".join(line.replace("``", "`") for line in told.why.splitlines())


def advice(told: Explanation) -> list[str]:
    """What can be done about findings of a code: one sentence each."""
    lesson = told.lesson
    lines = [f"It {_COUNTS[lesson.level]}."]
    lines += [f"promptyard lint --fix {lesson.fix}."] if lesson.fix else []
    if not lesson.firm:
        lines.append(f'promptyard.yaml can set another level: lint: {{levels: {{{told.code}: "off"}}}}.')
        lines.append(f"It can excuse some files until a day: {_EXCUSE}.")
    elif lesson.excusable:
        lines.append(f"Its level cannot be changed: {lesson.firm}.")
        lines.append(f"promptyard.yaml can excuse some files until a day: {_EXCUSE}.")
    else:
        lines.append(f"It can neither be switched off nor excused: {lesson.firm}.")
    return lines


def explanation_json(told: Explanation) -> Json:
    """An explanation for a program."""
    lesson = told.lesson
    return {
        "code": told.code,
        "title": told.title,
        "level": lesson.level,
        "why": why(told),
        "wrong": lesson.wrong,
        "right": lesson.right,
        "fix": lesson.fix,
        "levelCanChange": not lesson.firm,
        "canBeExcused": not lesson.firm or lesson.excusable,
        "advice": advice(told),
    }
