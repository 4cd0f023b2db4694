"""What a value has to be to satisfy several schemas at once, gathered from all that they refer to."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from functools import cached_property
from typing import Any

from schemas.compatibility.around import Seen, flattened, listed, opens, possible
from schemas.compatibility.bounds import Bound, lower_end, upper_end
from schemas.compatibility.document import A_STRING, EVERYTHING, NOTHING, Node, matches, valid
from schemas.compatibility.meaning import WORDS
from schemas.compatibility.members import Elements, Members
from schemas.compatibility.values import KINDS, json_key, kind_of, kinds_named

Nodes = tuple[Node, ...]
CASES_LIMIT = (
    64  # ways in which a value may satisfy alternatives, looked at one by one; more are taken together
)
ENUMERATED_LIMIT = 64  # a range of whole numbers as short as this is looked at number by number
ASIDE = WORDS | {"$defs", "definitions", "$ref", "allOf"}  # followed, or of no weight
ALTERNATIVES = ("anyOf", "oneOf", "if", "dependentSchemas")


class Shape:
    """A conjunction of schemas, as the set of values that satisfy all of them.

    `atoms`: the schemas, references and `allOf` followed, so that each speaks for itself. `resolved`: which
    alternatives were decided on the way here. `nots`: what the value is known not to be. `beside`: what it
    may satisfy as well, so that a lenient writer may write the names in it.
    """

    def __init__(
        self,
        nodes: Nodes,
        *,
        lenient: bool = False,
        resolved: frozenset[tuple[Node, str]] = frozenset(),
        nots: Nodes = (),
        beside: Nodes = (),
    ) -> None:
        """Raises UnusableSchema for a reference that leads nowhere."""
        self.atoms: Nodes = tuple(dict.fromkeys(atom for node in nodes for atom in flattened(node)))
        self.lenient = lenient
        self.resolved = resolved
        self.nots = tuple(dict.fromkeys(nots))
        self.beside = tuple(dict.fromkeys(beside))
        self.key = (frozenset(self.atoms), resolved, frozenset(self.nots), lenient, frozenset(self.beside))

    def narrowed(
        self,
        *nodes: Node,
        resolved: tuple[Node, str] | None = None,
        nots: Nodes = (),
        beside: Nodes = (),
        foreign: bool = False,
    ) -> Shape:
        """The values of this shape that satisfy these nodes too, and are none of `nots`."""
        return Shape(
            (*self.atoms, *(node.abroad() if foreign else node for node in nodes)),
            lenient=self.lenient,
            resolved=self.resolved | {resolved} if resolved else self.resolved,
            nots=(*self.nots, *nots),
            beside=(*self.beside, *beside),
        )

    def facts(self, keyword: str) -> Iterator[tuple[Node, Any]]:
        """Each atom that has the keyword, with its value."""
        return ((atom, atom.get(keyword)) for atom in self.atoms if atom.has(keyword))

    def numbers(self, keyword: str) -> list[Any]:
        """The values of a keyword in all atoms."""
        return [value for _, value in self.facts(keyword)]

    @cached_property
    def declared_kinds(self) -> frozenset[str]:
        """The kinds of values that `type` allows."""
        kinds = KINDS
        if self.says_never:
            return frozenset()
        for atom in self.atoms:
            if atom.has("type"):
                kinds &= kinds_named(atom.get("type"))
        return kinds

    @cached_property
    def _possible_kinds(self) -> frozenset[str]:
        """By `type`, and by what whole multiples are."""
        whole = any(Fraction(str(step)).denominator == 1 for step in self.numbers("multipleOf"))
        return self.declared_kinds - {"fraction"} if whole else self.declared_kinds

    @cached_property
    def values(self) -> list[Any] | None:
        """All values, where they can be counted; None where they cannot."""
        listed = [atom for atom in self.atoms if atom.has("enum") or atom.has("const")]
        if listed:
            first = listed[0]
            candidates = [first.get("const")] if first.has("const") else first.get("enum")
        elif self.declared_kinds <= {"null", "boolean"}:
            candidates = [None, False, True]
        elif self._possible_kinds == {"integer"} and (short := self._short_range()) is not None:
            candidates = list[Any](short)
        else:
            return None
        return [
            value
            for value in {json_key(value): value for value in candidates}.values()
            if valid(self.atoms, value) and not any(valid((each,), value) for each in self.nots)
        ]

    def _short_range(self) -> list[int] | None:
        lower, upper = self.lower, self.upper
        if lower is None or upper is None or upper.value - lower.value > ENUMERATED_LIMIT:
            return None
        return list(range(int(lower.value), int(upper.value) + 1))

    @cached_property
    def kinds(self) -> frozenset[str]:
        """The kinds of values that there are."""
        if self.values is None:
            return self._possible_kinds
        return frozenset(kind_of(value) for value in self.values)

    @cached_property
    def lower(self) -> Bound | None:
        """The least number, or what all numbers are above."""
        return lower_end(self.atoms, whole="fraction" not in self._possible_kinds)

    @cached_property
    def upper(self) -> Bound | None:
        """The greatest number, or what all numbers are below."""
        return upper_end(self.atoms, whole="fraction" not in self._possible_kinds)

    def least(self, keyword: str) -> int:
        """The greatest of the lower limits that a keyword sets (minLength, minItems, minProperties)."""
        limits = [int(limit) for limit in self.numbers(keyword)]
        if keyword == "minProperties":
            limits.append(len(self.required))
        if keyword == "minItems":
            limits += [int(atom.get("minContains", 1)) for atom, _ in self.facts("contains")]
        return max(limits, default=0)

    def most(self, keyword: str) -> int | None:
        """The least of the upper limits that a keyword sets, or None."""
        limits = [int(limit) for limit in self.numbers(keyword)]
        if keyword == "maxItems":
            limits += [len(e.prefix) for e in self.elements if e.rest is not None and e.rest.schema is False]
        if keyword == "maxProperties" and (names := self.all_names()) is not None:
            limits.append(len(names))
        return min(limits, default=None)

    @cached_property
    def stated_required(self) -> frozenset[str]:
        """The names that `required` lists."""
        return frozenset(name for names in self.numbers("required") for name in names)

    @cached_property
    def required(self) -> frozenset[str]:
        """The names that must be there: those that are listed, and those that these need."""
        names = set(self.stated_required)
        needed = self.numbers("dependentRequired")
        while added := {n for each in needed for name in names & each.keys() for n in each[name]} - names:
            names |= added
        return frozenset(names)

    @cached_property
    def members(self) -> list[Members]:
        """What each atom says of properties, where it does."""
        return [members for atom in self.atoms if (members := Members.of(atom)) is not None]

    @cached_property
    def elements(self) -> list[Elements]:
        """What each atom says of items, where it does."""
        return [elements for atom in self.atoms if (elements := Elements.of(atom)) is not None]

    @cached_property
    def undecided(self) -> list[tuple[Node, str]]:
        """The alternatives that are still open."""
        return [
            (atom, keyword)
            for atom in self.atoms
            for keyword in ALTERNATIVES
            if atom.has(keyword) and (atom, keyword) not in self.resolved
        ]

    @cached_property
    def says_never(self) -> bool:
        """Whether `false` is among the schemas."""
        return any(atom.schema is False for atom in self.atoms)

    @cached_property
    def has_choices(self) -> bool:
        """Whether there are alternatives."""
        return any(atom.has("anyOf") or atom.has("oneOf") for atom in self.atoms)

    @cached_property
    def is_choice(self) -> bool:
        """Whether it says nothing but one choice between alternatives."""
        said = [
            keyword
            for atom in self.atoms
            for keyword in (atom.schema if isinstance(atom.schema, dict) else ("false",))
            if keyword not in ASIDE
        ]
        return len(said) == 1 and said[0] in ("anyOf", "oneOf")

    @cached_property
    def closed(self) -> bool:
        """Whether a lenient writer writes nothing into an object but what is declared here."""
        return (
            self.lenient
            and any(members.declares for members in self._own)
            and not any(members.additional is not None or opens(members.node) for members in self._own)
            and self._possible is not None
            and not self.undecided
        )

    @cached_property
    def _possible(self) -> Seen | None:
        return possible(self.beside)

    @cached_property
    def _own(self) -> list[Members]:
        """What the writer itself declares."""
        return [members for members in self.members if not members.node.foreign]

    @cached_property
    def declared(self) -> frozenset[str]:
        """The names that a lenient writer may write."""
        names = {name for members in self._own for name in members.properties}
        names |= {name for atom in self.atoms if not atom.foreign for name in listed(atom)}
        return frozenset(names | (self._possible.properties if self._possible else set()))

    def stated(self, name: str) -> Nodes:
        """What is said of the value under a name, by properties alone."""
        return tuple(dict.fromkeys(node for members in self.members for node in members.content(name)))

    def content(self, name: str) -> Nodes:
        """What the value under a name satisfies, as far as is known; NOTHING where it cannot be there."""
        found = list(self.stated(name))
        if self.closed and name not in self.declared and not self._patterned(name):
            found.append(NOTHING)
        for atom in self.atoms:
            if atom.has("propertyNames") and not valid((atom.child("propertyNames"),), name):
                found.append(NOTHING)
        return tuple(dict.fromkeys(found))

    def _patterned(self, name: str) -> bool:
        return any(members.patterned(name) for members in self._own) or any(
            matches(pattern).is_valid(name) for pattern in self._patterns
        )

    @cached_property
    def _patterns(self) -> frozenset[str]:
        """Those beside this."""
        return self._possible.patterns if self._possible else frozenset()

    def all_names(self) -> frozenset[str] | None:
        """Every name that can be there, or None where there is no end of them."""
        sets = [m.only_names() for m in self.members]
        if self.closed and not (self._patterns or any(members.patterns for members in self._own)):
            sets.append(self.declared)
        for atom, _ in self.facts("propertyNames"):
            names = Shape((atom.child("propertyNames"), A_STRING)).values
            sets.append(None if names is None else frozenset(names))
        known = [names for names in sets if names is not None]
        return frozenset.intersection(*known) if known else None

    def others(self, besides: frozenset[str], among: str | None = None) -> list[Nodes]:
        """What the value under an undeclared name may be: each list holds all possibilities by itself.

        `besides`: patterns that the name is known not to match; `among`: one that it does.
        """
        found = [members.others(besides, among) for members in self.members]
        if self.closed:
            patterned = [n for m in self._own for p, n in m.patterns.items() if p not in besides]
            found.append((*patterned, *(EVERYTHING for _ in self._patterns - besides)))
        return found or [(EVERYTHING,)]

    def item(self, index: int | None) -> Nodes:
        """What the item at an index satisfies; None: those after all tuples."""
        return tuple(dict.fromkeys(node for each in self.elements for node in each.content(index)))

    @cached_property
    def contradicts_itself(self) -> bool:
        """Whether no value can satisfy it, as seen without looking into members and items."""
        if not self.kinds:
            return True
        if self.kinds <= {"integer", "fraction"} and self.lower and self.upper:
            if self.lower.value > self.upper.value:
                return True
            if self.lower.value == self.upper.value and (self.lower.open or self.upper.open):
                return True
        for kind, ending in (("string", "Length"), ("array", "Items"), ("object", "Properties")):
            most = self.most(f"max{ending}") if self.kinds == {kind} else None
            if most is not None and self.least(f"min{ending}") > most:
                return True
        return False
