"""Places in a text counted as other languages count them: bytes of UTF-8, or units of UTF-16.

Python counts code points; JavaScript, Java and C# count UTF-16, Go and Rust bytes. A span that is counted in one and
cut in another leaves a part of what it names behind.
It must never move a place: only how it is counted changes.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Literal

Unit = Literal["code-points", "utf-8", "utf-16"]


def places_in(text: str, places: Iterable[int], unit: Unit) -> Mapping[int, int]:
    """Places in code points, each with what it is in a unit; a lone surrogate counts as what it is alone."""
    wanted = sorted(set(places))
    if unit == "code-points" or text.isascii():
        return {place: place for place in wanted}
    encoding, width = ("utf-8", 1) if unit == "utf-8" else ("utf-16-le", 2)
    found: dict[int, int] = {}
    before = counted = 0
    for place in wanted:
        counted += len(text[before:place].encode(encoding, "surrogatepass")) // width
        found[place], before = counted, place
    return found
