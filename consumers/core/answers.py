"""What core answers by itself: home, help, consent, a referral, a word to who is too fast."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from consumers.core import taps, texts, texts_profile
from consumers.core.heard import Heard
from consumers.core.rules import Kind, Way
from consumers.domain import Decision, Emit
from consumers.replies import Button, Buttons, Reply, Say, render_reply
from schemas.events.core import OptedIn, OptedOut, ReferralGiven
from schemas.events.whatsapp import SendMessage
from schemas.topics import CORE_EVENTS, OUTBOUND

NEXT = timedelta(microseconds=1)


def answer(way: Way, heard: Heard) -> Decision:
    """The answer to a message that goes to no domain."""
    return _ANSWERS[way.kind](way, heard)


def home_button() -> Button:
    """Leads home from wherever it is shown."""
    return Button(taps.HOME, texts.home_title())


def home_reply(heard: Heard, *, lost: bool = False) -> Reply:
    """The home menu of the person's country, in their language."""
    return heard.installation.home(heard.person.country, heard.person.locale, lost=lost)


def _home(_: Way, heard: Heard) -> Decision:
    return _said(heard, home_reply(heard))


def _lost(_: Way, heard: Heard) -> Decision:
    return _said(heard, home_reply(heard, lost=True))


def _unusable(_: Way, heard: Heard) -> Decision:
    return _said(heard, Say(texts.unusable()), home_reply(heard))


def _help(_: Way, heard: Heard) -> Decision:
    buttons = (
        home_button(),
        Button("core:support", texts.support_title()),
        Button("core:language", texts_profile.language_title()),
    )
    return _said(heard, Buttons(texts.help_text(), buttons))


def _too_fast(_: Way, heard: Heard) -> Decision:
    return _said(heard, Buttons(texts.too_fast(), (home_button(),)))


def _referral(way: Way, heard: Heard) -> Decision:
    """A code does not end what is going on; who has just come is shown around."""
    person = heard.person
    given = ReferralGiven(person=person.id, code=way.code, at=heard.context.event.time)
    heard.emits.append(Emit(CORE_EVENTS, person.id, given))
    noted = texts.referral_noted(way.code)
    if person.active is not None:
        return _said(heard, Buttons(noted, (home_button(),)))
    return _said(heard, Say(noted), home_reply(heard))


def _opt_out(_: Way, heard: Heard) -> Decision:
    person, at = heard.person, heard.context.event.time
    if person.heard_at is not None and at < person.heard_at:
        at = person.heard_at + NEXT  # it counts however late, for the sender too
    person.opted_out_at = at
    heard.emits += (
        Emit(CORE_EVENTS, person.id, OptedOut(person=person.id, at=at)),
        _despite_opt_out(Buttons(texts.opted_out(), (Button(taps.OPT_IN, "START"),)), heard),
    )
    return _said(heard)


def _opt_in(_: Way, heard: Heard) -> Decision:
    person, at = heard.person, heard.context.event.time
    # Meta tells whole seconds: within the one of a STOP that came late, this is the later word.
    if person.opted_out_at is not None and at < person.opted_out_at < at + timedelta(seconds=1):
        at = person.opted_out_at + NEXT
    person.opted_out_at = None
    # Where this message also showed that two persons are one, of whom one had opted out: the same moment's
    # word against this one, and nobody could tell which is the later.
    heard.emits[:] = [emit for emit in heard.emits if not isinstance(emit.data, OptedOut)]
    heard.emits += (
        Emit(CORE_EVENTS, person.id, OptedIn(person=person.id, at=at)),
        _despite_opt_out(Buttons(texts.opted_in(), (home_button(),)), heard),
    )
    return _said(heard)


def _despite_opt_out(reply: Reply, heard: Heard) -> Emit:
    """The last word after STOP, and the first after START: the sender may hear of the consent later than of
    this message, which travels on another topic."""
    message = SendMessage(
        person=heard.person.id,
        content=render_reply(reply, heard.person.locale),
        contact=heard.data.contact,
        heard_at=heard.context.event.time,
        despite_opt_out=True,
    )
    return Emit(OUTBOUND, heard.person.id, message)


def _said(heard: Heard, *replies: Reply) -> Decision:
    return Decision(replies=replies, emits=tuple(heard.emits), locale=heard.person.locale)


_ANSWERS: dict[Kind, Callable[[Way, Heard], Decision]] = {
    Kind.HOME: _home,
    Kind.LOST: _lost,
    Kind.UNUSABLE: _unusable,
    Kind.HELP: _help,
    Kind.TOO_FAST: _too_fast,
    Kind.REFERRAL: _referral,
    Kind.OPT_OUT: _opt_out,
    Kind.OPT_IN: _opt_in,
}
