"""What people are told of their payments, in their language, whoever asked for them.

It follows from our own facts, so that it is said once for each of them. Outside the 24 hours nothing is said:
a template would have to lead somewhere, and people who pay have just written to us.
"""

from __future__ import annotations

from consumers.domain import Decision, Emit, nothing
from consumers.payments import texts
from consumers.payments.domain import payments
from consumers.payments.facts import TOP_UP
from consumers.payments.store.people import PeopleStore
from consumers.texts import Text, render
from schemas import topics
from schemas.content import TextContent
from schemas.events.core import PersonSeen
from schemas.events.payments import PaidOut, PaymentFailed, PaymentReceived, PayOutFailed
from schemas.events.whatsapp import SendMessage


@payments.handles(PersonSeen, idempotent=True)
async def person_seen(seen: PersonSeen, people: PeopleStore) -> Decision:
    """Somebody wrote to us, in this language."""
    people.seen(seen)
    return nothing()


@payments.handles(PaymentReceived)
async def received(fact: PaymentReceived, people: PeopleStore) -> Decision:
    """The payer hears that it came."""
    for_something = fact.purpose != TOP_UP and bool(fact.reference)
    text = (
        texts.received_for(fact.amount_rwf, fact.reference)
        if for_something
        else texts.received(fact.amount_rwf)
    )
    return await _told(fact.person, text, people)


@payments.handles(PaymentFailed)
async def failed(fact: PaymentFailed, people: PeopleStore) -> Decision:
    """Whoever was to pay hears that it did not work."""
    if fact.person is None or fact.amount_rwf is None:
        return nothing()
    return await _told(fact.person, texts.failed(fact.amount_rwf, texts.why(fact.reason)), people)


@payments.handles(PaidOut)
async def paid_out(fact: PaidOut, people: PeopleStore) -> Decision:
    """Whoever cashed out hears that the money is there."""
    return await _told(fact.person, texts.paid_out(fact.amount_rwf), people)


@payments.handles(PayOutFailed)
async def pay_out_failed(fact: PayOutFailed, people: PeopleStore) -> Decision:
    """Whoever cashed out hears that the tokens are back."""
    return await _told(fact.person, texts.pay_out_failed(fact.amount_rwf, texts.why(fact.reason)), people)


async def _told(person: str, text: Text, people: PeopleStore) -> Decision:
    body = render(text, await people.locale(person))
    return nothing().emit(
        Emit(topics.OUTBOUND, person, SendMessage(person=person, content=TextContent(body=body)))
    )
