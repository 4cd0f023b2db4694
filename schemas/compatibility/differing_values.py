"""Names what differs in single values: types, lists of values, bounds, patterns, alternatives."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from fractions import Fraction
from typing import Any

from schemas.compatibility.comparing import NOBODY, Comparison, Pair, Sides, place, snake, step
from schemas.compatibility.document import Node
from schemas.compatibility.meaning import same
from schemas.compatibility.shape import Shape
from schemas.compatibility.values import divides, json_key
from schemas.compatibility.vocabulary import Breaks

Facts = list[tuple[Node, Any]]
LIMITS: tuple[tuple[str, Callable[..., Any]], ...] = (
    ("minimum", max),
    ("exclusiveMinimum", max),
    ("maximum", min),
    ("exclusiveMaximum", min),
    ("minLength", max),
    ("maxLength", min),
    ("minItems", max),
    ("maxItems", min),
    ("minProperties", max),
    ("maxProperties", min),
)
SHOWN = 60  # characters of a value in a sentence


def shown(value: Any) -> str:
    """A value as JSON, cut short."""
    text = json_key(value)
    return text if len(text) <= SHOWN else text[:SHOWN] + "…"


def was(new: Any, old: Any) -> str:
    """Both values, for a sentence."""
    return f"{shown(new)}, was {shown(old)}"


@step
def types(comparison: Comparison, pair: Pair) -> Sides:
    """TYPE_EXTENDED, TYPE_NARROWED, TYPE_CHANGED: of what is effectively allowed."""
    facts = [*pair.new_shape.facts("type"), *pair.old_shape.facts("type")]
    none = any(shape.says_never for shape in (pair.new_shape, pair.old_shape))
    new, old = _kinds(comparison, pair.new_shape), _kinds(comparison, pair.old_shape)
    if not (facts or none) or new == old:
        return NOBODY
    change = "EXTENDED" if new > old else "NARROWED" if new < old else "CHANGED"
    pointer = place(facts[0][0], "type") if facts else comparison.pointer(pair.new, pair.old)
    broken = pair.live if none else comparison.broken(pair, "type")
    return comparison.name(f"TYPE_{change}", pointer, broken, f"{_spoken(new)}, was {_spoken(old)}")


def _kinds(comparison: Comparison, shape: Shape) -> frozenset[str]:
    """By `type`; where that is not said, by the values that are listed or the alternatives that there are."""
    stated = any(True for _ in shape.facts("type"))
    cases = comparison.prover.cases(shape)
    return frozenset(kind for case in cases for kind in (case.declared_kinds if stated else case.kinds))


def _spoken(kinds: frozenset[str]) -> str:
    number = {"integer", "fraction"} <= kinds
    names = {*kinds, "number"} - {"integer", "fraction"} if number else kinds
    return " or ".join(sorted(names)) if names else "nothing"


@step
def lists(comparison: Comparison, pair: Pair) -> Sides:
    """CONST_… and ENUM_…: the values that are listed."""
    new, old = _listed(pair.new_shape), _listed(pair.old_shape)
    if not new and not old:
        return NOBODY
    broken = comparison.broken(pair, "const", "enum")
    keyword, node, _ = (new or old)[0]
    pointer = place(node, keyword)
    if not new or not old:
        prefix = "CONST" if keyword == "const" else "ENUM"
        return comparison.name(f"{prefix}_{'ADDED' if new else 'REMOVED'}", pointer, broken)
    now, before = _keys(new), _keys(old)
    if now == before:
        return NOBODY
    if keyword == old[0][0] == "const":
        return comparison.name("CONST_CHANGED", pointer, broken, was(new[0][2][0], old[0][2][0]))
    change = "EXTENDED" if now > before else "NARROWED" if now < before else "CHANGED"
    parts = [
        f"{word} {', '.join(sorted(keys))[:SHOWN]}"
        for word, keys in (("new:", now - before), ("gone:", before - now))
        if keys
    ]
    return comparison.name(f"ENUM_ARRAY_{change}", pointer, broken, "; ".join(parts))


def _listed(shape: Shape) -> list[tuple[str, Node, list[Any]]]:
    found: list[tuple[str, Node, list[Any]]] = [("const", n, [value]) for n, value in shape.facts("const")]
    return found + [("enum", node, values) for node, values in shape.facts("enum")]


def _keys(listed: list[tuple[str, Node, list[Any]]]) -> set[str]:
    return set.intersection(*({json_key(value) for value in values} for _, _, values in listed))


@step
def limits(comparison: Comparison, pair: Pair) -> Sides:
    """MINIMUM_INCREASED and all the other limits: ADDED, REMOVED, INCREASED, DECREASED."""
    explained = NOBODY
    for keyword, tighter in LIMITS:
        new, old = _tightest(pair.new_shape, keyword, tighter), _tightest(pair.old_shape, keyword, tighter)
        if new is None and old is None:
            continue
        if new is None or old is None:
            change = "REMOVED" if new is None else "ADDED"
        elif Fraction(str(new[1])) == Fraction(str(old[1])):
            continue
        else:
            change = "INCREASED" if new[1] > old[1] else "DECREASED"
        node, value = new or old or (None, None)
        assert node is not None
        what = was(new[1], old[1]) if new and old else shown(value)
        broken = comparison.broken(pair, keyword)
        explained |= comparison.name(f"{snake(keyword)}_{change}", place(node, keyword), broken, what)
    return explained


def _tightest(shape: Shape, keyword: str, tighter: Callable[..., Any]) -> tuple[Node, Any] | None:
    facts = list(shape.facts(keyword))
    return tighter(facts, key=lambda fact: Fraction(str(fact[1]))) if facts else None


@step
def multiples(comparison: Comparison, pair: Pair) -> Sides:
    """MULTIPLE_OF_EXPANDED (a multiple of the old one), _REDUCED, _CHANGED, _ADDED, _REMOVED."""
    new, old = list(pair.new_shape.facts("multipleOf")), list(pair.old_shape.facts("multipleOf"))
    if _numbers(new) == _numbers(old):
        return NOBODY
    if new and old:
        now, before = new[0][1], old[0][1]
        change = "EXPANDED" if divides(before, now) else "REDUCED" if divides(now, before) else "CHANGED"
        what = was(now, before)
    else:
        change, what = ("ADDED" if new else "REMOVED"), shown((new or old)[0][1])
    pointer = place((new or old)[0][0], "multipleOf")
    return comparison.name(f"MULTIPLE_OF_{change}", pointer, comparison.broken(pair, "multipleOf"), what)


def _numbers(facts: Facts) -> set[Fraction]:
    return {Fraction(str(value)) for _, value in facts}


@step
def texts(comparison: Comparison, pair: Pair) -> Sides:
    """PATTERN_… and FORMAT_…: ADDED, REMOVED, CHANGED; and UNIQUE_ITEMS_…."""
    explained = NOBODY
    for keyword in ("pattern", "format", "uniqueItems"):
        new = [fact for fact in pair.new_shape.facts(keyword) if fact[1] is not False]
        old = [fact for fact in pair.old_shape.facts(keyword) if fact[1] is not False]
        now, before = {value for _, value in new}, {value for _, value in old}
        if now == before:
            continue
        change = "CHANGED" if new and old else "ADDED" if new else "REMOVED"
        what = was(new[0][1], old[0][1]) if new and old else ""
        if not what and keyword != "uniqueItems":
            what = shown((new or old)[0][1])
        pointer = place(next(node for node, value in new or old if value not in now & before or new), keyword)
        broken = comparison.broken(pair, keyword)
        explained |= comparison.name(f"{snake(keyword)}_{change}", pointer, broken, what)
    return explained


@step
def exclusions(comparison: Comparison, pair: Pair) -> Sides:
    """NOT_TYPE_EXTENDED (more is excluded), _NARROWED, _CHANGED; CONDITION_ADDED, _REMOVED, _CHANGED."""
    explained = NOBODY
    for keyword in ("not", "if"):
        new = [node for node, _ in pair.new_shape.facts(keyword)]
        old = [node for node, _ in pair.old_shape.facts(keyword)]
        if _alike(new, old, keyword):
            continue
        broken = comparison.broken(pair, keyword)
        pointer = place((new or old)[0], keyword)
        if keyword == "if":
            change = "CHANGED" if new and old else "ADDED" if new else "REMOVED"
            explained |= comparison.name(f"CONDITION_{change}", pointer, broken)
        elif not new or not old or len(broken) == 1:
            more = not old if not (new and old) else Breaks.NEW_READER in broken
            explained |= comparison.name(f"NOT_TYPE_{'EXTENDED' if more else 'NARROWED'}", pointer, broken)
        else:
            explained |= comparison.name("NOT_TYPE_CHANGED", pointer, broken)
    return explained


def _alike(new: Sequence[Node], old: Sequence[Node], keyword: str) -> bool:
    keywords = ("if", "then", "else") if keyword == "if" else ("not",)
    return len(new) == len(old) and all(
        one.has(each) == other.has(each) and (not one.has(each) or same(one.child(each), other.child(each)))
        for one, other in zip(new, old, strict=True)
        for each in keywords
    )
