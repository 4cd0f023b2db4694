"""Who gets a message: the order of things, as a value. Pure.

Guards, then a tapped id, the conversation under way, keywords, the assistant, home.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass
from enum import Enum, auto

from consumers.core import taps
from consumers.core.consent_words import Wish, wish_of
from consumers.core.keywords import Keywords
from consumers.core.parse import Said
from consumers.core.words import words_of
from schemas.content import MediaSent, OtherSent, Tapped, TextSaid

HELP_WORDS = frozenset(("help", "aide", "ubufasha", "msaada"))
HOME_WORDS = frozenset(("home", "menu", "accueil", "ahabanza", "mwanzo"))  # as the button is called
GREETINGS = frozenset(
    (
        *("hi", "hello", "hey", "hola", "bonjour", "salut", "bonsoir"),
        *("muraho", "mwaramutse", "mwiriwe", "habari", "jambo", "mambo"),
    )
)
_BESIDE_A_GREETING = frozenset(("there", "easymo"))
_REFERRAL = re.compile(r"\s*ref\s*:\s*([a-z0-9]{4,16})(?!\w)", re.IGNORECASE)


class Kind(Enum):
    """What becomes of a message."""

    ROUTE = auto()
    HOME = auto()
    LOST = auto()  # home, for want of anybody who understands
    UNUSABLE = auto()  # a kind of message that nobody has use for
    HELP = auto()
    REFERRAL = auto()
    OPT_OUT = auto()
    OPT_IN = auto()
    TOO_FAST = auto()
    SILENCE = auto()


# What ends whatever was going on. Help and a referral do not.
LEAVING = frozenset((Kind.HOME, Kind.LOST, Kind.UNUSABLE, Kind.OPT_OUT))


@dataclass(slots=True, frozen=True)
class Way:
    """Where a message goes. `domain` and `intent` belong to ROUTE, `code` to REFERRAL."""

    kind: Kind
    domain: str = ""
    intent: str | None = None
    code: str = ""


HOME = Way(Kind.HOME)
LOST = Way(Kind.LOST)
UNUSABLE = Way(Kind.UNUSABLE)
HELP = Way(Kind.HELP)
OPT_OUT = Way(Kind.OPT_OUT)
OPT_IN = Way(Kind.OPT_IN)
TOO_FAST = Way(Kind.TOO_FAST)
SILENCE = Way(Kind.SILENCE)
ADMIN = Way(Kind.ROUTE, "core", "admin")
_WORDS_ALONE = {**dict.fromkeys(HOME_WORDS, HOME), **dict.fromkeys(HELP_WORDS, HELP)}
_TAPPED = {taps.HOME: HOME, taps.HELP: HELP, taps.OPT_OUT: OPT_OUT, taps.OPT_IN: HOME}


@dataclass(slots=True, frozen=True)
class Installed:
    """What there is to route to: the domains, their keywords, and the assistant's intent if there is one."""

    domains: Collection[str]
    keywords: Keywords
    assistant: tuple[str, str] | None = None  # (domain, intent)


def consent(said: Said, words: list[str], *, opted_out: bool) -> Way | None:
    """STOP and START, which count however fast somebody writes; None for all else.

    Who has opted out is answered to START alone.
    """
    wish = wish_of(words) if isinstance(said, TextSaid) else None
    tapped = said.id if isinstance(said, Tapped) else None
    if opted_out:
        return OPT_IN if wish is Wish.START or tapped == taps.OPT_IN else SILENCE
    if wish is Wish.STOP or tapped == taps.OPT_OUT:
        return OPT_OUT
    return HOME if wish is Wish.START else None


def route(said: Said, words: list[str], active: str | None, admin: bool, installed: Installed) -> Way:
    """Where a message goes, of somebody who has not opted out and said neither STOP nor START."""
    if isinstance(said, TextSaid):
        guard = _guard(said.body, words, admin)
        if guard is not None:
            return guard
    elif isinstance(said, Tapped):
        return _tapped(said.id, installed)
    elif isinstance(said, OtherSent) and said.type == "request_welcome":
        return HOME
    if active is not None and active in installed.domains:
        return Way(Kind.ROUTE, active)
    return _by_keyword(words, installed) or _by_assistant(said, None, installed) or _lost(said)


def reroute(
    said: Said, active: str | None, unclaimed_by: str, intent: str | None, installed: Installed
) -> Way | None:
    """Where a turn goes that a domain made nothing of; None: no domain has use for it.

    To the domain under way, if that is another one by now, else by keywords. Those may name the same domain:
    somebody in the middle of one of its conversations asks for another. A turn that was routed by keyword
    (`intent`) is not routed so again, so it goes round twice at most.
    """
    if isinstance(said, Tapped) or intent is not None:
        return None
    if active is not None and active != unclaimed_by and active in installed.domains:
        return Way(Kind.ROUTE, active)
    return _by_keyword(words_of_said(said), installed)


def last_resort(said: Said, unclaimed_by: str, installed: Installed) -> Way:
    """Where a turn goes that no domain wants: to the assistant, else home."""
    return _by_assistant(said, unclaimed_by, installed) or _lost(said)


def words_of_said(said: Said) -> list[str]:
    """The words of a message: of a text, or beneath a picture."""
    if isinstance(said, TextSaid):
        return words_of(said.body)
    return words_of(said.caption) if isinstance(said, MediaSent) and said.caption else []


def _guard(text: str, words: list[str], admin: bool) -> Way | None:
    if admin and text.lstrip().startswith("/"):
        return ADMIN
    first = words[0] if words else ""
    if first == "ref":
        match = _REFERRAL.match(text)
        return Way(Kind.REFERRAL, code=match[1].upper()) if match else None
    if first in GREETINGS:
        return HOME if all(w in GREETINGS or w in _BESIDE_A_GREETING for w in words) else None
    return _WORDS_ALONE.get(first) if len(words) == 1 else None


def _tapped(identity: str, installed: Installed) -> Way:
    """The id says which domain; one that is not installed, or no id of ours, leads home."""
    known = _TAPPED.get(identity)
    if known is not None:
        return known
    domain, _, _ = identity.partition(":")
    return Way(Kind.ROUTE, domain) if domain in installed.domains else HOME


def _by_keyword(words: list[str], installed: Installed) -> Way | None:
    found = installed.keywords.choose(words) if words else None
    return Way(Kind.ROUTE, found.domain, found.name) if found else None


def _by_assistant(said: Said, without: str | None, installed: Installed) -> Way | None:
    if installed.assistant is None or installed.assistant[0] == without or not isinstance(said, TextSaid):
        return None
    return Way(Kind.ROUTE, *installed.assistant)


def _lost(said: Said) -> Way:
    return LOST if isinstance(said, TextSaid | Tapped) else UNUSABLE
