"""Writes ``docs/lints.md`` from what the codes teach of themselves; a test holds it current.

python -m tools.lints_page > docs/lints.md
"""

from __future__ import annotations

from collections.abc import Iterator

from registry.cli.writers.explanation import why
from registry.validation.explain import Explanation, explanations

HEAD = """\
# Lints

What `promptyard lint` can say, with a wrong and a right example for each; `promptyard lint --explain CODE` says the
same on a terminal. This page is made by `python -m tools.lints_page`, and a test runs every example.

An **error** stands in the way of a release; a **warning** does so where `policy.warningsAsErrors` is set; **info** never
does. **Fix** marks what `promptyard lint --fix` mends. **Firm** codes keep their level; those marked *for a time* can
be excused by a dated exception all the same. Everything else can be set in `promptyard.yaml`:

```yaml
lint:
  levels: {OWN001: error, SUI001: "off"}       # error | warning | info | off
  exceptions:
    - {code: TXT002, path: "support/*.prompt.yaml", until: 2027-03-01, reason: Quotes a chat log on purpose.}
```

`path` counts from the content folder; `*` stands for any name, `**` for any folders. An exception past its day excuses
nothing and is a finding (EXC001), one without use is told (EXC002). What is excused is still in the JSON and in the SARIF log.

An example that begins with a line such as `# models/chat.model.yaml` is about that file, every other about a prompt.

| code | what it finds | level | fix | firm |
|---|---|---|---|---|
"""


def page() -> str:
    """The whole page."""
    told = explanations().values()
    rows = "".join(_row(each) for each in told)
    return HEAD + rows + "".join(part for each in told for part in _section(each))


def _row(told: Explanation) -> str:
    lesson = told.lesson
    held = "for a time" if lesson.firm and lesson.excusable else "firm" if lesson.firm else ""
    link = f"[{told.code}](#{told.code.lower()})"
    return f"| {link} | {told.title} | {lesson.level} | {'yes' if lesson.fix else ''} | {held} |\n"


def _section(told: Explanation) -> Iterator[str]:
    lesson = told.lesson
    yield f"\n## {told.code}\n\n**{told.title}** ({lesson.level}). {why(told)}\n"
    for lead, example in (("Wrong", lesson.wrong), ("Right", lesson.right)):
        if example:
            yield f"\n{lead}:\n\n```yaml\n{example}```\n"
    if lesson.fix:
        yield f"\n`--fix` {lesson.fix}.\n"
    if lesson.firm:
        yield f"\n{'Firm, but for a dated exception' if lesson.excusable else 'Firm'}: {lesson.firm}.\n"


if __name__ == "__main__":
    print(page(), end="")
