"""Round after round: what one fix brings to light is mended too, and what is excused is left alone."""

from __future__ import annotations

from datetime import date

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from support.content import TRIAGE, write

from registry.authoring.parse import read_yaml
from registry.authoring.settings_file import load_settings
from registry.authoring.tree import FolderTree
from registry.release.mending import Mending, mend_all

PATH = "prompts/support/triage.prompt.yaml"
TODAY = date(2026, 11, 21)


def mended(root, text: str, written: str = "promptyard: 1\n") -> Mending:
    tree = FolderTree(write(root, **{PATH: text, "promptyard.yaml": written}))
    return mend_all(tree, load_settings(tree), today=TODAY)


def test_a_fix_brings_the_next_to_light(tmp_path):
    text = TRIAGE.replace("description: Routes", "description: Note: Routes").replace("model: ", "modle: ")
    text = text.replace("models/chat", "models/chatt")
    done = mended(tmp_path, text)
    assert [each.code for each in done.done] == ["TXT003", "SCH001", "REF001"]
    assert done.texts[PATH] == TRIAGE.replace("Routes one ticket.", '"Note: Routes one ticket."')
    assert done.left.standing == ()


def test_nothing_is_written_to_the_tree(tmp_path):
    text = TRIAGE.replace("owner: ", "ownr: ")
    assert mended(tmp_path, text).texts == {PATH: TRIAGE}
    assert (tmp_path / PATH).read_text() == text


def test_what_has_no_safe_fix_is_left(tmp_path):
    done = mended(tmp_path, TRIAGE.replace("models/chat", "models/nothing-like-it"))
    assert (done.texts, done.done) == ({}, ())
    assert [each.code for each in done.left.standing][-1] == "REF001"


def test_what_is_excused_is_not_mended(tmp_path):
    text = TRIAGE.replace("Routes one ticket.", "Routes order #12.")
    excuse = (
        "promptyard: 1\nlint:\n  exceptions:\n"
        '    - {code: TXT001, path: "**", until: 2026-12-01, reason: As meant.}\n'
    )
    assert mended(tmp_path, text, excuse).done == ()
    assert [each.code for each in mended(tmp_path, text).done] == ["TXT001"]


ROWS = TRIAGE.splitlines()


@st.composite
def spoiled(draw: st.DrawFn) -> str:
    """The file after a few slips of the pen: letters lost and put in, rows pushed to a side, doubled or lost."""
    rows = list(ROWS)
    for _ in range(draw(st.integers(1, 3))):
        at = draw(st.integers(0, len(rows) - 1))
        place = draw(st.integers(0, len(rows[at])))
        slip = draw(st.sampled_from(["lose", "put", "left", "right", "double", "drop"]))
        row = rows[at]
        if slip == "lose":
            rows[at] = row[:place] + row[place + 1 :]
        elif slip == "put":
            rows[at] = row[:place] + draw(st.sampled_from(list("a_:#{}[]'\"|,- é"))) + row[place:]
        elif slip == "left":
            rows[at] = row.lstrip() if draw(st.booleans()) else row[1:]
        elif slip == "right":
            rows[at] = " " * draw(st.integers(1, 4)) + row
        elif slip == "double":
            rows.insert(at, row)
        elif len(rows) > 1:
            del rows[at]
    return "\n".join(rows) + "\n"


@given(spoiled())
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_is_mended_can_be_read_and_stays_mended(tmp_path, text):
    done = mended(tmp_path, text)
    if PATH in done.texts:
        assert read_yaml(PATH, done.texts[PATH].encode())[0] is not None
        assert mended(tmp_path, done.texts[PATH]).texts == {}
    else:
        assert done.done == ()
