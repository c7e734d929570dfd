from __future__ import annotations

from pathlib import Path

from support.content import MODEL, TRIAGE, catalog, write

from registry.authoring.starter import files_of

SUITE = "promptyard: 1\nprompt: support/triage\ndatasets: [{file: t.jsonl}]\n"
LOCAL = "promptyard: 1\nengine: ctranslate2\nmodel: l\nweights: {path: local}\n"
TOOL = "promptyard: 1\nname: look\ndescription: Looks.\nparameters: {type: object}\n"


def _content(root: Path) -> Path:
    return write(
        root,
        **{
            "prompts/support/triage.prompt.yaml": TRIAGE.replace(
                "variants:", "guardrails: [guardrails/pii]\ntools: [tools/look]\nvariants:"
            ),
            "prompts/support/other.prompt.yaml": TRIAGE,
            "prompts/support/triage.suite.yaml": SUITE,
            "prompts/support/t.jsonl": "",
            "prompts/support/other.suite.yaml": "promptyard: 1\nprompt: support/other\n",
            "prompts/partials/tone.md": '{% include "partials/deep.md" %}\n',
            "prompts/partials/deep.md": "Deep.\n",
            "prompts/partials/unused.md": "Unused.\n",
            "prompts/models/chat.model.yaml": f"{MODEL}fallbacks: [models/local]\n",
            "prompts/models/local.model.yaml": LOCAL,
            "prompts/models/local/model.bin": "weights",
            "prompts/models/unused.model.yaml": MODEL,
            "prompts/guardrails/pii.guardrail.yaml": "promptyard: 1\nextends: [guardrails/base]\n",
            "prompts/guardrails/base.guardrail.yaml": "promptyard: 1\nrules: []\n",
            "prompts/guardrails/unused.guardrail.yaml": "promptyard: 1\nrules: []\n",
            "prompts/tools/look.tool.yaml": TOOL,
        },
    )


def test_a_prompt_takes_all_that_it_needs_and_nothing_else(tmp_path: Path) -> None:
    assert files_of(catalog(_content(tmp_path)), ("support/triage",)) == (
        "prompts/guardrails/base.guardrail.yaml",
        "prompts/guardrails/pii.guardrail.yaml",
        "prompts/models/chat.model.yaml",
        "prompts/models/local.model.yaml",
        "prompts/models/local/model.bin",
        "prompts/partials/deep.md",
        "prompts/partials/tone.md",
        "prompts/support/t.jsonl",
        "prompts/support/triage.prompt.yaml",
        "prompts/support/triage.suite.yaml",
        "prompts/tools/look.tool.yaml",
    )
