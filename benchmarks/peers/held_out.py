"""Labelled texts made by other people's generators, for rules that were never tuned on them.

    python held_out.py OUT.jsonl [EACH] [SEED]

Needs Faker and python-stdnum. Cards and accounts are Faker's; of personal numbers python-stdnum says which are valid,
and the examples of its documentation are added; tokens follow the formats that their vendors publish, in the forms
that configuration and source code have. Near misses: the same numbers with another check digit, and what else stands
in tickets, logs and code.
It must never take a number from our own generators or rules.
"""

# ruff: noqa: E501, ARG005  one kind of text a line reads best; each maker gets what any may need

from __future__ import annotations

import base64
import doctest
import importlib
import json
import re
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from random import Random

from faker import Faker
from held_out_forms import (
    ALNUM,
    ASSIGNED,
    CARD_TYPES,
    DIGITS,
    HEADED,
    HEX,
    IBAN_LOCALES,
    IDS,
    LOOSE,
    LOWER,
    NAMED,
    PUBLIC_CARDS,
    TALK,
    UPPER,
    URL,
    WITH_EXAMPLES,
)


def main(target: Path, each: int = 24, seed: int = 20261121) -> None:
    """Write the cases, one JSON object a line."""
    random = Random(seed)
    Faker.seed(seed)
    lines = [
        *_cards(random, each),
        *_ibans(random, each),
        *_ids(random, each),
        *_tokens(random, each),
        *_none(random, each),
    ]
    target.write_text("".join(json.dumps(_labelled(*line)) + "\n" for line in lines), encoding="utf-8")


def _labelled(family: str, kind: str, text: str) -> dict[str, object]:
    before, value, after = text.split("\0") if "\0" in text else (text, "", "")
    span = [len(before), len(before) + len(value)] if value else None
    return {"family": family, "kind": kind, "text": before + value + after, "span": span}


def _said(random: Random, name: str, value: str) -> str:
    key = re.sub(r"\W+", "_", name.lower())
    return random.choice(TALK).format(n=name, k=key, v=f"\0{value}\0")


def _grouped(value: str, how: str) -> str:
    plain = re.sub(r"\W", "", value)
    if sum(map(int, re.findall(r"\d+", how))) < len(plain):
        return value  # an example of another length
    pieces, at = [], 0
    for size, sign in re.findall(r"(\d+)(\D?)", how):
        pieces.append(plain[at : at + int(size)] + sign)
        at += int(size)
    return "".join(pieces)


def _cards(random: Random, each: int) -> Iterator[tuple[str, str, str]]:
    from stdnum import luhn

    fake = Faker("en_US")
    names = ("card", "credit card number", "Kartennummer", "carte bancaire", "PAN", "tarjeta", "Visa card")
    for kind in CARD_TYPES:
        for _ in range(each):
            number = fake.credit_card_number(kind)
            if kind == "amex" and random.random() < 0.5:
                number = _grouped(number, random.choice(("4 6 5", "4-6-5")))
            elif kind == "diners" and len(number) == 14 and random.random() < 0.5:
                number = _grouped(number, random.choice(("4 6 4", "4-6-4")))
            elif random.random() < 0.5:
                number = _grouped(number, random.choice(("4 4 4 4 4", "4-4-4-4-4", "4.4.4.4.4"))).rstrip(
                    " -."
                )
            yield "card", kind, _said(random, random.choice(names), number)
    for number in filter(luhn.is_valid, PUBLIC_CARDS):
        for value in {number, _grouped(number, "4 4 4 4 4").rstrip()}:
            yield "card", "for tests", _said(random, random.choice(names), value)


def _ibans(random: Random, each: int) -> Iterator[tuple[str, str, str]]:
    from stdnum import iban

    names = ("IBAN", "account", "Konto", "compte", "cuenta", "bank account")
    for locale in IBAN_LOCALES:
        fake = Faker(locale)
        made = [
            number
            for number in (fake.iban() for _ in range(each * 2))
            if iban.is_valid(number, check_country=False)
        ]
        for number in made[: max(4, each // 3)]:
            spaced = " ".join(number[at : at + 4] for at in range(0, len(number), 4))
            value = random.choice(
                (number, number, spaced, spaced, number.lower(), spaced.replace(" ", "-"), spaced.lower())
            )
            yield "iban", locale, _said(random, random.choice(names), value)


def _ids(random: Random, each: int) -> Iterator[tuple[str, str, str]]:
    for name, words, module, shape, forms in IDS:
        held = importlib.import_module(f"stdnum.{module}")
        made = [_valid(random, held, shape) for _ in range(each)]
        made += [number for number in _examples(held) if module in WITH_EXAMPLES]
        for number in made:
            value = _grouped(number, random.choice(forms)) if forms and random.random() < 0.5 else number
            yield "id", name, _said(random, words, value)


def _valid(random: Random, module: object, shape: str) -> str:
    for _ in range(200_000):
        number = _filled(random, shape)
        if module.is_valid(number):  # type: ignore[attr-defined]
            return number
    raise SystemExit(f"no number of {module} fits {shape}")


def _filled(random: Random, shape: str) -> str:
    date = {
        "y": f"{random.randint(30, 99):02}",
        "m": f"{random.randint(1, 12):02}",
        "D": f"{random.randint(1, 28):02}",
    }
    for sign, value in date.items():
        shape = shape.replace(sign * 2, value, 1)
    pools = {
        "d": DIGITS,
        "A": UPPER,
        "C": "BCDFGLMNPRST",
        "K": "ABCDEHLMPRST",
        "X": "XYZ",
        "P": "123456789",
        "B": "0123456789ABCDEFHJKLMNPRSTUVWXY",
    }
    return "".join(random.choice(pools[sign]) if sign in pools else sign for sign in shape)


def _examples(module: object) -> list[str]:
    """The numbers that a module's documentation shows as valid."""
    found = []
    for example in doctest.DocTestParser().get_examples(module.__doc__ or ""):
        called = re.match(r"validate\('([^']+)'\)", example.source)
        if called and not example.exc_msg:
            found.append(called.group(1))
    return found


def _some(pool: str, size: int) -> Callable[[Random], str]:
    return lambda random: "".join(random.choice(pool) for _ in range(size))


def _tokens(random: Random, each: int) -> Iterator[tuple[str, str, str]]:
    for kind, pieces in HEADED:
        for number in range(max(6, each // 3)):
            value = "".join(piece if isinstance(piece, str) else _some(*piece)(random) for piece in pieces)  # type: ignore[misc]
            form = random.choice(ASSIGNED if number % 2 else LOOSE)
            yield "secret", f"{kind} by its head", form.format(i=kind, I=kind.upper(), s=f"\0{value}\0")
    for kind, pool, size in NAMED:
        for _ in range(max(6, each // 3) if size else 0):
            value = _some(pool, size)(random) if pool else _uuid(random)
            form = random.choice(ASSIGNED)
            yield "secret", f"{kind} by its name", form.format(i=kind, I=kind.upper(), s=f"\0{value}\0")
    for kind, make in (
        ("jwt", _jwt),
        ("private key", _pem),
        ("basic auth", _basic),
        ("aws secret", _aws),
        ("connection", _dsn),
    ):
        for _ in range(each):
            yield "secret", kind, make(random)


def _uuid(random: Random) -> str:
    return "-".join(_some(HEX, size)(random) for size in (8, 4, 4, 4, 12))


def _b64(data: bytes, *, url: bool = False) -> str:
    return (base64.urlsafe_b64encode if url else base64.b64encode)(data).decode()


def _jwt(random: Random) -> str:
    head = json.dumps(
        {"alg": random.choice(("HS256", "RS256", "ES384")), "typ": "JWT"}, separators=(",", ":")
    )
    body = json.dumps(
        {"sub": _some(DIGITS, 10)(random), "iat": random.randint(10**9, 2 * 10**9), "name": "Jo"}
    )
    value = ".".join(
        (
            _b64(head.encode(), url=True).rstrip("="),
            _b64(body.encode(), url=True).rstrip("="),
            _some(URL, 43)(random),
        )
    )
    return random.choice((*LOOSE, *ASSIGNED)).format(i="session", I="SESSION", s=f"\0{value}\0")


def _pem(random: Random) -> str:
    kind = random.choice(
        (
            "RSA PRIVATE KEY",
            "PRIVATE KEY",
            "EC PRIVATE KEY",
            "OPENSSH PRIVATE KEY",
            "ENCRYPTED PRIVATE KEY",
            "PGP PRIVATE KEY BLOCK",
        )
    )
    lines = "\n".join(_some(ALNUM + "+/", 64)(random) for _ in range(random.choice((4, 13, 26, 49))))
    body = f"\0-----BEGIN {kind}-----\n{lines}\n-----END {kind}-----\0"
    return random.choice(
        ("{b}", "key: |\n{b}\n", "Here is my key\n\n{b}\n\nthanks", "cat > id_rsa <<EOF\n{b}\nEOF")
    ).format(b=body)


def _basic(random: Random) -> str:
    value = f"{_some(LOWER, 6)(random)}:{_some(ALNUM, 14)(random)}"
    return random.choice((
        f"curl -u \0{value}\0 https://api.example.com/", f"curl --user '\0{value}\0' https://api.example.com/v2/x",
        f'curl -X POST -H "Authorization: Basic \0{_b64(value.encode())}\0" https://api.example.com/',
        f'curl https://api.example.com/ \\\n  -H "Accept: text/plain" \\\n  -H "Authorization: Bearer \0{_some(ALNUM, 36)(random)}\0"',
    ))  # fmt: skip


def _aws(random: Random) -> str:
    value = _some(ALNUM + "+/", 40)(random)
    return random.choice(
        (
            "aws_secret_access_key = \0{s}\0\n",
            'AWS_SECRET_ACCESS_KEY="\0{s}\0"',
            '"SecretAccessKey": "\0{s}\0"',
            "secretKey: \0{s}\0\n",
        )
    ).format(s=value)


def _dsn(random: Random) -> str:
    value = _some(ALNUM, 18)(random)
    return random.choice(
        (
            "DB_PASSWORD=\0{s}\0\n",
            "password: \0{s}\0\n",
            '"passwd": "\0{s}\0"',
            "spring.datasource.password=\0{s}\0\n",
            "MYSQL_ROOT_PASSWORD: '\0{s}\0'",
        )
    ).format(s=value)


def _none(random: Random, each: int) -> Iterator[tuple[str, str, str]]:
    fakes = [
        Faker(locale)
        for locale in (
            "en_US",
            "en_GB",
            "de_DE",
            "fr_FR",
            "es_ES",
            "it_IT",
            "nl_NL",
            "pl_PL",
            "sv_SE",
            "ja_JP",
            "ru_RU",
            "pt_BR",
        )
    ]
    for kind, make in NEAR.items():
        for _ in range(each * 2):
            yield "none", kind, make(random, random.choice(fakes))


def _off(number: str, random: Random) -> str:
    """The number with another last digit."""
    return number[:-1] + str((int(number[-1]) + random.randint(1, 9)) % 10)


def _off_iban(number: str, random: Random) -> str:
    """The number with other check digits."""
    return f"{number[:2]}{(int(number[2:4]) - 2 + random.randint(1, 96)) % 97 + 2:02}{number[4:]}"


NEAR: dict[str, Callable[[Random, Faker], str]] = {
    "card, wrong digit": lambda r, f: _said(r, "card", _off(f.credit_card_number(), r)).replace("\0", ""),
    "iban, wrong digits": lambda r, f: _said(r, "IBAN", _off_iban(Faker("de_DE").iban(), r)).replace("\0", ""),
    "uuid": lambda r, f: f'{{"trace": "{f.uuid4()}", "span": "{_some(HEX, 16)(r)}"}}',
    "digest": lambda r, f: r.choice((f"md5 {f.md5()}", f"commit {f.sha1()}", f"sha256:{f.sha256()}", f"ETag: W/\"{f.md5()[:20]}\"")),
    "sri": lambda r, f: f'"integrity": "sha512-{_b64(r.randbytes(64))}"',
    "go.sum": lambda r, f: f"golang.org/x/{f.word()} v0.{r.randint(1, 40)}.0 h1:{_b64(r.randbytes(32))}",
    "image": lambda r, f: f"![x](data:image/png;base64,{_b64(r.randbytes(300))})",
    "barcode": lambda r, f: f"EAN {f.ean13()} ISBN {f.isbn13()} {f.isbn10()} ASIN B0{_some(UPPER + DIGITS, 8)(r)}",
    "order": lambda r, f: f"Order #{r.randint(10**6, 10**9)}, invoice INV-{r.randint(2019, 2026)}-{r.randint(1, 99999):05}, {r.randint(1, 20)} x SKU {_some(DIGITS, 8)(r)}",
    "tracking": lambda r, f: f"Parcel 1Z{_some(UPPER + DIGITS, 16)(r)} and {_some(DIGITS, 20)(r)} left the depot",
    "agent": lambda r, f: f"{f.date()} GET /{f.uri_path()} 200 {r.randint(100, 99999)} \"{f.user_agent()}\"",
    "time": lambda r, f: f"{f.iso8601()} {f.unix_time()} {r.randint(10**12, 2 * 10**12)} ms",
    "prose": lambda r, f: f.paragraph(nb_sentences=5),
    "address": lambda r, f: f"{f.name()}\n{f.address()}\nTel. {f.phone_number()}",
    "company": lambda r, f: f"{f.company()}, {f.city()}, {f.date()}, {r.randint(1, 9999)}.{r.randint(0, 99):02} EUR",
    "mac": lambda r, f: f"{f.mac_address()} up since {f.time()}",
    "numbers": lambda r, f: ", ".join(str(r.randint(0, 10**7)) for _ in range(12)),
    "floats": lambda r, f: " ".join(f"{r.uniform(-1, 1):.16f}" for _ in range(8)),
    "path": lambda r, f: f.file_path(depth=4) + " " + f.url() + f.uri_path(),
    "placeholder": lambda r, f: r.choice(('password = "changeme"', "API_KEY=your-api-key-here", "token: ${{ secrets.TOKEN }}", 'secret = os.environ["SECRET"]', "Authorization: Bearer <token>",
                                          "aws_access_key_id = AKIAIOSFODNN7EXAMPLE", "client_secret: xxxxxxxxxxxxxxxxxxxx", "db_password: {{ vault.db_password }}", "apiKey: process.env.API_KEY,", "key = AKIAXXXXXXXXXXXXXXXX",
                                          "export GITHUB_TOKEN=$(gh auth token)", 'api_key="**************"', "password: !vault |", "PGPASSWORD=$PGPASSWORD psql")),
    "code": lambda r, f: r.choice(("def get_token(self, key: str) -> str:\n    return self._tokens[key]\n", "public_key_name = \"projects/demo/keys/main\"", "if (apiKey === undefined) throw new Error('no api key');", "for key, value in sorted(items):\n    out[key] = value",
                                   "tokenizer = AutoTokenizer.from_pretrained('bert-base-uncased')", "primary_key = Column(Integer, autoincrement=True)", "secretName: my-app-tls-certificate", "accessLevel: READ_ONLY_REPLICA", "keyboard_layout=us-international",
                                   "authentication_backend: django.contrib.auth.backends.ModelBackend", "client_vpn_endpoint_id = aws_ec2_client_vpn_endpoint.client-vpn-endpoint.id", "const keyCode = event.keyCode || event.which;", "access_log /var/log/nginx/access.log combined;",
                                   'key: "user.settings.notifications.email"', "author: 'Jo-Anne Smith-Jones'", "foreign_key: orders.customer_id", "password_reset_token_expiry_hours = 48", "passwordPolicy: RequireUppercaseAndDigits")),
    "css": lambda r, f: f".a{{color:{f.hex_color()};background:url(/img/{f.word()}.svg)}} #b{r.randint(1, 99)}{{margin:-{r.randint(1, 99)}px}}",
    "json": lambda r, f: f.json(num_rows=2),
    "plate": lambda r, f: f"{f.license_plate()} {f.bothify('??-####-??')} {f.numerify('%########')} {f.numerify('### ### ###')}",
    "rgb": lambda r, f: f"viewBox=\"0 0 24 24\" d=\"M{r.random() * 20:.3f} {r.random() * 20:.3f}l{r.random() * 9:.3f}-{r.random() * 9:.3f}z\"",
}  # fmt: skip


if __name__ == "__main__":
    main(Path(sys.argv[1]), *map(int, sys.argv[2:]))
