"""The patterns of our rules in a peer's scanner: processor time of each text, import and memory.

    python guards.py llm-guard|guardrails-ai|presidio ORDER.json REPORT.json

The order holds patterns and texts. Patterns that the peer's own regex module cannot read are left out and counted.
It must never look for less than all patterns that it could read, nor time what is made once.
"""

from __future__ import annotations

import json
import logging
import os
import re
import sys
import time
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

Made = tuple[Callable[[str], object], int]


def main(name: str, order_file: str, report_file: str) -> None:
    """Write microseconds for each text, milliseconds of import, megabytes, and how many patterns were used."""
    order = json.loads(Path(order_file).read_text("utf-8"))
    warnings.simplefilter("ignore")
    logging.disable(logging.CRITICAL)
    before, begun = _resident_mb(), time.process_time()
    make = MAKERS[name]()
    imported = (time.process_time() - begun) * 1000
    look, used = make(order["patterns"])
    look("warm up: what is made at first use is made")
    spent = []
    for text in order["texts"]:
        begun_ns = time.process_time_ns()
        look(text)
        spent.append((time.process_time_ns() - begun_ns) / 1000)
    report = {"us": spent, "import_ms": imported, "mb": _resident_mb() - before, "patterns": used}
    Path(report_file).write_text(json.dumps(report), "utf-8")
    os._exit(0)


def _llm_guard() -> Callable[[list[str]], Made]:
    from llm_guard.input_scanners import Regex

    def make(patterns: list[str]) -> Made:
        kept = _readable(patterns, re)
        scanner = Regex(kept, is_blocked=True, match_type="all", redact=True)
        return scanner.scan, len(kept)

    return make


def _guardrails_ai() -> Callable[[list[str]], Made]:
    os.environ["OTEL_SDK_DISABLED"] = "true"  # its traces would wait for a host that is not there
    from guardrails import Guard
    from guardrails_ai.regex_match import RegexMatch

    def works(
        pattern: str,
    ) -> bool:  # each look makes up a text that would pass, with 100 signs of a kind at most
        return all(int(least) <= 100 for least in re.findall(r"\{(\d+)", pattern))

    def make(patterns: list[str]) -> Made:
        kept = [one for one in _readable(patterns, re) if works(one)]
        # The validator has no denial; matching is the same work.
        guard = Guard().use(*(RegexMatch(regex=one, match_type="search", on_fail="noop") for one in kept))
        return guard.validate, len(kept)

    return make


def _presidio() -> Callable[[list[str]], Made]:
    import regex
    from presidio_analyzer import AnalyzerEngine, Pattern, PatternRecognizer, RecognizerRegistry
    from presidio_analyzer.nlp_engine import NoOpNlpEngine

    def make(patterns: list[str]) -> Made:
        kept = _readable(patterns, regex)
        engine: Any = NoOpNlpEngine(models=[{"lang_code": "en", "model_name": "none"}])
        engine.load()
        registry = RecognizerRegistry(supported_languages=["en"])
        for number, pattern in enumerate(kept):
            one = [Pattern(f"p{number}", pattern, 0.9)]
            registry.add_recognizer(PatternRecognizer(f"P{number}", patterns=one, global_regex_flags=0))
        analyzer = AnalyzerEngine(registry=registry, nlp_engine=engine, supported_languages=["en"])
        return lambda text: analyzer.analyze(text, language="en"), len(kept)

    return make


def _readable(patterns: list[str], module: Any) -> list[str]:
    kept = []
    for pattern in patterns:
        try:
            module.compile(pattern)
        except module.error:
            continue
        kept.append(pattern)
    return kept


def _resident_mb() -> float:
    return int(Path("/proc/self/statm").read_text("ascii").split()[1]) * os.sysconf("SC_PAGE_SIZE") / 2**20


MAKERS = {"llm-guard": _llm_guard, "guardrails-ai": _guardrails_ai, "presidio": _presidio}

if __name__ == "__main__":
    main(*sys.argv[1:])
