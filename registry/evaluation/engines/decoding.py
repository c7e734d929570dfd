"""Parameters of a request in CTranslate2's words: greedy, sampled by a seed, a choice among texts, or a form.

It must never let chance into an answer that did not ask for it, nor drop a parameter that it does not know.
"""

from __future__ import annotations

import json
from collections.abc import Mapping

from registry.errors import Usage
from registry.evaluation.engines.batching import BLOCK
from registry.evaluation.engines.folder import ModelFolder
from registry.evaluation.engines.port import Request
from registry.evaluation.engines.template import NotAForm, form_of
from registry.evaluation.records import Decode
from serve.core.digest import digest
from serve.core.model import Json, ModelConfig, Output
from serve.core.payloads import CTRANSLATE2_PARAMETERS

DEFAULT_MAX_TOKENS = 256
SCORE_TOKENS = 8192


class CannotDecode(ValueError):
    """A form that an answer cannot be held to; the message is one clause."""


def options_of(request: Request, config: ModelConfig, folder: ModelFolder) -> dict[str, Json]:
    """What is asked of the model beside the prompt. A greedy answer depends on neither seed nor sample.

    Raises:
        Usage: ENG006 for a parameter that the engine does not know.
        CannotDecode: for a choice among nothing, or a schema that is no form.
    """
    given = request.parameters
    unknown = sorted(set(given) - set(CTRANSLATE2_PARAMETERS))
    if unknown:
        what = f"engine ctranslate2 has no parameter {unknown[0]} (model {config.id})"
        raise Usage("ENG006", what, f"Known are: {', '.join(sorted(CTRANSLATE2_PARAMETERS))}.")
    if request.decode is not None:
        return _held(request.decode, request.output, given, config, folder)
    options = _free(given, folder)
    if request.logprobs:
        options["logprobs"] = True
    if given.get("temperature", 0) > 0:
        seed = digest([given.get("seed", request.seed), request.sample // BLOCK])
        options |= {
            "sampling_temperature": given["temperature"],
            "sampling_topk": given.get("topK", 0),
            "sampling_topp": given.get("topP", 1),
            "seed": int(seed[:7], 16),
            "row": request.sample % BLOCK,
        }
    return options


def stops_of(parameters: Mapping[str, Json]) -> tuple[str, ...]:
    """The texts that end an answer."""
    stop = parameters.get("stop", ())
    return (stop,) if isinstance(stop, str) else tuple(stop)


def room_of(options: Mapping[str, Json]) -> int:
    """How many tokens an answer may take under these options."""
    if "choices" in options:
        return max(len(choice) for choice in options["choices"])
    return int(options["max_length"])


def _free(given: Mapping[str, Json], folder: ModelFolder) -> dict[str, Json]:
    options: dict[str, Json] = {"max_length": int(given.get("maxTokens", DEFAULT_MAX_TOKENS))}
    if folder.ends:
        options["end_token"] = list(folder.ends)
    if "repetitionPenalty" in given:
        options["repetition_penalty"] = given["repetitionPenalty"]
    return options


def _held(
    decode: Decode, output: Output | None, given: Mapping[str, Json], config: ModelConfig, folder: ModelFolder
) -> dict[str, Json]:
    if given.get("temperature", 0) > 0:
        raise CannotDecode(f"decode: {decode.kind} takes the likeliest, so temperature must be 0")
    if decode.kind == "choice":
        ends = () if config.kind == "translator" else folder.ends[:1]
        return choice(folder, decode.options or _listed(output), ends)
    if config.kind == "translator":
        raise CannotDecode("decode: template is for generators; a translator can only choose")
    if output is None:
        raise CannotDecode("decode: template needs the prompt's output schema")
    try:
        pieces = form_of(output.schema)
    except NotAForm as problem:
        raise CannotDecode(f"decode: template cannot be made from the output schema, {problem}") from problem
    return {"form": pieces, **_free(given, folder)}


def choice(folder: ModelFolder, texts: tuple[str, ...], ends: tuple[str, ...] = ()) -> dict[str, Json]:
    """Options that have the model choose among texts, each followed by ``ends``.

    Raises:
        CannotDecode: for fewer than two texts, equal ones, or one without a token.
    """
    if len(set(texts)) < 2 or len(set(texts)) < len(texts):
        raise CannotDecode("decode: choice needs at least two texts, no two of them equal")
    tokens = [[*folder.tokenizer.content(text).texts, *ends] for text in texts]
    if any(len(row) == len(ends) for row in tokens):
        raise CannotDecode("decode: choice cannot choose an empty text")
    return {"choices": tokens, "texts": list(texts), "room": SCORE_TOKENS}


def _listed(output: Output | None) -> tuple[str, ...]:
    schema = output.schema if output is not None else {}
    values = schema.get("enum") or ([True, False] if schema.get("type") == "boolean" else [])
    if not values:
        raise CannotDecode("decode: choice needs texts to choose from, or an output schema that lists values")
    return tuple(json.dumps(value, ensure_ascii=False) for value in values)
