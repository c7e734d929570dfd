"""Labelled texts for the guardrail sets: what must be found, where, and what looks like it and is none.

Numbers are made by the published rule of each kind, written down here a second time, away from the rules they
measure; contexts are those in which people write them. One seed gives one set.
It must never hold a number or a key that was given out.
"""

from __future__ import annotations

import base64
import hashlib
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from random import Random

LETTERS, DIGITS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ", "0123456789"
BASE58 = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
MIXED = LETTERS + LETTERS.lower() + DIGITS
CONTEXTS = (
    "{v}", "My {n} is {v}, please check it.", "{n}: {v}", '{{"{k}": "{v}", "ok": true}}', "{k}={v}", "{k} = '{v}';",
    "2026-11-21T10:01:07Z INFO user=42 {k}={v} status=200", "hi, so the {n} you wanted\n{v}\nbye", "<{k}>{v}</{k}>",
    "| {n} | {v} |", "({n} {v})", "- {n}\n  - {v}\n", "Can you look at {v}? It is my {n}.", '"{k}","{v}","GB"',
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Case:
    """One text. ``span`` is what must be found in it; None where nothing may be."""

    family: str
    kind: str
    text: str
    span: tuple[int, int] | None


def cases(each: int = 30, seed: int = 11) -> Iterator[Case]:
    """``each`` cases of every kind, and as many texts again that hold none."""
    for family, kind, name, make in POSITIVES:
        random = Random(f"{seed} {kind}")
        for number in range(each):
            value = make(random)
            context = CONTEXTS[number % len(CONTEXTS)]
            key = name.lower().replace(" ", "_")
            before, after = context.replace("{v}", "\0").format(n=name, k=key).split("\0")
            yield Case(family, kind, before + value + after, (len(before), len(before) + len(value)))
    random = Random(f"{seed} none")
    for number in range(each * len(POSITIVES)):
        kind, make_none = NEGATIVES[number % len(NEGATIVES)]
        yield Case("none", kind, make_none(random), None)


def card(random: Random) -> str:
    """A number of a scheme, written as people write it."""
    heads = ("4", "51", "55", "2221", "34", "37", "36", "6011", "65", "3530", "62", "5019")
    head = random.choice(heads)
    size = {"34": 15, "37": 15, "36": 14}.get(head, 16)
    body = head + some(random, DIGITS, size - 1 - len(head))
    number = body + luhn_digit(body)
    return random.choice((str, fours, dashed, spaced, dotted, wide, hidden))(number)


def iban(random: Random) -> str:
    """An account of one of eight countries with letters and digits where they have them."""
    country, shape = random.choice((
        ("DE", "d" * 18), ("GB", "llll" + "d" * 14), ("FR", "d" * 10 + "a" * 11 + "dd"), ("ES", "d" * 20),
        ("NL", "llll" + "d" * 10), ("IT", "l" + "d" * 10 + "a" * 12), ("CH", "d" * 5 + "a" * 12), ("NO", "d" * 11),
    ))  # fmt: skip
    pools = {"d": DIGITS, "l": LETTERS, "a": DIGITS + LETTERS}
    body = "".join(random.choice(pools[sign]) for sign in shape)
    number = int("".join(str(int(sign, 36)) for sign in f"{body}{country}00"))
    whole = f"{country}{98 - number % 97:02}{body}"
    return random.choice((str, str.lower, fours, dashed, hidden, wide))(whole)


def _german(random: Random) -> str:
    body = some(random, DIGITS, 18)
    return f"{98 - int(body + '131400') % 97:02}{body}"


def weighed(
    prefix: Callable[[Random], str], check: Callable[[str], str | None], *forms: Callable[[str], str]
):
    """A maker of numbers that end in a check; a body without one is thrown away."""

    def make(random: Random) -> str:
        while True:
            body = prefix(random)
            last = check(body)
            if last is not None:
                return random.choice(forms or (str,))(body + last)

    return make


def some(random: Random, pool: str, size: int) -> str:
    """Signs out of a pool."""
    return "".join(random.choice(pool) for _ in range(size))


def luhn_digit(body: str) -> str:
    """The check digit of a body."""
    total = 0
    for place, digit in enumerate(map(int, reversed(body))):
        doubled = digit * 2 if place % 2 == 0 else digit
        total += doubled - 9 if doubled > 9 else doubled
    return str(-total % 10)


def fours(number: str) -> str:
    """Groups of four with spaces."""
    return " ".join(number[at : at + 4] for at in range(0, len(number), 4))


def dashed(number: str) -> str:
    """Groups of four with hyphens."""
    return fours(number).replace(" ", "-")


def spaced(number: str) -> str:
    """Groups of four with no-break spaces."""
    return fours(number).replace(" ", "\u00a0")


def dotted(number: str) -> str:
    """Groups of four with dots, as some scanners read them."""
    return fours(number).replace(" ", ".")


def wide(number: str) -> str:
    """Full-width signs."""
    return "".join(chr(ord(sign) + 0xFEE0) for sign in number)


def hidden(number: str) -> str:
    """A zero-width space in the middle."""
    return f"{number[:7]}\u200b{number[7:]}"


def grouped(*sizes: int, sep: str = " ") -> Callable[[str], str]:
    """A writer in groups of these sizes."""

    def write(number: str) -> str:
        places = [sum(sizes[:at]) for at in range(len(sizes))]
        return sep.join(number[place : place + size] for place, size in zip(places, sizes, strict=True))

    return write


def _mod(body: str, weights: tuple[int, ...], by: int) -> int:
    return sum(int(digit) * weight for digit, weight in zip(body, weights, strict=False)) % by


def _digit(value: int) -> str | None:
    return str(value) if value < 10 else None


def _ymd(random: Random) -> str:
    return f"{random.randint(40, 99)}{random.randint(1, 12):02}{random.randint(1, 28):02}"


def _dmy(random: Random) -> str:
    whole = _ymd(random)
    return whole[4:] + whole[2:4] + whole[:2]


def _ssn(random: Random) -> str:
    area = random.choice([number for number in range(1, 900) if number != 666])
    return f"{area:03}-{random.randint(1, 99):02}-{random.randint(1, 9999):04}"


def _nino(random: Random) -> str:
    pair = random.choice(("AB", "CE", "JH", "PX", "SW", "YZ"))
    return grouped(2, 2, 2, 2, 1, sep=random.choice(("", " ")))(
        f"{pair}{some(random, DIGITS, 6)}{random.choice('ABCD')}"
    )


def _nhs(body: str) -> str | None:
    rest = 11 - _mod(body, (10, 9, 8, 7, 6, 5, 4, 3, 2), 11)
    return _digit(0 if rest == 11 else rest)


def _idnr(random: Random) -> str:
    digits = random.sample(DIGITS, 10)
    digits[9] = digits[random.randint(0, 8)]
    if digits[0] == "0":
        digits[0], digits[1] = digits[1], digits[0]
    return "".join(digits) if digits[0] != "0" else _idnr(random)


def _mod_11_10(body: str) -> str:
    product = 10
    for digit in map(int, body):
        product = 2 * ((digit + product) % 10 or 10) % 11
    return str((11 - product) % 10)


def _fr(body: str) -> str:
    return f"{97 - int(body) % 97:02}"


def _cf(body: str) -> str:
    odd = (1, 0, 5, 7, 9, 13, 15, 17, 19, 21)
    letters = (1, 0, 5, 7, 9, 13, 15, 17, 19, 21, 2, 4, 18, 20, 11, 3, 6, 8, 12, 14, 16, 10, 22, 25, 24, 23)
    total = 0
    for place, sign in enumerate(body):
        at = int(sign) if sign.isdigit() else ord(sign) - 65
        total += (odd[at] if sign.isdigit() else letters[at]) if place % 2 == 0 else at
    return chr(65 + total % 26)


def _cf_body(random: Random) -> str:
    name = some(random, "BCDFGLMNPRST", 6)
    return f"{name}{random.randint(40, 99)}{random.choice('ABCDEHLMPRST')}{random.randint(1, 28):02}H{some(random, DIGITS, 3)}"


def _pesel(body: str) -> str:
    return str(-_mod(body, (1, 3, 7, 9, 1, 3, 7, 9, 1, 3), 10) % 10)


def _bsn(body: str) -> str | None:
    return _digit(_mod(body, (9, 8, 7, 6, 5, 4, 3, 2), 11))


def _base58(random: Random) -> str:
    raw = bytes([random.choice((0, 5))]) + random.randbytes(20)
    raw += hashlib.sha256(hashlib.sha256(raw).digest()).digest()[:4]
    number, signs = int.from_bytes(raw, "big"), ""
    while number:
        number, rest = divmod(number, 58)
        signs = BASE58[rest] + signs
    return "1" * (len(raw) - len(raw.lstrip(b"\0"))) + signs


def _phone(random: Random) -> str:
    return random.choice((
        f"+44 7700 900{some(random, DIGITS, 3)}", f"+1 (202) 555-01{some(random, DIGITS, 2)}",
        f"+4930{some(random, DIGITS, 7)}", f"+33 6 {grouped(2, 2, 2, 2)(some(random, DIGITS, 8))}",
        f"(212) 555-01{some(random, DIGITS, 2)}", f"020 7946 0{some(random, DIGITS, 3)}",
        f"07700 900{some(random, DIGITS, 3)}", f"+353 1 {grouped(3, 4)(some(random, DIGITS, 7))}",
    ))  # fmt: skip


def _mail(random: Random) -> str:
    local = (
        some(random, LETTERS.lower(), 5) + random.choice((".", "_", "+", "-", "")) + some(random, MIXED, 4)
    )
    return f"{local}@{random.choice(('example.org', 'mail.example.co.uk', 'müller.example', 'a-b.example.museum'))}"


def _ip(random: Random) -> str:
    four = ".".join(str(random.randint(1, 254)) for _ in range(4))
    return random.choice(
        (four, four, f"2001:db8::{some(random, '123456789abcdef', 4)}:1", f"fe80::{random.randint(1, 9)}:1f")
    )


def _token(head: str, pool: str, size: int, tail: str = "") -> Callable[[Random], str]:
    return lambda random: f"{head}{some(random, pool, size)}{tail}"


def _jwt(random: Random) -> str:
    parts = ('{"alg":"HS256","typ":"JWT"}', f'{{"sub":"{some(random, DIGITS, 12)}","name":"Jo"}}')
    coded = [base64.urlsafe_b64encode(part.encode()).decode().rstrip("=") for part in parts]
    return ".".join([*coded, some(random, MIXED + "-_", 43)])


def _pem(random: Random) -> str:
    lines = "\n".join(some(random, MIXED + "+/", 64) for _ in range(12))
    return f"-----BEGIN RSA PRIVATE KEY-----\n{lines}\n-----END RSA PRIVATE KEY-----"


def _assigned(random: Random) -> str:
    name = random.choice(
        ("api_key", "client_secret", "auth_token", "DB_PASSWORD", "secretKey", "access-token")
    )
    value = some(random, LETTERS.lower() + DIGITS * 3, random.randint(24, 40))
    return random.choice((f'{name} = "{value}"', f"{name}: {value}\n", f"export {name.upper()}='{value}'"))


HEX = "0123456789abcdef"
POSITIVES: tuple[tuple[str, str, str, Callable[[Random], str]], ...] = (
    ("card", "card", "card number", card),
    ("iban", "iban", "account", iban),
    ("id", "us-ssn", "SSN", _ssn),
    ("id", "uk-nino", "National Insurance number", _nino),
    ("id", "uk-nhs", "NHS number", weighed(lambda r: some(r, DIGITS, 9), _nhs, str, grouped(3, 3, 4))),
    ("id", "de-idnr", "Steuer-ID", weighed(_idnr, _mod_11_10, str, grouped(2, 3, 3, 3))),
    ("id", "fr-nir", "NIR", weighed(lambda r: f"1{_ymd(r)[:4]}75{some(r, DIGITS, 6)}", _fr, str, grouped(1, 2, 2, 2, 3, 3, 2))),
    ("id", "es-dni", "DNI", weighed(lambda r: some(r, DIGITS, 8), lambda b: "TRWAGMYFPDXBNJZSQVHLCKE"[int(b) % 23])),
    ("id", "it-cf", "codice fiscale", weighed(_cf_body, _cf, str, str.lower)),
    ("id", "nl-bsn", "BSN", weighed(lambda r: some(r, DIGITS, 8), _bsn)),
    ("id", "pl-pesel", "PESEL", weighed(lambda r: _ymd(r) + some(r, DIGITS, 4), _pesel)),
    ("id", "fi-hetu", "henkilötunnus", weighed(
        lambda r: f"{_dmy(r)}-{some(r, DIGITS, 3)}", lambda b: "0123456789ABCDEFHJKLMNPRSTUVWXY"[int(b.replace("-", "")) % 31])),
    ("id", "se-pnr", "personnummer", weighed(lambda r: _ymd(r) + some(r, DIGITS, 3), luhn_digit, grouped(6, 4, sep="-"), str)),
    ("id", "be-nn", "rijksregisternummer", weighed(lambda r: _ymd(r) + some(r, DIGITS, 3), lambda b: f"{97 - int(b) % 97:02}")),
    ("id", "hr-oib", "OIB", weighed(lambda r: some(r, DIGITS, 10), _mod_11_10)),
    ("id", "btc", "wallet", _base58),
    ("contact", "e-mail", "e-mail", _mail),
    ("contact", "phone", "phone", _phone),
    ("contact", "ip", "address", _ip),
    ("secret", "github", "token", _token("ghp_", MIXED, 36)),
    ("secret", "aws", "key id", _token("AKIA", LETTERS + "234567", 16)),
    ("secret", "slack", "token", lambda r: f"xoxb-{some(r, DIGITS, 12)}-{some(r, DIGITS, 12)}-{some(r, MIXED, 24)}"),
    ("secret", "stripe", "key", _token("sk_" + "live_", MIXED, 24)),
    ("secret", "google", "key", _token("AIza", MIXED + "-_", 35)),
    ("secret", "gitlab", "token", _token("glpat-", MIXED, 20)),
    ("secret", "npm", "token", _token("npm_", MIXED, 36)),
    ("secret", "sendgrid", "key", lambda r: f"SG.{some(r, MIXED, 22)}.{some(r, MIXED, 43)}"),
    ("secret", "hugging-face", "token", _token("hf_", LETTERS + LETTERS.lower(), 34)),
    ("secret", "digitalocean", "token", _token("dop_v1_", HEX, 64)),
    ("secret", "shopify", "token", _token("shpat_", HEX, 32)),
    ("secret", "anthropic", "key", _token("sk-ant-api03-", MIXED + "-_", 93, "AA")),
    ("secret", "databricks", "token", _token("dapi", HEX, 32)),
    ("secret", "linear", "key", _token("lin_api_", MIXED, 40)),
    ("secret", "jwt", "bearer", _jwt),
    ("secret", "private key", "key", _pem),
    ("secret", "assignment", "config", _assigned),
)  # fmt: skip
WORDS = [
    "the",
    "card",
    "was",
    "sent",
    "on",
    "time",
    "and",
    "we",
    "thank",
    "you",
    "for",
    "your",
    "patience",
    "in",
    "this",
    "matter",
    "please",
    "reply",
    "soon",
]
NEGATIVES: tuple[tuple[str, Callable[[Random], str]], ...] = (
    ("uuid", lambda r: f"trace {uuid.UUID(int=r.getrandbits(128), version=4)} done"),
    ("git sha", lambda r: f"fixed in {some(r, HEX, 40)} and {some(r, HEX, 8)}"),
    ("digest", lambda r: f"sha256:{some(r, HEX, 64)}"),
    ("image", lambda r: f"data:image/png;base64,{base64.b64encode(r.randbytes(90)).decode()}"),
    ("version", lambda r: f"upgrade to version {r.randint(1, 9)}.{r.randint(0, 20)}.{r.randint(0, 9)}.{r.randint(0, 9)} now"),
    ("date", lambda r: f"from 20{r.randint(10, 30)}-{r.randint(1, 12):02}-{r.randint(1, 28):02} to {r.randint(1, 28):02}.{r.randint(1, 12):02}.2026"),
    ("time", lambda r: f"1{some(r, DIGITS, 9)} and 1{some(r, DIGITS, 12)} ms"),
    ("order", lambda r: f"Order {some(r, DIGITS, r.randint(6, 8))} of {r.randint(2, 9)} items for {r.randint(1, 999)}.{some(r, DIGITS, 2)} EUR"),
    ("wrong card", lambda r: (lambda n: f"card {n}{(int(luhn_digit(n)) + r.randint(1, 9)) % 10}")("4" + some(r, DIGITS, 14))),
    ("wrong iban", lambda r: (lambda s: f"iban DE{(int(s[:2]) - 2 + r.randint(1, 90)) % 97 + 2:02}{s[2:]}")(_german(r))),
    ("prose", lambda r: " ".join(r.choice(WORDS) for _ in range(30)).capitalize() + "."),
    ("code", lambda r: f"def f_{r.randint(1, 99)}(token: str, key=None):\n    return self.tokens[{r.randint(0, 9)}].get(key, 0x{some(r, HEX, 4)})"),
    ("placeholder", lambda r: r.choice(('api_key = "${API_KEY}"', "token: <your-token-here>", 'password = "********"', "secret={{ secret }}", "key=AKIAIOSFODNN7EXAMPLE", "Authorization: Bearer $TOKEN"))),
    ("mac", lambda r: ":".join(some(r, HEX, 2) for _ in range(6)) + f" at {r.randint(0, 23):02}:{r.randint(0, 59):02}:07"),
    ("css", lambda r: f"a {{ color: #{some(r, HEX, 6)}; margin: {r.randint(1, 40)}px -{r.randint(1, 9)}em }}"),
    ("wrong ssn", lambda r: f"ssn 000-{r.randint(10, 99)}-{some(r, DIGITS, 4)} or 9{some(r, DIGITS, 2)}-00-{some(r, DIGITS, 4)}"),
    ("imei", lambda r: f"IMEI 35{some(r, DIGITS, 13)} ISBN 978-{some(r, DIGITS, 1)}-{some(r, DIGITS, 3)}-{some(r, DIGITS, 5)}-{some(r, DIGITS, 1)}"),
    ("url", lambda r: f"https://shop.example/p/{some(r, LETTERS.lower(), 12)}?page={r.randint(1, 99)}&sort=price_asc"),
)  # fmt: skip
