"""A message arrives: whose it is, and who gets it."""

from __future__ import annotations

from datetime import datetime, timedelta

from consumers.core import answers, rules
from consumers.core.address import change_of
from consumers.core.domain import core
from consumers.core.handover import hand_over, leave
from consumers.core.heard import Heard
from consumers.core.installation import installation_of
from consumers.core.introduce import change_address, introduce
from consumers.core.parse import Message, said_of, text_of
from consumers.core.person import Pace, Person
from consumers.core.rules import Kind, Way
from consumers.core.store import PersonStore
from consumers.domain import Context, Decision, Emit, Intents, Retry, nothing
from infra.settings import Settings
from schemas.events.conversation import TurnRouted
from schemas.events.whatsapp import MessageReceived


@core.handles(MessageReceived)
async def message_received(
    data: MessageReceived, context: Context, persons: PersonStore, intents: Intents, settings: Settings
) -> Decision:
    """Routes a message to a domain, or answers it where nobody but core is meant."""
    person = persons.find(context.person)
    message = data.message
    # A group is not a chat with us: an answer would go to one member, who did not talk to us.
    if "group_id" in message:
        return nothing()
    if person is None:
        return _nobodys(message)
    at = context.event.time
    said = said_of(message)
    if said is None:
        return await _note(data, context, persons, person)
    words = rules.words_of_said(said)
    # A deferred message whose sender has written since would be answered out of place.
    overtaken = context.event.is_late and person.heard_at is not None and at < person.heard_at
    emits = await introduce(persons, person, data, words, at)
    heard = Heard(person, said, words, data, context, installation_of(intents), emits)
    way = _way(heard, overtaken, settings)
    decision = _follow(way, heard)
    if way.kind in (Kind.OPT_IN, Kind.OPT_OUT):
        persons.save_identity(person)
    _save(persons, person, context)
    return decision


def _way(heard: Heard, overtaken: bool, settings: Settings) -> Way:
    """Where the message goes. STOP and START count at any pace, and STOP however late."""
    person = heard.person
    way = rules.consent(heard.said, heard.words, opted_out=person.opted_out_at is not None)
    if overtaken and way is not rules.OPT_OUT:
        return rules.SILENCE
    if way is rules.OPT_IN and _is_before_stop(person, heard.context.event.time):
        return rules.SILENCE
    if way is not None:
        return way
    pace = person.keep_pace(_heard_at(heard.context))
    if pace is not Pace.FINE:
        return rules.TOO_FAST if pace is Pace.TELL else rules.SILENCE
    admin = person.phone is not None and person.phone in settings.admin_contacts
    return rules.route(heard.said, heard.words, person.active, admin, heard.installation.rules)


def _is_before_stop(person: Person, at: datetime) -> bool:
    """Whether a START was sent before the STOP that came first: the sender goes by their times, too.

    Meta tells whole seconds: within the one of the STOP, what comes later is later.
    """
    return person.opted_out_at is not None and person.opted_out_at - at >= timedelta(seconds=1)


def _follow(way: Way, heard: Heard) -> Decision:
    """Carry out where a message goes."""
    kind = way.kind
    if kind is Kind.SILENCE:
        return Decision(emits=tuple(heard.emits))
    person = heard.person
    if kind is not Kind.ROUTE:
        if kind in rules.LEAVING:
            heard.emits += leave(person, heard.installation, person.next_turn())
        return answers.answer(way, heard)
    routed = TurnRouted(
        person=person.id,
        contact=heard.data.contact,
        turn=person.next_turn(),
        said=heard.said,
        at=heard.context.event.time,
        wamid=text_of(heard.data.message.get("id")) or "",
        intent=way.intent,
        locale=person.locale,
        country=person.country,
        name=person.name,
        phone=person.phone,
    )
    heard.emits += hand_over(person, heard.installation, way.domain, routed)
    return Decision(emits=tuple(heard.emits))


def _nobodys(message: Message) -> Decision:
    """A message of somebody nobody knows. Of two changes of address the second may arrive first: it waits
    for the other, or the account would stay under a number that was given up."""
    if change_of(message) is not None:
        raise Retry("a change of address of somebody who is not known by the former one")
    return nothing()


async def _note(data: MessageReceived, context: Context, persons: PersonStore, person: Person) -> Decision:
    """A message that wants no answer: a reaction, an edit, a word of WhatsApp itself about an address."""
    at = context.event.time
    change = change_of(data.message)
    emits: list[Emit] = []
    if change is not None:
        emits = await change_address(persons, person, change, at)
    elif data.message.get("type") != "system":
        emits = await introduce(persons, person, data, (), at)
    _save(persons, person, context)
    return Decision(emits=tuple(emits))


def _save(persons: PersonStore, person: Person, context: Context) -> None:
    at = _heard_at(context)
    if person.heard_at is None or at > person.heard_at:
        person.heard_at = at
    persons.save(person)


def _heard_at(context: Context) -> datetime:
    """When a message was sent, as its sender's pace and order are kept. Not in the future: beside one that
    claims to come from there, all later ones would be late."""
    return min(context.event.time, context.now)
