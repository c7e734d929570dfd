"""The forms in which a short secret is smuggled out of a model's mouth, each as a pattern of bounded length.

Letters are spaced out, swapped for look-alikes, turned round, written as numbers, encoded. A part of the secret is as
telling as the whole, so every pattern matches all runs of neighbours from some length on.
It must never need more than one look at a text: each form is for RE2.

Sources: RFC 4648 (base16, base32, base64), RFC 3986 (percent-encoding), Unicode Technical Standard 39 (look-alikes).
"""

from __future__ import annotations

import base64
import codecs
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Literal, get_args

import re2

from serve.core.guard.checks.width import longest

Form = Literal[
    "plain", "spaced", "skeleton", "escaped", "hex", "codes", "base64", "base32", "rot13", "reversed",
]  # fmt: skip
FORMS: tuple[Form, ...] = get_args(Form)

# What stands between spaced-out letters: at most that of a list of strings in a program, a line each, or a number.
_APART = r"[^0-9A-Za-z]{0,8}(?:[0-9]{1,2}[.):] ?)?"
_CONTAINS: Mapping[Form, tuple[Form, ...]] = {"skeleton": ("plain", "spaced"), "spaced": ("plain",)}
_ENCODINGS: Mapping[Form, tuple[Callable[[bytes], bytes], int]] = {
    "base64": (base64.b64encode, 6),
    "base32": (base64.b32encode, 5),
}
# What is read as a letter or digit: its kin in other scripts, and what stands for it in a game of letters.
_LOOKALIKES: Mapping[str, str] = {
    "0": "0oоο", "1": "1liіι!|", "2": "2z", "3": "3eзеє", "4": "4aаα@", "5": "5sѕ$", "6": "6bб", "7": "7tт",
    "8": "8bв", "9": "9gq", "a": "aаα4@", "b": "bьв86", "c": "cсϲ(¢", "d": "dԁ", "e": "eеє3€", "f": "fƒϝ",
    "g": "gɡ9", "h": "hһн", "i": "iіι1l!|", "j": "jј", "k": "kкκ", "l": "lӏι1i|", "m": "mм", "n": "nпη",
    "o": "oоο0", "p": "pрρ", "q": "qԛ9", "r": "rг", "s": "sѕ5$", "t": "tтτ7", "u": "uυ", "v": "vνѵ", "w": "wѡω",
    "x": "xхχ", "y": "yуγ", "z": "z2",
}  # fmt: skip


def letters_of(secret: str) -> str:
    """The letters and digits of a secret, in small letters: what is left of it however it is written."""
    return "".join(sign for sign in secret.lower() if sign.isascii() and sign.isalnum())


def pattern_of(secret: str, forms: Sequence[Form], least: int) -> str:
    """The pattern of every run of at least ``least`` neighbours of an ASCII secret, in any of some forms."""
    return "|".join(_runs(*row) for row in _rows(secret, forms, least))


def hint_of(secret: str, forms: Sequence[Form], least: int) -> str:
    """A far smaller pattern, which is found in every text in which :func:`pattern_of` is, and in a few others."""
    return "|".join(_blocks(*row) for row in _rows(secret, forms, least))


def width_of(secret: str, forms: Sequence[Form]) -> int:
    """Code points of the longest match of :func:`pattern_of`."""
    rows = _rows(secret, forms, len(secret))
    return max(sum(map(_width, atoms)) + (len(atoms) - 1) * _width(between) for atoms, _, between in rows)


def _width(pattern: str) -> int:
    return longest(pattern) or 0


def _rows(secret: str, forms: Sequence[Form], least: int) -> Iterator[tuple[Sequence[str], int, str]]:
    """What a form makes of each sign of the secret, how many of them in a row are telling, what stands between."""
    covered = {inner for form in forms for inner in _CONTAINS.get(form, ())}
    letters = letters_of(secret)
    for form in (form for form in forms if form not in covered):
        if form in _ENCODINGS:
            yield from _encoded(secret.encode(), *_ENCODINGS[form], least)
        elif form in _BY_SIGN:
            atom, between = _BY_SIGN[form]
            yield [atom(sign) for sign in secret], least, between
        elif form == "escaped":
            signs = re2.findall("[0-9a-z][^0-9a-z]*", secret.lower())
            yield ["".join(map(_escaped, sign)) for sign in signs], least, r"[^0-9A-Za-z%&\\]{0,2}"
        else:
            atom, between = _BY_LETTER[form]
            order = letters[::-1] if form == "reversed" else letters
            yield [atom(letter) for letter in order], least, between


def _runs(atoms: Sequence[str], least: int, between: str) -> str:
    return "|".join(_run(atoms[start:], least, between) for start in range(max(1, len(atoms) - least + 1)))


def _run(atoms: Sequence[str], least: int, between: str) -> str:
    tail = ""
    for atom in reversed(atoms[least:]):
        tail = f"(?:{between}{atom}{tail})?"
    return between.join(atoms[:least]) + tail


def _blocks(atoms: Sequence[str], least: int, between: str) -> str:
    """Neighbouring blocks half as long as a run, one of which lies whole in every run."""
    size = (least + 1) // 2
    starts = range(0, len(atoms) - size + 1, size)
    return "|".join(between.join(atoms[start : start + size]) for start in starts)


def _encoded(
    data: bytes, encode: Callable[[bytes], bytes], bits: int, least: int
) -> Iterator[tuple[Sequence[str], int, str]]:
    """What the bytes become within a larger text that was encoded: one row for each way in which they can lie there."""
    for ahead in range(bits // 2 if bits % 2 == 0 else bits):
        digits = encode(b"\0" * ahead + data).decode().rstrip("=")
        own = digits[-(-8 * ahead // bits) : 8 * (ahead + len(data)) // bits]
        atoms = [_digit(sign, ignore_case=bits == 5) for sign in own]
        yield atoms, (8 * least - 4) // bits, "[^0-9A-Za-z+/_-]{0,3}"


def _digit(sign: str, *, ignore_case: bool) -> str:
    written = {"+": "[+-]", "/": "[/_]"}.get(sign, sign)
    return _any_case(written) if ignore_case else written


def _any_case(letter: str) -> str:
    return f"(?i:{letter})"


def _alike(letter: str) -> str:
    return f"(?i:[{_LOOKALIKES[letter]}])"


def _turned(letter: str) -> str:
    return _any_case(codecs.encode(letter, "rot13"))


def _escaped(letter: str) -> str:
    """A sign as it is, or as an address, a web page or a program writes it; one that is no letter may be missing."""
    cases = dict.fromkeys((ord(letter), ord(letter.upper())))
    codes = (
        rf"%(?:25)?{c:02x}|&#(?:x0{{0,2}}{c:02x}|0{{0,2}}{c});?|\\(?:x{c:02x}|u00{c:02x}|u\{{{c:02x}\}}|{c:o})"
        for c in cases
    )
    return (
        f"(?i:{letter}|{'|'.join(codes)})"
        if letter.isalnum()
        else f"(?:{re2.escape(letter)}|{'|'.join(codes)})?"
    )


def _hex(sign: str) -> str:
    return _by_case(sign, "{:02x}")


def _code(sign: str) -> str:
    return f"(?:{_by_case(sign, '{}')}|0?{_by_case(sign, '{:o}')})"


def _by_case(sign: str, form: str) -> str:
    return f"(?i:{'|'.join(dict.fromkeys(form.format(ord(case)) for case in (sign, sign.swapcase())))})"


_BY_LETTER: Mapping[Form, tuple[Callable[[str], str], str]] = {
    "plain": (_any_case, "[^0-9A-Za-z]?"),
    "spaced": (_any_case, _APART),
    "skeleton": (_alike, _APART),
    "reversed": (_any_case, _APART),
    "rot13": (_turned, _APART),
}
_BY_SIGN: Mapping[Form, tuple[Callable[[str], str], str]] = {
    "hex": (_hex, r"(?:[^0-9A-Za-z]{0,3}(?:0?[xX]|[uU]\+00)?)"),
    "codes": (_code, r"[^0-9A-Za-z]{1,4}(?:0o|chr\()?"),
}
