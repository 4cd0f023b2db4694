"""A domain's word about a turn: its conversation has ended, or it can make nothing of the turn."""

from __future__ import annotations

from consumers.core import rules, texts
from consumers.core.domain import core
from consumers.core.handover import hand_over, leave
from consumers.core.installation import installation_of
from consumers.core.rules import Kind
from consumers.core.store import PersonStore
from consumers.domain import Context, Decision, Intents, nothing
from consumers.replies import Raw, Say
from schemas.events.conversation import Ended, Unclaimed


@core.handles(Ended)
async def conversation_ended(data: Ended, context: Context, persons: PersonStore) -> Decision:
    """The next turn is open to all again, unless the person has come back to the domain since."""
    person = persons.find(context.person)
    if person is not None and person.active == data.domain and person.active_turn <= data.turn:
        person.active = None
        persons.save(person)
    return nothing()


@core.handles(Unclaimed)
async def turn_unclaimed(
    data: Unclaimed, context: Context, persons: PersonStore, intents: Intents
) -> Decision:
    """Routes a turn again, unless a later one went elsewhere; it keeps its number.

    When no domain wants it, the person hears what the one that refused it would have said, and goes on
    there. Where that has nothing to say either, the assistant gets the turn, or home is shown.
    """
    person = persons.find(context.person)
    routed = data.routed
    if person is None or person.opted_out_at is not None:
        return nothing()
    if person.went_elsewhere(data.domain, routed.turn):
        return nothing()
    installation = installation_of(intents)
    # The next message of the person is answered in the language that they chose meanwhile.
    locale = person.locale
    way = rules.reroute(routed.said, person.active, data.domain, routed.intent, installation.rules)
    if way is None and data.otherwise is not None:
        return Decision(replies=(Raw(data.otherwise),), locale=locale)
    way = way or rules.last_resort(routed.said, data.domain, installation.rules)
    if way.kind is Kind.ROUTE:
        again = routed.model_copy(update={"person": person.id, "intent": way.intent, "locale": locale})
        emits = hand_over(person, installation, way.domain, again)
        replies: tuple[Say | Raw, ...] = ()
    else:
        # A later turn of the same domain may be under way there: that goes on.
        emits = leave(person, installation, routed.turn) if person.active_turn <= routed.turn else ()
        home = installation.home(person.country, locale, lost=way.kind is Kind.LOST)
        replies = (Say(texts.unusable()), home) if way.kind is Kind.UNUSABLE else (home,)
    persons.save(person)
    return Decision(replies=replies, emits=emits, locale=locale)
