"""What a message tells about its sender: a new address, name or language, or that two persons are one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from consumers.core.address import Address, Change, address_of, is_anothers
from consumers.core.countries import country_of
from consumers.core.guess import guess_language
from consumers.core.parse import text_of
from consumers.core.person import Person
from consumers.core.store import PersonStore
from consumers.domain import Emit
from consumers.texts import one_line
from schemas.events.core import AddressChanged, OptedOut, PersonSeen, PersonsJoined
from schemas.events.whatsapp import MessageReceived
from schemas.topics import CORE_EVENTS

SEEN_AGAIN_AFTER = timedelta(minutes=10)
NAME_LENGTH_LIMIT = 100


def seen(person: Person, at: datetime) -> Emit:
    """That a person is there, and how they are reached and addressed."""
    person.seen_at = at
    data = PersonSeen(
        person=person.id,
        contact=person.contact,
        at=at,
        phone=person.phone,
        name=person.name,
        locale=person.locale,
        country=person.country,
    )
    return Emit(CORE_EVENTS, person.id, data)


async def introduce(
    persons: PersonStore,
    person: Person,
    data: MessageReceived,
    words: Sequence[str],
    at: datetime,
) -> list[Emit]:
    """Take note of the sender of a message: what others are to know of it.

    They hear of a person at first, when the name, the language or the address changes, and else at most
    every ten minutes.
    """
    emits: list[Emit] = []
    known = (person.contact, person.phone, person.user_id, person.name, person.locale, person.country)
    guessed = False
    address = address_of(data)
    late = person.heard_at is not None and at < person.heard_at  # and tells nothing new of an address
    if not late and (address.contact != person.contact or not _is_known(person, address)):
        emits = await _readdress(persons, person, address, None, at)
    # Theirs to choose: it is not to look like words of ours where others read it.
    name = one_line(text_of(data.profile_name) or "", keep="\u200d")
    if one_line(name) and not late and not person.name_chosen:
        person.name = name[:NAME_LENGTH_LIMIT]
    if person.locale_source == "default":
        language = guess_language(words)
        if language is not None:
            person.locale, person.locale_source, guessed = language, "guessed", True
    changed = known != (
        person.contact, person.phone, person.user_id, person.name, person.locale, person.country
    )  # fmt: skip
    if changed or guessed or emits:
        persons.save_identity(person)
    if changed or person.seen_at is None or at - person.seen_at >= SEEN_AGAIN_AFTER:
        emits.append(seen(person, at))
    return emits


async def change_address(persons: PersonStore, person: Person, change: Change, at: datetime) -> list[Emit]:
    """A `system` message: the person has another number or user id from now on.

    A new number brings a new user id with it, so the old one is gone even where the message does not say so.
    """
    contact = change.user_id or change.phone or person.contact
    gone = set(change.gone)
    if change.phone and change.phone != person.phone and person.user_id not in (None, change.user_id):
        gone.add(person.user_id or "")
    whole = replace(change, gone=tuple(sorted(gone - {""})))
    emits = await _readdress(persons, person, Address(contact, change.phone, change.user_id), whole, at)
    persons.save_identity(person)
    return [*emits, seen(person, at)] if emits else []


def _is_known(person: Person, address: Address) -> bool:
    """Whether the person goes by these names already. A missing one is left out by Meta, not given up."""
    return address.phone in (None, person.phone) and address.user_id in (None, person.user_id)


async def _readdress(
    persons: PersonStore, person: Person, address: Address, change: Change | None, at: datetime
) -> list[Emit]:
    """Give the person these names, join whoever else goes by them, retire the names that they replace.

    A phone number that was another one's is taken over instead.
    """
    former, number = person.contact, person.phone
    emits: list[Emit] = []
    gone = change.gone if change is not None else ()
    retired = set(gone)
    last = at  # what follows from a join is a later word than whatever the other one was heard to say
    phone, user_id = address.phone, address.user_id
    own = (None, person.contact, person.phone, person.user_id)
    for name in dict.fromkeys((address.contact, phone, user_id, *gone)):
        if name is None or name in own:
            continue
        owner = await persons.owner(name, at)
        if owner is None:
            if name not in retired:
                persons.give(name, person, at)
        elif owner is person:
            continue
        elif name == phone and is_anothers(
            owner.user_id, owner.created_at, address.user_id, at, told=change is not None
        ):
            if change is None and owner.heard_at is not None and at < owner.heard_at:
                phone = None  # a late message: the number may have gone the other way since
            else:
                emits.append(_take_over(persons, name, owner, person, at))
        else:
            emits += await _join(persons, kept=person, folded=owner, at=at)
            last = max(last, owner.heard_at or at)
            phone = phone or (owner.phone if owner.phone not in retired else None)
            user_id = user_id or (owner.user_id if owner.user_id not in retired else None)
            retired |= {n for n in (owner.phone, owner.user_id) if n}
    retired |= {n for n in (person.phone if phone else None, person.user_id if user_id else None) if n}
    retired -= {name for name in (address.contact, phone, user_id) if name}
    retired |= set(gone)
    for name in sorted(retired):
        persons.retire(name, person, at)
    person.contact = address.contact
    if phone and phone != person.phone:
        person.country = country_of(phone, user_id)
    person.phone = phone or (person.phone if person.phone not in retired else None)
    person.user_id = user_id or (person.user_id if person.user_id not in retired else None)
    if former in retired:
        # By a number that is gone, those who keep numbers let go of it.
        former = number if person.phone is None and number in retired else former
        moved = AddressChanged(
            person=person.id, contact=person.contact, former=former, phone=person.phone, at=last
        )
        emits.append(Emit(CORE_EVENTS, person.id, moved))
    return emits


def _take_over(persons: PersonStore, phone: str, owner: Person, person: Person, at: datetime) -> Emit:
    """The number has gone to another human being. Whose it was keeps all the rest, and is reached by the
    user id; what is told of them says that they have no number now, or whoever believes it is still theirs
    writes to a stranger, and pays one."""
    persons.take_over(phone, owner, person)
    owner.phone = owner.phone if owner.phone != phone else None
    owner.contact = owner.user_id or owner.contact
    persons.save_identity(owner)
    data = AddressChanged(person=owner.id, contact=owner.contact, former=phone, phone=owner.phone, at=at)
    return Emit(CORE_EVENTS, owner.id, data)


async def _join(persons: PersonStore, *, kept: Person, folded: Person, at: datetime) -> list[Emit]:
    """Two turned out to be one: what the other one chose is kept where this one has chosen nothing."""
    await persons.fold(folded, kept)
    kept.turn = max(kept.turn, folded.turn)  # numbers go up in every domain, whoever's they were
    kept.seen_at = None
    if folded.name_chosen and not kept.name_chosen:
        kept.name, kept.name_chosen = folded.name, True
    if folded.locale_source == "chosen" and kept.locale_source != "chosen":
        kept.locale, kept.locale_source = folded.locale, "chosen"
    emits = [Emit(CORE_EVENTS, kept.id, PersonsJoined(kept=kept.id, folded=folded.id, at=at))]
    kept.opted_out_at = kept.opted_out_at or folded.opted_out_at
    if kept.opted_out_at:
        # Whichever of the two it was, the sender goes by the later word of both, which may be the other one's
        # START: so this one is as late as anything that either has said.
        last = max(time for time in (at, kept.heard_at, folded.heard_at) if time is not None)
        emits.append(Emit(CORE_EVENTS, kept.id, OptedOut(person=kept.id, at=last)))
    return emits
