from __future__ import annotations

from collections.abc import Iterator, Sequence

from support.models import WEIGHTS, demo_config

from registry.evaluation.engines.folder import read_folder
from registry.evaluation.engines.forms import FormFiller
from registry.evaluation.engines.port import Prepared
from registry.evaluation.engines.template import form_of
from registry.evaluation.records import Completion

FOLDER = read_folder(WEIGHTS, demo_config())
SCHEMA = {
    "type": "object",
    "properties": {"team": {"enum": ["cards", "cash"]}, "why": {"type": "string"}, "n": {"type": "integer"}},
}


def form(prompt: str, room: int = 64) -> Prepared:
    return Prepared(
        prompt, (prompt,), {"form": form_of(SCHEMA), "max_length": room, "end_token": ["<|end|>"]}
    )


class Model:
    """Answers by what is asked: the second text, a few words, a number; notes each round."""

    def __init__(self, fails: str = "") -> None:
        self.rounds: list[int] = []
        self.fails = fails

    def __call__(self, items: Sequence[Prepared]) -> Iterator[tuple[int, Completion]]:
        self.rounds.append(len(items))
        for index, item in reversed(list(enumerate(items))):
            if item.tokens[0] == self.fails:
                yield index, Completion("", 1, 0, error="ENG010 gone.")
            elif "texts" in item.options:
                yield index, Completion(item.options["texts"][1], 1, 1, seconds=0.5)
            elif len(item.options["end_token"]) > 1:
                yield index, Completion('he said "no', 1, 1, seconds=0.5)
            else:
                yield index, Completion("7 or so", 1, 1, seconds=0.5)


def test_all_forms_of_a_run_share_each_round() -> None:
    model = Model()
    prepared = [
        form("a"),
        Prepared("plain", ("x",), {"max_length": 4}),
        form("b"),
        Prepared("k", problem="no"),
    ]
    filler = FormFiller(FOLDER, prepared)
    assert filler.indexes == {0, 2}
    found = dict(filler.filled(model))
    assert {n: answer.text for n, answer in found.items()} == dict.fromkeys(
        (0, 2), '{"team": "cash", "why": "he said ", "n": 7}'
    )
    assert model.rounds == [2, 2, 2]
    assert found[0].seconds == 1.5
    assert found[0].completion_tokens > 10


def test_what_fails_on_the_way_is_an_error_of_its_case_alone() -> None:
    found = dict(FormFiller(FOLDER, [form("a"), form("b")]).filled(Model(fails="a")))
    assert found[0].error == "ENG010 gone."
    assert found[1].error is None


def test_a_form_without_room_ends_where_it_is() -> None:
    (answer,) = dict(FormFiller(FOLDER, [form("a", room=3)]).filled(Model())).values()
    assert answer.finish == "length"
    assert answer.text == '{"team": "cash", "why": "'
