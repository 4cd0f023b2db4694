"""Which names a new domain or event may have, and what they are called elsewhere. Touches nothing."""

from __future__ import annotations

import builtins
import keyword
import re
from collections.abc import Sequence

NAME = re.compile(r"[a-z]+(?:_[a-z]+)*")
NAME_LIMIT = 30
KEYWORD = re.compile(r"[^\W_]+(?:[ '’-][^\W_]+)*")
KEYWORD_LIMIT, KEYWORDS_LIMIT = 40, 20
# What the templates call things, and folders that mean something else.
TAKEN = frozenset(
    {
        *(
            "ask",
            "consumers",
            "decision",
            "domain",
            "done",
            "infra",
            "ingress",
            "intents",
            "keywords",
            "later",
        ),
        *(
            "later",
            "redelivery",
            "replies",
            "rules",
            "runtime",
            "schemas",
            "scripts",
            "stay",
            "store",
            "system",
        ),
        *("tests", "texts", "topics", "turn", "whatsapp"),
    }
)


class Unfit(Exception):
    """Nothing was written; the message says what does not fit, and what would."""


def check_name(name: str, what: str) -> None:
    """Raises Unfit for a name that no module, database schema and topic can have."""
    if not NAME.fullmatch(name) or len(name) > NAME_LIMIT:
        raise Unfit(
            f"{name!r} is no name for a {what}: lower-case letters, words joined by one underscore, at most "
            f"{NAME_LIMIT} characters, such as lost_property."
        )
    if keyword.iskeyword(name) or keyword.issoftkeyword(name) or hasattr(builtins, name) or name in TAKEN:
        raise Unfit(f"{name!r} means something else already: choose another name for the {what}.")


def check_keywords(keywords: Sequence[str], owners: dict[str, str]) -> None:
    """Raises Unfit for what people cannot write, or what leads elsewhere; `owners`: a keyword's domain."""
    if not 1 <= len(keywords) <= KEYWORDS_LIMIT:
        raise Unfit(f"A domain begins with 1 to {KEYWORDS_LIMIT} keywords, not with {len(keywords)}.")
    for each in keywords:
        if not KEYWORD.fullmatch(each) or each != each.lower() or len(each) > KEYWORD_LIMIT:
            raise Unfit(
                f"{each!r} is no keyword: whole words in lower case, of letters and digits, at most "
                f"{KEYWORD_LIMIT} characters."
            )
        if each in owners:
            raise Unfit(f"{each!r} leads to {owners[each]} already: give others with --keywords.")
    twice = sorted({each for each in keywords if keywords.count(each) > 1})
    if twice:
        raise Unfit(f"{twice[0]!r} is given twice.")


def words(name: str) -> str:
    """As people write it: `lost_property` is `lost property`."""
    return name.replace("_", " ")


def class_name(name: str) -> str:
    """As a class is called: `trip_rated` is `TripRated`."""
    return "".join(word.capitalize() for word in name.split("_"))
