"""A difference in a sentence that a person understands: what changed, and what follows from it."""

from __future__ import annotations

from schemas.compatibility.vocabulary import Breaks

WORDS = {
    "ADDED": "is new",
    "REMOVED": "is gone",
    "CHANGED": "is another one",
    "INCREASED": "is higher",
    "DECREASED": "is lower",
    "EXTENDED": "allows more",
    "NARROWED": "allows less",
}

# What a kind means, where its last word alone does not say it.
MEANINGS = {
    "COMPATIBILITY_NOT_PROVED": "it cannot be shown that every value is still read",
    "OPTIONAL_PROPERTY_ADDED_TO_OPEN_CONTENT_MODEL": "an optional property is new; any name was allowed",
    "OPTIONAL_PROPERTY_ADDED_TO_UNOPEN_CONTENT_MODEL": "an optional property is new",
    "PROPERTY_WITH_EMPTY_SCHEMA_ADDED_TO_OPEN_CONTENT_MODEL": "a property that may be anything is new",
    "REQUIRED_PROPERTY_ADDED_TO_OPEN_CONTENT_MODEL": "a property is new, and must be there",
    "REQUIRED_PROPERTY_ADDED_TO_UNOPEN_CONTENT_MODEL": "a property is new, and must be there",
    "REQUIRED_PROPERTY_WITH_DEFAULT_ADDED_TO_OPEN_CONTENT_MODEL": (
        "a property is new and must be there; readers put in its default"
    ),
    "REQUIRED_PROPERTY_WITH_DEFAULT_ADDED_TO_UNOPEN_CONTENT_MODEL": (
        "a property is new and must be there; readers put in its default"
    ),
    "PROPERTY_ADDED_IS_COVERED_BY_PARTIALLY_OPEN_CONTENT_MODEL": (
        "a property is new, and allows what was allowed under its name before"
    ),
    "PROPERTY_ADDED_NOT_COVERED_BY_PARTIALLY_OPEN_CONTENT_MODEL": (
        "a property is new, and does not allow all that was allowed under its name before"
    ),
    "PROPERTY_REMOVED_FROM_OPEN_CONTENT_MODEL": "the property is gone; any name is allowed",
    "PROPERTY_REMOVED_FROM_CLOSED_CONTENT_MODEL": "the property is gone, and others are not allowed",
    "PROPERTY_WITH_FALSE_REMOVED_FROM_CLOSED_CONTENT_MODEL": "the property, which could never be, is gone",
    "PROPERTY_REMOVED_IS_COVERED_BY_PARTIALLY_OPEN_CONTENT_MODEL": (
        "the property is gone; what other names may hold covers it"
    ),
    "PROPERTY_REMOVED_NOT_COVERED_BY_PARTIALLY_OPEN_CONTENT_MODEL": (
        "the property is gone, and what other names may hold does not cover it"
    ),
    "REQUIRED_ATTRIBUTE_ADDED": "it must be there now",
    "REQUIRED_ATTRIBUTE_WITH_DEFAULT_ADDED": "it must be there now; readers put in its default",
    "REQUIRED_ATTRIBUTE_REMOVED": "it need not be there any more",
    "ADDITIONAL_PROPERTIES_ADDED": "properties that are not declared are allowed now",
    "ADDITIONAL_PROPERTIES_REMOVED": "properties that are not declared are not allowed any more",
    "ADDITIONAL_PROPERTIES_EXTENDED": "properties that are not declared may hold more",
    "ADDITIONAL_PROPERTIES_NARROWED": "properties that are not declared may hold less",
    "UNIQUE_ITEMS_ADDED": "the items must differ now",
    "UNIQUE_ITEMS_REMOVED": "the items need not differ any more",
    "SUM_TYPE_EXTENDED": "there is an alternative more",
    "SUM_TYPE_NARROWED": "there is an alternative less",
    "COMBINED_TYPE_SUBSCHEMAS_CHANGED": "no alternative alone reads all of it, or several read the same",
    "COMBINED_TYPE_CHANGED": "the alternatives are combined otherwise",
    "NOT_TYPE_EXTENDED": "more is excluded",
    "NOT_TYPE_NARROWED": "less is excluded",
    "NOT_TYPE_CHANGED": "something else is excluded",
    "SCHEMA_ADDED": "what the items may be is said now",
    "SCHEMA_REMOVED": "what the items may be is not said any more",
    "TYPE_CHANGED": "the type is another one",
    "TYPE_EXTENDED": "more types are allowed",
    "TYPE_NARROWED": "fewer types are allowed",
}

CONSEQUENCES = {
    frozenset(
        {Breaks.NEW_READER}
    ): "Readers of the new version refuse what writers of the old one may write.",
    frozenset(
        {Breaks.OLD_READER}
    ): "Readers of the old version refuse what writers of the new one may write.",
    frozenset(Breaks): "Readers of either version refuse what writers of the other may write.",
    frozenset(): "Nobody is broken by it.",
}


def sentence(kind: str, pointer: str, what: str, breaks: frozenset[Breaks]) -> str:
    """`amount: the minimum is higher (5, was 1). Readers of the new version refuse …`"""
    said = MEANINGS.get(kind)
    if said is None:
        thing, _, change = kind.rpartition("_")
        said = f"the {thing.lower().replace('_', ' ')} {WORDS.get(change, change.lower())}"
    detail = f" ({what})" if what else ""
    return f"{subject(pointer)}: {said}{detail}. {CONSEQUENCES[breaks]}"


def subject(pointer: str) -> str:
    """What a pointer is about: the property that it lies in, as a path of names, or else the definition."""
    tokens = [token.replace("~1", "/").replace("~0", "~") for token in pointer.split("/")[1:]]
    names: list[str] = []
    index = 0
    while index < len(tokens) - 1:
        if tokens[index] in ("properties", "$defs", "definitions", "patternProperties"):
            names.append(tokens[index + 1])
            index += 2
        else:
            if tokens[index] == "items":
                names.append("[]")
            index += 1
    return ".".join(names).replace(".[]", "[]") or "the value"
