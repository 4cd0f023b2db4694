"""Values that a schema allows, many and odd: seeds from hypothesis-jsonschema, and changes of them."""

from __future__ import annotations

import functools
import random
import string
import warnings
from collections.abc import Callable, Iterator
from copy import deepcopy
from typing import Any

from schemas.compatibility import Schema
from schemas.compatibility.document import Document, valid
from schemas.compatibility.values import json_key
from scripts.contracts.simplest import simplest
from scripts.contracts.writing import in_draft_7

TRIES = 30  # changes tried for each value that is wanted, of which few schemas let fewer through
GREAT = 10**30  # numbers grow no further
PLAIN: tuple[Any, ...] = (None, True, False, 0, 1, -1, 0.5, 10**9, "", "x", "0", [], {}, [None], {"x": 0},
    "abc", "2026-11-28", "2026-11-28T12:00:00Z", "01890a5d-ac96-774b-bcce-b302099a8057", "a@b.rw",
    "https://a.rw/b", "a/b",
)  # fmt: skip


class Generator:
    """Values of one schema, the same for the same seed."""

    def __init__(self, schema: Schema, seed: int = 0, *, within: Schema = True) -> None:
        """`within`: another schema that the values satisfy too. Raises UnusableSchema."""
        self.schema = schema
        self.root = Document(schema).root
        self._all = (self.root, Document(within).root)
        self.seed = seed
        self._seeds: list[Any] | None = None

    def allows(self, value: Any) -> bool:
        """Whether the schema does, formats included."""
        return valid(self._all, value)

    def seeds(self, count: int) -> list[Any]:
        """Values that hypothesis-jsonschema thinks of. It knows drafts 4 to 7, without recursion."""
        if self._seeds is None or len(self._seeds) < count:
            self._seeds = [
                value for value in drawn(in_draft_7(self.schema), count, self.seed) if self.allows(value)
            ]
        return self._seeds

    def spread(self, seeds: list[Any], count: int, beside: Schema) -> Iterator[Any]:
        """Up to `count` different values: the seeds, and changes of them that the schema allows too.

        `beside`: another schema, whose names, limits and fixed values are tried as well: near them the two
        differ, if they do.
        """
        chance = random.Random(self.seed)  # noqa: S311 - to be repeatable, not to be secret
        palette = _palette(self.schema) | _palette(beside)
        names = sorted(_names(self.schema) | _names(beside) | {"x"})
        values = [*PLAIN, *palette.values()]
        plain = [value for value in values if self.allows(value)]
        plain += [value for value in simplest(self.root) if self.allows(value)]
        pool = {json_key(value): value for value in [*seeds, *plain]}
        grown = list(pool.values())
        yield from grown[:count]
        if not grown:
            return
        given = min(len(grown), count)
        for _ in range(count * TRIES):
            if given >= count:
                return
            value = changed(deepcopy(chance.choice(grown)), chance, names, values)
            key = json_key(value)
            if key not in pool and self.allows(value):
                pool[key] = value
                grown.append(value)
                given += 1
                yield value


def drawn(schema: Schema, count: int, seed: int) -> list[Any]:
    """Values from hypothesis-jsonschema, where it can think of any. Needs the development tools."""
    import hypothesis
    from hypothesis import strategies as st
    from hypothesis_jsonschema import from_schema

    _mend_hypothesis_jsonschema()
    found: list[Any] = []
    formats = {"uuid": st.uuids().map(str), "duration": st.just("P1D")}  # newer than draft 7

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of custom formats, and of regular expressions
        strategy = from_schema(schema, custom_formats=formats)

        @hypothesis.seed(seed)
        @hypothesis.settings(
            max_examples=count,
            database=None,
            deadline=None,
            phases=[hypothesis.Phase.generate],
            suppress_health_check=list(hypothesis.HealthCheck),
        )
        @hypothesis.given(strategy)
        def collect(value: Any) -> None:
            found.append(value)

        try:
            collect()
        except hypothesis.errors.HypothesisException:
            return found  # it cannot think of more: of a part that nothing satisfies, say
    return found


@functools.cache
def _mend_hypothesis_jsonschema() -> None:
    """hypothesis-jsonschema 0.23.1 calls `many.more()`, which hypothesis 6.170 no longer has."""
    import hypothesis_jsonschema._from_schema as library
    from hypothesis.internal.conjecture import utils

    if hasattr(utils.many, "more"):
        return

    class Many(utils.many):
        """A collection that is drawn as it was before."""

        _elements: Iterator[None] | None = None

        def more(self) -> bool:
            if self._elements is None:
                self._elements = iter(self.__enter__())
            if next(self._elements, self) is self:
                self.__exit__(None)
                return False
            return True

    class Utils:
        """The module as it was."""

        many = Many

        def __getattr__(self, name: str) -> Any:
            return getattr(utils, name)

    library.__dict__["cu"] = Utils()


def _palette(schema: Any) -> dict[str, Any]:
    """Values that the schema speaks of, and those just beside its limits."""
    found: list[Any] = []
    for keyword, value in _walked(schema):
        if keyword == "const":
            found.append(value)
        elif keyword in ("enum", "examples") and isinstance(value, list):
            found += value
        elif keyword == "default":
            found.append(value)
        elif isinstance(value, bool) or not isinstance(value, int | float):
            continue
        elif "Length" in keyword:
            found += ["é" * max(0, min(int(value) + off, 4096)) for off in (-1, 0, 1)]
        elif "Items" in keyword or "Contains" in keyword:
            found += [[0] * max(0, min(int(value) + off, 64)) for off in (-1, 0, 1)]
        else:
            found += [value - 1, value, value + 1, value + 0.5, value * 2, value / 2]
    return {json_key(value): value for value in found}


def _names(schema: Any) -> set[str]:
    return {
        name
        for keyword, value in _walked(schema)
        if keyword == "properties" and isinstance(value, dict)
        for name in value
    }


def _walked(schema: Any) -> Iterator[tuple[str, Any]]:
    waiting = [schema]
    while waiting:
        each = waiting.pop()
        if isinstance(each, dict):
            yield from each.items()
            waiting += each.values()
        elif isinstance(each, list):
            waiting += each


def changed(value: Any, chance: random.Random, names: list[str], values: list[Any]) -> Any:
    """The value with one thing in it different."""
    if isinstance(value, dict) and value and chance.random() < 0.6:  # further in
        name = chance.choice(sorted(value))
        return value | {name: changed(value[name], chance, names, values)}
    if isinstance(value, list) and value and chance.random() < 0.6:
        index = chance.randrange(len(value))
        return [*value[:index], changed(value[index], chance, names, values), *value[index + 1 :]]
    return chance.choice(CHANGES.get(type(value), CHANGES[type(None)]))(value, chance, names, values)


Change = Callable[[Any, random.Random, list[str], list[Any]], Any]


def _other(_: Any, chance: random.Random, __: list[str], values: list[Any]) -> Any:
    return deepcopy(chance.choice(values))


def _with_name(value: Any, chance: random.Random, names: list[str], values: list[Any]) -> Any:
    return value | {chance.choice(names): deepcopy(chance.choice(values))}


def _without_name(value: Any, chance: random.Random, _: list[str], __: list[Any]) -> Any:
    gone = chance.choice(sorted(value)) if value else None
    return {name: each for name, each in value.items() if name != gone}


def _longer(value: Any, chance: random.Random, _: list[str], values: list[Any]) -> Any:
    again = chance.choice(value) if value and chance.random() < 0.5 else chance.choice(values)
    return [*value, deepcopy(again)]


def _shorter(value: Any, chance: random.Random, _: list[str], __: list[Any]) -> Any:
    return value[: chance.randrange(len(value))] if value else value


def _number(value: Any, chance: random.Random, _: list[str], __: list[Any]) -> Any:
    if abs(value) > GREAT:
        return -value
    return chance.choice((value + 1, value - 1, value * 10, -value, value + 0.5, chance.randint(-99, 99)))


def _text(value: Any, chance: random.Random, _: list[str], __: list[Any]) -> Any:
    letter = chance.choice(string.printable + "éß–")
    at = chance.randint(0, len(value))
    return chance.choice(
        (value[:at] + letter + value[at:], value[:at] + value[at + 1 :], value + value, letter)
    )


CHANGES: dict[type, tuple[Change, ...]] = {
    dict: (_other, _with_name, _with_name, _without_name, _without_name),
    list: (_other, _longer, _longer, _shorter),
    int: (_other, _number, _number),
    float: (_other, _number, _number),
    str: (_other, _text, _text),
    bool: (_other,),
    type(None): (_other,),
}
