from __future__ import annotations

from support.content import TRIAGE, catalog, write

from registry.validation.fix import edited
from registry.validation.unread import findings_of_slips

PATH = "prompts/support/triage.prompt.yaml"


def test_a_slip_is_a_finding_with_its_fix(tmp_path):
    text = TRIAGE.replace("description: Routes", "description: Note: Routes")
    held = catalog(write(tmp_path, **{PATH: text}))
    (finding,) = findings_of_slips(held, "TXT003")
    assert (finding.level, str(finding.place)) == ("error", f"{PATH}:2:14")
    assert finding.fix is not None
    assert edited(text, finding.fix.edits) == TRIAGE.replace(
        "Routes one ticket.", '"Note: Routes one ticket."'
    )
    assert list(findings_of_slips(held, "TXT004")) == []


def test_files_that_can_be_read_and_bytes_that_are_no_text_have_none(tmp_path):
    write(tmp_path)
    (tmp_path / PATH).write_bytes(b"\xff\xfe: [\n")
    assert list(findings_of_slips(catalog(tmp_path), "TXT003")) == []
