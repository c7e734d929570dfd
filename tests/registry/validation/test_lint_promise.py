"""What lint accepts renders: random templates over random schemas, and every input that fits.

The grammar is wider than what is allowed, so that what is refused is tried as well; what it accepts must hold.
"""

from __future__ import annotations

from random import Random
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from registry.validation.template_policy import examine
from serve.core.errors import InputsRefused
from serve.core.inputs import Inputs
from serve.core.model import Message, Part, Prompt, Reference
from serve.core.render import FILTERS, TESTS, compile_template

NAMES = ("a", "b", "items", "get", "x y", "0")
TEXTS = ("", "q", "ΐß", "a{{ b }}", "\x00" * 5, "keys", "A b c d")
NUMBERS: tuple[Any, ...] = (0, 1, -1, 0.5, -0.0, 1e300, -1e300, 10**300 - 1, 10**24, 1e22, 7.0)


def schema(rng: Random, depth: int = 2) -> dict[str, Any]:
    return rng.choice(
        [text, text, number, truth, listed, listed, thing, thing, choice, either, composed, untyped, several]
        if depth
        else [text, number, truth, choice]
    )(rng, depth - 1)


def text(rng: Random, _: int) -> dict[str, Any]:
    return {"type": "string", "maxLength": rng.choice([0, 3, 8])}


def number(rng: Random, _: int) -> dict[str, Any]:
    bounds = rng.choice([{}, {"minimum": -5}, {"minimum": -5, "maximum": 5}, {"maximum": 10**30}])
    return {"type": rng.choice(["integer", "number"]), **bounds}


def truth(_: Random, __: int) -> dict[str, Any]:
    return {"type": "boolean"}


def listed(rng: Random, depth: int) -> dict[str, Any]:
    made = {"type": "array", "maxItems": rng.choice([1, 2, 3])}
    if rng.random() < 0.9:
        made["items"] = schema(rng, depth)
    return made | ({"minItems": 1} if rng.random() < 0.3 else {})


def thing(rng: Random, depth: int) -> dict[str, Any]:
    held = {name: schema(rng, depth) for name in rng.sample(NAMES, rng.randint(0, 3))}
    made: dict[str, Any] = {"type": "object", "properties": held}
    made["required"] = [name for name in sorted({*held, "a"}) if rng.random() < 0.6]
    if rng.random() < 0.7:
        made["additionalProperties"] = rng.choice([False, True, {"type": "string", "maxLength": 3}])
    return made


def choice(rng: Random, depth: int) -> dict[str, Any]:
    values: list[Any] = ["", "warm", 5, 0, None, True, [], ["x"], {"a": 1}, 1e22]
    return rng.choice(
        [{"enum": rng.sample(values, rng.randint(1, 3))}, {"const": rng.choice(values)}, {"enum": ["p", "q"]}]
    )


def either(rng: Random, depth: int) -> dict[str, Any]:
    return {rng.choice(["anyOf", "oneOf"]): [schema(rng, max(depth, 0)) for _ in range(2)]}


def composed(rng: Random, depth: int) -> dict[str, Any]:
    return {**schema(rng, max(depth, 0)), "allOf": [schema(rng, max(depth, 0)), {}][rng.randint(0, 1) :]}


def untyped(rng: Random, _: int) -> dict[str, Any]:
    return rng.choice([{}, {"maxLength": 3}, {"properties": {"a": {"type": "string", "maxLength": 2}}}])


def several(rng: Random, depth: int) -> dict[str, Any]:
    kinds = rng.sample(["string", "number", "boolean", "null", "array", "object"], rng.randint(1, 3))
    return {"type": kinds, "maxLength": 4, "maxItems": 2, "items": schema(rng, max(depth, 0))}


def value(rng: Random, of: Any, depth: int = 3) -> Any:
    """A value that is likely to fit; what does not is sorted out by the very check that serves."""
    if not isinstance(of, dict) or not of:
        return anything(rng)
    if "const" in of or "enum" in of:
        return rng.choice([of["const"]] if "const" in of else of["enum"])
    for key in ("anyOf", "oneOf", "allOf"):
        if key in of and rng.random() < 0.7:
            return value(rng, {**{k: v for k, v in of.items() if k != key}, **rng.choice(of[key])}, depth)
    kinds = of.get("type", ["object", "string", "array", "null"])
    return VALUES[rng.choice([kinds] if isinstance(kinds, str) else kinds)](rng, of, depth)


def anything(rng: Random) -> Any:
    return rng.choice([None, True, 0, "", "t", [], [1, "a"], {}, {"a": "b"}, {"items": []}, 1e300])


def a_text(rng: Random, of: dict[str, Any], _: int) -> str:
    return (rng.choice(TEXTS) * 3)[: rng.randint(0, of.get("maxLength", 9))]


def a_number(rng: Random, of: dict[str, Any], _: int) -> Any:
    return rng.choice([*NUMBERS, of.get("maximum", 3), of.get("minimum", -3), rng.randint(-5, 5)])


def a_list(rng: Random, of: dict[str, Any], depth: int) -> list[Any]:
    count = rng.randint(of.get("minItems", 0), of.get("maxItems", 3))
    return [value(rng, of.get("items"), depth - 1) for _ in range(count)]


def an_object(rng: Random, of: dict[str, Any], depth: int) -> dict[str, Any]:
    held = of.get("properties", {})
    names = [name for name in held if name in of.get("required", ()) or rng.random() < 0.5]
    made = {name: value(rng, held[name], depth - 1) for name in names}
    for name in of.get("required", ()):
        made.setdefault(name, value(rng, of.get("additionalProperties"), depth - 1))
    if of.get("additionalProperties", True) is not False and rng.random() < 0.5:
        made[rng.choice(["extra", *NAMES])] = value(rng, of.get("additionalProperties"), depth - 1)
    return made


VALUES: dict[str, Any] = {
    "string": a_text,
    "number": a_number,
    "integer": a_number,
    "boolean": lambda rng, *_: rng.random() < 0.5,
    "null": lambda *_: None,
    "array": a_list,
    "object": an_object,
}
CALLS = {
    "default": ["default", "default('')", "default('x', true)", "default([])", "default({X})", "default(none)"],
    "indent": ["indent(2)", "indent(3, true, true)"],
    "join": ["join", "join(', ')"],
    "replace": ["replace('a', 'bcd')", "replace('q', '', 1)", "replace('a', 'b', 99999999999999999999)"],
    "sort": ["sort", "sort(reverse=true)", "sort(attribute='a')", "sort(attribute='a,b')", "sort(attribute='0')"],
    "truncate": ["truncate(5)", "truncate(4, true, '…', 0)"],
    "trim": ["trim", "trim('a')"],
}  # fmt: skip
CONSTANTS = ["'a'", "''", "5", "0.5", "none", "true", "[]", "['a', 'b']", "[1, 'a']", "1e999", "'items'"]
SAFE = [
    "{X} | default('-', true)",
    "{X} | default('-')",
    "{X} | tojson",
    "{X} | length",
    "({X} if {X} is string else '-')",
]


class Grammar:
    """Templates over the names of some inputs."""

    def __init__(self, rng: Random, inputs: dict[str, Any]) -> None:
        self.rng = rng
        self.names = list(inputs.items())
        self.loops = 0

    def access(self) -> str:
        name, of = self.rng.choice(self.names)
        for _ in range(self.rng.choice([0, 0, 1, 1, 2])):
            held = of.get("properties", {}) if isinstance(of, dict) else {}
            if isinstance(of, dict) and "items" in of and self.rng.random() < 0.7:
                name, of = (
                    self.rng.choice([f"{name}[0]", f"({name} | first)", f"({name} | last)"]),
                    of["items"],
                )
            elif held or self.rng.random() < 0.1:
                key = self.rng.choice([*held, *self.rng.sample(NAMES, 1)])
                dotted = key.isidentifier() and key not in ("items", "get")
                name, of = f"{name}.{key}" if dotted else f'{name}["{key}"]', held.get(key)
        return name

    def expression(self, depth: int = 2) -> str:
        rng = self.rng
        if depth == 0 or rng.random() < 0.3:
            return rng.choice(CONSTANTS) if rng.random() < 0.15 else self.access()
        one, other = self.expression(depth - 1), self.expression(depth - 1)
        kind = rng.choice("ffffffadodtccccisngl")
        if kind == "f":
            name = rng.choice(FILTERS)
            return f"({one} | {rng.choice(CALLS.get(name, [name])).replace('{X}', other)})"
        if kind in "isn":
            return {"i": f"({one} in {other})", "s": f"({one} + {other})", "n": f"(-{one})"}[kind]
        if kind == "g":
            return f"({one}){rng.choice(['[0]', '.a', '[-1]'])}"
        if kind == "l":
            return rng.choice(["loop.index", "loop.last", "loop", f"[{one}, {other}]"])
        if kind == "t":
            return self.test(depth)
        if kind == "d":
            return f"({one} | default({other}))"
        if kind == "c":
            return f"({one} if {self.test(depth - 1)} else {other})"
        return f"({one} {'and' if kind == 'a' else 'or'} {other})"

    def test(self, depth: int = 1) -> str:
        rng = self.rng
        one = self.expression(max(depth - 1, 0))
        kind = rng.randint(0, 7)
        if kind <= 2:
            name = rng.choice(TESTS)
            other = f" {self.expression(0)}" if name in ("in", "eq", "ne") else ""
            return f"({self.access() if kind else one} is {rng.choice(['', 'not '])}{name}{other})"
        if kind == 3:
            return f"({one} {rng.choice(['==', '!=', '<', '>=', 'in', 'not in'])} {self.expression(0)})"
        if kind == 4 and depth > 0:
            return f"({self.test(depth - 1)} {rng.choice(['and', 'or'])} {self.test(depth - 1)})"
        if kind == 5 and depth > 0:
            return f"(not {self.test(depth - 1)})"
        return f"('{rng.choice(NAMES)}' in {self.access()})" if kind == 6 else one

    def guarded(self) -> str:
        """What people write: a test of one value around the use of it."""
        one = self.access()
        test = self.rng.choice(
            ["{X} is string", "{X} is defined", "{X}", "{X} is number", "{X} is not none", "{X} is mapping",
             "{X} is defined and {X}", "{X} is defined and {X} is string", "not {X}", "{X} is none",
             "{X} is undefined or {X} is none", "{X} != none", "{X} is sequence", "{X} | default('')"]
        )  # fmt: skip
        return (
            f"{{% if {test.replace('{X}', one)} %}}{{{{ {one} }}}}{{% else %}}{self.output(one)}{{% endif %}}"
        )

    def output(self, one: str = "") -> str:
        one = one or self.access()
        if self.rng.random() < 0.5:
            return f"{{{{ {self.rng.choice(SAFE).replace('{X}', one)} }}}}"
        return f"{{{{ {self.expression()} }}}}"

    def body(self, depth: int = 2) -> str:
        return "".join(self.statement(depth) for _ in range(self.rng.randint(1, 2)))

    def statement(self, depth: int) -> str:
        rng = self.rng
        kind = rng.randint(0, 9) if depth else 0
        if kind <= 2:
            return self.output()
        if kind == 3:
            return self.guarded()
        if kind <= 5:
            more = f"{{% elif {self.test()} %}}{self.body(depth - 1)}" if rng.random() < 0.3 else ""
            return f"{{% if {self.test()} %}}{self.body(depth - 1)}{more}{{% else %}}{self.body(depth - 1)}{{% endif %}}"
        if kind == 6:
            name = rng.choice(["v", "w", "p"])
            made = f"{{% set {name} = {self.expression()} %}}"
            self.names.append((name, {}))
            return made
        return self.loop(depth)

    def loop(self, depth: int) -> str:
        over, of = self.rng.choice(self.names)
        self.loops += 1
        name = self.rng.choice(
            [f"r{self.loops}", "p", "loop"] if self.rng.random() < 0.1 else [f"r{self.loops}"]
        )
        self.names.append((name, of.get("items", {}) if isinstance(of, dict) else {}))
        only = f" if {self.test()}" if self.rng.random() < 0.2 else ""
        way = self.rng.choice([over, over, f"{over} | default([])", f"{over} | sort", self.expression(1)])
        made = f"{{% for {name} in {way}{only} %}}{self.body(depth - 1)}{{{{ loop.index }}}}{{% endfor %}}"
        self.names.pop()
        return made


def is_clean(template: str, inputs: dict[str, Any]) -> int | None:
    """The bound where lint has nothing to say of a template, else None."""
    found = examine(template, inputs)
    undeclared = [use for use in found.uses if use.name not in inputs]
    return None if found.faults or found.gaps or found.failures or undeclared else found.bound


def try_one(rng: Random) -> bool:
    """True where lint accepts what was made; then it has rendered 50 times, within its bound."""
    inputs = {name: schema(rng, rng.choice([0, 2, 2])) for name in "pqrs"[: rng.randint(1, 4)]}
    template = Grammar(rng, inputs).body()
    bound = is_clean(template, inputs)
    if bound is None:
        return False
    check = Inputs(Prompt("p", Reference("m", ""), (Message("user", (Part(template),)),), inputs=inputs))
    render = compile_template(template)
    for _ in range(50):
        try:
            values = check.check({name: value(rng, of) for name, of in inputs.items()}, 0)
        except InputsRefused:
            continue
        try:
            made = render(values)
        except Exception as error:
            raise AssertionError(f"{template}\n{inputs}\n{values}\n{error.__cause__!r}") from error
        assert len(made) <= bound, (template, inputs, values)
    return True


@settings(max_examples=100, suppress_health_check=list(HealthCheck))
@given(st.integers(0, 2**64))
def test_what_lint_accepts_renders_within_its_bound_for_every_input_that_fits(seed):
    rng = Random(seed)
    for _ in range(4):
        try_one(rng)


def test_the_grammar_makes_enough_that_lint_accepts():
    rng = Random(7)
    assert sum(try_one(rng) for _ in range(300)) > 15
