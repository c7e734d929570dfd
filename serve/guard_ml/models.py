"""Opens what guardrail rules ask: each model once, however many rules and releases name it.

It must never fetch weights, nor open anything that no rule asks.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from weakref import WeakValueDictionary

from serve.core.codec import to_json
from serve.core.digest import digest
from serve.core.guard.checks.asked import (
    LOCAL,
    Asked,
    AskedDetect,
    ClassifierDetect,
    EntitiesDetect,
    LanguageDetect,
    NotHere,
    Pin,
    SimilarityDetect,
)
from serve.core.model import RuleKind
from serve.guard_ml.folders import folder_of
from serve.guard_ml.generator import Generator
from serve.guard_ml.judging import Ask, Judge
from serve.guard_ml.language import Languages
from serve.guard_ml.nearest import Classifier, Nearest
from serve.guard_ml.presidio import Entities
from serve.guard_ml.vectors import Encoder

Find = Callable[[Pin], Path]
NO_ASK = "Hand in who asks it: serve.connect(..., models=LocalModels([...], ask=...))."


class LocalModels:
    """The models of a service.

    Args:
        weights: folders that hold weights, each in a folder named by its digest (``promptyard guard fetch``).
        ask: answers what judge rules ask of hosted models, with the service's own client; None where it has none.
            It gets a :class:`serve.guard_ml.judging.Question` and gives ``yes`` or ``no``, at once or awaited.
        threads: how many threads one question to a local model computes on.
        no_ask: what to do about a judge that nobody asks, one sentence.
        find: finds a pinned model's verified folder, instead of ``weights``.
    """

    def __init__(
        self,
        weights: Sequence[str | Path] = (),
        *,
        ask: Ask | None = None,
        threads: int = 1,
        find: Find | None = None,
        no_ask: str = NO_ASK,
    ) -> None:
        places = self._places = tuple(Path(each) for each in weights)
        self._find: Find = find or (lambda pin: folder_of(pin, places))
        self._ask, self._threads, self._no_ask = ask, threads, no_ask
        # What no release uses any more goes.
        self._encoders: WeakValueDictionary[str, Encoder] = WeakValueDictionary()
        self._generators: WeakValueDictionary[str, Generator] = WeakValueDictionary()
        self._opened: WeakValueDictionary[str, Asked] = WeakValueDictionary()

    def open(self, kind: RuleKind, detect: AskedDetect, /) -> Asked:
        """What answers a rule, the same for equal questions.

        Raises:
            NotHere: by name, where a package, weights or somebody to ask is missing.
        """
        key = digest([kind, to_json(detect)])
        opened = self._opened.get(key)
        if opened is None:
            opened = self._opened[key] = self._made(detect)
        return opened

    def _made(self, detect: AskedDetect) -> Asked:
        if isinstance(detect, LanguageDetect):
            return Languages(detect)
        if isinstance(detect, EntitiesDetect):
            return Entities(detect, self._places)
        pin = _pinned(detect.model)
        if isinstance(detect, SimilarityDetect):
            return Nearest(detect.examples, self._encoder(pin))
        if isinstance(detect, ClassifierDetect):
            made = Classifier(detect.labels, self._encoder(pin))
            # What its examples say is worked out now, not for a request.
            made.shares([next(iter(detect.labels))])
            return made
        return Judge(detect, pin, self._asker(pin))

    def _encoder(self, pin: Pin) -> Encoder:
        key = digest(to_json(pin))
        encoder = self._encoders.get(key)
        if encoder is None:
            encoder = self._encoders[key] = Encoder(self._local(pin), pin, self._threads)
        return encoder

    def _asker(self, pin: Pin) -> Ask:
        if pin.engine != LOCAL:
            if self._ask is None:
                why = f"its judge {pin.id} is a hosted model ({pin.engine}), and nobody here asks one"
                raise NotHere(why, self._no_ask)
            return self._ask
        key = digest(to_json(pin))
        generator = self._generators.get(key)
        if generator is None:
            generator = self._generators[key] = Generator(self._local(pin), pin, self._threads)
        return generator

    def _local(self, pin: Pin) -> Path:
        if pin.engine != LOCAL:
            why = f"model {pin.id} is a hosted one ({pin.engine}), and this kind runs local weights"
            raise NotHere(why, "Name a model of engine: ctranslate2, kind: encoder.")
        return self._find(pin)


def _pinned(model: Pin | str) -> Pin:
    if isinstance(model, Pin):
        return model
    raise NotHere(
        f"model {model} was not pinned by a release", "Release again with this version of promptyard."
    )
