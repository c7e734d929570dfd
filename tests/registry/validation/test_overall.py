from __future__ import annotations

from support.content import MODEL, TRIAGE, catalog, write

from registry.validation.overall import overall


def test_a_registry_in_order_has_none(tmp_path):
    assert overall(catalog(write(tmp_path))) == ()


def test_what_nothing_uses_and_what_is_there_twice_is_told_by_place(tmp_path):
    files = {"prompts/zoo.prompt.yaml": TRIAGE, "prompts/models/idle.model.yaml": MODEL}
    found = overall(catalog(write(tmp_path, **files)))
    assert [(each.code, each.place.path) for each in found] == [
        ("REF002", "prompts/models/idle.model.yaml"),
        ("DUP001", "prompts/zoo.prompt.yaml"),
    ]


def test_a_file_that_cannot_be_read_still_uses_what_it_names(tmp_path):
    broken = TRIAGE.replace("description: Routes", "description: [Routes")
    assert overall(catalog(write(tmp_path, **{"prompts/support/triage.prompt.yaml": broken}))) == ()
