"""What must be shown of single values: kinds, lists of values, numbers, strings, and alternatives."""

from __future__ import annotations

from fractions import Fraction

from schemas.compatibility.bounds import Bound, lower_end, upper_end
from schemas.compatibility.document import Node
from schemas.compatibility.proving import Prover, Reading, rule
from schemas.compatibility.shape import Shape
from schemas.compatibility.values import divides, json_key, kinds_named

NUMBERS = frozenset(("integer", "fraction"))

# What satisfies the first format satisfies those after it too (RFC 3986, 3987, 5890, 6531).
WIDER_FORMATS = {
    "email": ("idn-email",),
    "hostname": ("idn-hostname",),
    "uri": ("uri-reference", "iri", "iri-reference"),
    "uri-reference": ("iri-reference",),
    "iri": ("iri-reference",),
}
# These look at strings alone; of any other format nobody knows what it looks at.
STRING_FORMATS = frozenset(
    [
        "date",
        "date-time",
        "duration",
        "email",
        "hostname",
        "idn-email",
        "idn-hostname",
        "ipv4",
        "ipv6",
        "iri",
        "iri-reference",
        "json-pointer",
        "regex",
        "relative-json-pointer",
        "time",
        "uri",
        "uri-reference",
        "uri-template",
        "uuid",
        "binary",
        "byte",
        "password",
    ]
)


@rule("type")
def type_(_: Prover, atom: Node, case: Shape, __: Reading) -> bool:
    """The writer writes no other kinds of values."""
    return case.kinds <= kinds_named(atom.get("type"))


@rule("enum", "const")
def listed(_: Prover, atom: Node, case: Shape, __: Reading) -> bool:
    """The writer's values can be counted, and each is in the list."""
    allowed = [atom.get("const")] if atom.has("const") else []
    allowed += atom.get("enum", [])
    keys = {json_key(value) for value in allowed}
    return case.values is not None and all(json_key(value) in keys for value in case.values)


@rule("minimum", "exclusiveMinimum")
def lower(_: Prover, atom: Node, case: Shape, __: Reading) -> bool:
    """The writer's numbers start no lower."""
    wanted = lower_end([atom], whole="fraction" not in case.kinds)
    if not case.kinds & NUMBERS or wanted is None:
        return True
    return case.lower is not None and _end(case.lower) >= _end(wanted)


@rule("maximum", "exclusiveMaximum")
def upper(_: Prover, atom: Node, case: Shape, __: Reading) -> bool:
    """The writer's numbers end no higher."""
    wanted = upper_end([atom], whole="fraction" not in case.kinds)
    if not case.kinds & NUMBERS or wanted is None:
        return True
    return case.upper is not None and _end(case.upper, -1) <= _end(wanted, -1)


def _end(bound: Bound, sign: int = 1) -> tuple[Fraction, int]:
    return (bound.value, sign * bound.open)


@rule("multipleOf")
def multiple(_: Prover, atom: Node, case: Shape, __: Reading) -> bool:
    """What the writer's numbers are multiples of is a multiple itself."""
    if not case.kinds & NUMBERS:
        return True
    steps = case.numbers("multipleOf") + ([1] if "fraction" not in case.kinds else [])
    return any(divides(atom.get("multipleOf"), step) for step in steps)


@rule("minLength")
def min_length(_: Prover, atom: Node, case: Shape, __: Reading) -> bool:
    """The writer's strings are at least as long."""
    return "string" not in case.kinds or case.least("minLength") >= atom.get("minLength")


@rule("maxLength")
def max_length(_: Prover, atom: Node, case: Shape, __: Reading) -> bool:
    """The writer's strings are at most as long."""
    most = case.most("maxLength")
    return "string" not in case.kinds or (most is not None and most <= atom.get("maxLength"))


@rule("pattern")
def pattern(_: Prover, atom: Node, case: Shape, __: Reading) -> bool:
    """The writer's strings match the very same expression: others are not compared, but "" matches all."""
    return "string" not in case.kinds or atom.get("pattern") in ("", *case.numbers("pattern"))


@rule("format")
def format_(_: Prover, atom: Node, case: Shape, __: Reading) -> bool:
    """The writer's have the same format, or one that is a part of it."""
    wanted = atom.get("format")
    if wanted in STRING_FORMATS and "string" not in case.kinds:
        return True
    return any(
        wanted == written or wanted in WIDER_FORMATS.get(written, ()) for written in case.numbers("format")
    )


@rule("anyOf")
def any_of(prover: Prover, atom: Node, case: Shape, reading: Reading) -> bool:
    """One branch accepts the writer's values, or each kind of them has its branch."""
    branches = [atom.child("anyOf", index) for index in range(len(atom.get("anyOf")))]
    if any(prover.reads((branch,), case, fills=False) for branch in branches):
        return True
    parts = prover.split(case)
    return bool(parts) and all(
        any_of(prover, atom, part, reading) for part in parts if not prover.impossible(part)
    )


@rule("oneOf")
def one_of(prover: Prover, atom: Node, case: Shape, reading: Reading) -> bool:
    """One branch accepts the writer's values and no other can; or each kind of them has its branch."""
    branches = [atom.child("oneOf", index) for index in range(len(atom.get("oneOf")))]
    for branch in branches:
        if prover.reads((branch,), case, fills=False):
            return all(other is branch or prover.apart(case, other) for other in branches)
    parts = prover.split(case)
    return bool(parts) and all(
        one_of(prover, atom, part, reading) for part in parts if not prover.impossible(part)
    )


@rule("not")
def not_(prover: Prover, atom: Node, case: Shape, _: Reading) -> bool:
    """The writer writes nothing of what the reader excludes."""
    return prover.apart(case, atom.child("not"))


@rule("if")
def condition(prover: Prover, atom: Node, case: Shape, _: Reading) -> bool:
    """What meets the condition satisfies `then`, and what does not, `else`."""
    test = atom.child("if")
    kept = prover.apart(case, test) or (
        not atom.has("then")
        or prover.accepts_all((atom.child("then"),), case.narrowed(test, foreign=True), fills=False)
    )
    return kept and (
        not atom.has("else")
        or prover.reads((test,), case, fills=False)
        or prover.accepts_all((atom.child("else"),), case.narrowed(nots=(test,)), fills=False)
    )
