"""The codes that no lint has: what readers of files, the schemas and the settings say.

A lint tells of itself in its own file; these have none.
It must never hold a code that a lint has.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from registry.validation.lesson import Lesson

_UNREAD = "nothing can be read from such a file"
_SHAPELESS = "no release can be made of such a file"
_NAMELESS = "no release can carry such a file"
_GUARD = "a release with such a rule is refused by every service"
_SUITE = "a suite that cannot be read proves nothing"


@dataclass(frozen=True, slots=True)
class Code:
    """A code without a lint: its short title, why it exists, and its lesson."""

    title: str
    why: str
    lesson: Lesson


CODES: Mapping[str, Code] = {
    "YML001": Code(
        "Not YAML",
        "YAML is strict about spaces and quotes, and a file that it cannot read is left out of everything.",
        Lesson(
            "error",
            'description: ["Answers one question."\n',
            "description: Answers one question.\n",
            firm=_UNREAD,
        ),
    ),
    "YML002": Code(
        "Clever YAML",
        "Anchors, aliases, tags and merge keys make a file mean something else than it shows.",
        Lesson(
            "error",
            "description: &text Answers one question.\n",
            "description: Answers one question.\n",
            firm=_UNREAD,
        ),
    ),
    "YML003": Code(
        "Key written twice",
        "Of two keys with one name most readers keep the last, in silence.",
        Lesson("error", "owner: support\nowner: safety\n", "owner: safety\n", firm=_UNREAD),
    ),
    "YML004": Code(
        "Odd key or number",
        "A key is plain text, and a number is one that a computer can hold.",
        Lesson("error", "? [a, b]\n: c\n", "description: Answers one question.\n", firm=_UNREAD),
    ),
    "YML005": Code(
        "Second document",
        "One file is one entry; what follows a line of three dashes would be lost.",
        Lesson(
            "error",
            "# other.prompt.yaml\npromptyard: 1\n---\npromptyard: 1\n",
            "# other.model.yaml\npromptyard: 1\nengine: openai\nmodel: gpt-test\n",
            firm=_UNREAD,
        ),
    ),
    "YML006": Code(
        "File too large or too deep",
        "A file over 8 MiB, or nested over 40 levels, is no prompt.",
        Lesson(
            "error",
            f"description: {'[' * 45}{']' * 45}\n",
            "description: Answers one question.\n",
            firm=_UNREAD,
        ),
    ),
    "SCH001": Code(
        "Not what the schema says",
        "Each kind of file has its keys and their types; a key with a slip in it would be passed over.",
        Lesson(
            "error",
            "budgt: {maxPromptTokens: 200}\n",
            "budget: {maxPromptTokens: 200}\n",
            fix="writes the one known name or word that can have been meant, and quotes a number where text is wanted",
            firm=_SHAPELESS,
        ),
    ),
    "SCH002": Code(
        "Not the shape of its kind",
        "What a schema lets pass must still have the shape that the rest is built on.",
        Lesson("error", firm=_SHAPELESS),
    ),
    "FIL001": Code(
        "Unknown suffix",
        "The kind of a file hangs on its suffix; one with a slip in it is read by no one.",
        Lesson(
            "warning",
            "# other.promt.yaml\npromptyard: 1\n",
            "# other.model.yaml\npromptyard: 1\nengine: openai\nmodel: gpt-test\n",
        ),
    ),
    "FIL002": Code(
        "Path that cannot be an id",
        "An id is the path below the content folder, and every system that holds a release must be able to carry it.",
        Lesson(
            "error",
            "# my_models/-other.model.yaml\npromptyard: 1\nengine: openai\nmodel: gpt-test\n",
            "# my_models/other.model.yaml\npromptyard: 1\nengine: openai\nmodel: gpt-test\n",
            firm=_NAMELESS,
        ),
    ),
    "FIL003": Code(
        "Link in the content folder",
        "Links are not followed, since they can lead out of the repository; what lies behind one is in no release.",
        Lesson("error", firm=_NAMELESS),
    ),
    "FIL005": Code(
        "Two files of one id",
        "Of two files for one id only one can be in a release, and no one could tell which.",
        Lesson(
            "error",
            "# answer.prompt.yml\nmessages:\n  - {role: user, content: Hello.}\nmodel: models/chat\n",
            "# other.prompt.yml\nmessages:\n  - {role: user, content: Hello.}\nmodel: models/chat\n",
            firm=_NAMELESS,
        ),
    ),
    "FIL006": Code(
        "Repository in the content folder",
        "The files of a submodule are in no commit of this repository, so they are in no release.",
        Lesson("warning"),
    ),
    "FIL007": Code(
        "Name in pieces",
        "The same name typed on a keyboard would be another one, and not be found.",
        Lesson("warning"),
    ),
    "FIL008": Code(
        "File in Git LFS",
        "A commit holds a pointer in its place, so no release could be made from Git alone.",
        Lesson("error", firm=_UNREAD),
    ),
    "GRD002": Code(
        "Stream setting that cannot hold",
        "A rule on a stream must know how much text it holds back, or it lets pass what it is there to stop.",
        Lesson("error", firm=_GUARD),
    ),
    "GRD003": Code(
        "Rule id used twice",
        "A verdict names the rule that hit; two rules of one id cannot be told apart.",
        Lesson("error", firm=_GUARD),
    ),
    **{
        code: Code(title, why, Lesson("error", firm=_SUITE))
        for code, title, why in (
            (
                "SUI002",
                "Value of the wrong kind in a suite",
                "A setting that is not understood would be left out.",
            ),
            (
                "SUI003",
                "Unknown prompt, variant, metric or tag in a suite",
                "A suite of a prompt that is not there tests nothing.",
            ),
            ("SUI004", "Case id used twice", "Results are compared case by case, by id."),
            ("SUI005", "Unknown expectation", "An expectation that is not known would never fail."),
            (
                "SUI006",
                "Nothing is asked",
                "A suite without cases, or a case that expects nothing, always passes.",
            ),
            (
                "SUI007",
                "Value that cannot be examined",
                "A broken pattern, or a schema, guardrails or tools that the prompt has not, would be an error in every run.",
            ),
            (
                "SUI008",
                "Dataset that cannot be read",
                "Cases that cannot be read would be missing without a word.",
            ),
            (
                "SUI009",
                "Row that cannot be read",
                "Cases that cannot be read would be missing without a word.",
            ),
            (
                "SUI010",
                "Inputs that the prompt refuses",
                "Such a case would stop the run, or be passed over.",
            ),
            ("SUI011", "Unknown key in a suite", "A key with a slip in it would be passed over in silence."),
        )
    },
    "SUI012": Code(
        "Evaluator that is not run",
        "An evaluator beside a prompt that cannot be run is left out, so it proves nothing.",
        Lesson("warning"),
    ),
    "EXC001": Code(
        "Exception past its day",
        "An excuse is for a time; past its day it excuses nothing and someone must decide.",
        Lesson(
            "warning",
            "# promptyard.yaml\nlint:\n  exceptions:\n"
            "    - {code: OWN001, path: answer.prompt.yaml, until: 2020-01-31, reason: The team is being formed.}\n",
            "owner: support\n",
        ),
    ),
    "EXC002": Code(
        "Exception without use",
        "An excuse for what is no longer there would hide the next one.",
        Lesson(
            "info",
            "# promptyard.yaml\nlint:\n  exceptions:\n"
            "    - {code: OWN001, path: answer.prompt.yaml, until: 2999-01-31, reason: The team is being formed.}\n",
            "owner: support\n",
        ),
    ),
    "EXC003": Code(
        "Level or exception for an unknown code",
        "A level or an exception with a slip in its code does nothing.",
        Lesson(
            "error",
            "# promptyard.yaml\nlint: {levels: {ONW001: error}}\n",
            "# promptyard.yaml\nlint: {levels: {OWN001: error}}\n",
            firm="it says that the settings do not do what they seem to",
        ),
    ),
    "EXC004": Code(
        "Level or exception that cannot be",
        "Some errors say that no release can be made, or that one would be unsafe: silence would not help.",
        Lesson(
            "error",
            '# promptyard.yaml\nlint: {levels: {YML001: "off"}}\n',
            '# promptyard.yaml\nlint: {levels: {SUI001: "off"}}\n',
            firm="it says that the settings do not do what they seem to",
        ),
    ),
}
