"""From a command to its answer: the first one of an id decides, whatever comes later under the same id."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from consumers.wallet.rules import chain, reasons
from consumers.wallet.rules.accounts import CURRENCIES
from consumers.wallet.rules.attempt import Attempt
from consumers.wallet.rules.book import Book, Held, Known
from consumers.wallet.rules.carrying import CARRYING
from consumers.wallet.rules.reasons import Refusal
from schemas.events.wallet import (
    Balance,
    Command,
    ExpireHold,
    HoldState,
    Linked,
    Moved,
    Posted,
    Refused,
)
from schemas.ids import uuid5_from

JOINED = "core.persons_joined.v1"


@dataclass(slots=True)
class Outcome:
    """The answer, and what is to be written; nothing, where the answer had been given before."""

    answer: Posted | Refused
    attempt: Attempt | None


def decide(book: Book, command: Command, now: datetime, *, origin: str, key: str) -> Outcome:
    """Carry a command out, or refuse it; either is in the book from now on."""
    known = book.commands.get(command.id)
    if known is not None:
        return Outcome(_again(known, command, now), None)
    attempt = Attempt(book, now, origin, key)
    linked = command if isinstance(command, Linked) else None
    steps = linked.commands if linked else (command,)
    refusal = None
    try:
        for step in steps:
            _carry_out(attempt, step, command)
    except Refusal as found:
        refusal = found
        attempt = Attempt(book, now, origin, key)
    if linked:
        for step in steps:
            _remember_step(attempt, step, linked, refusal)
    answer = _remember(attempt, command, refusal)
    attempt.keep()
    return Outcome(answer, attempt)


def expire(book: Book, hold: UUID, now: datetime) -> Outcome | None:
    """End a hold because its time is over; None when it has ended already, or never was."""
    held = book.holds.get(hold)
    if held is None or hold in book.resolutions:
        return None
    attempt = Attempt(book, now, held.origin, held.key)
    identity = uuid5_from(hold.bytes, b"expire")
    attempt.begin(identity, ExpireHold.event_type)
    attempt.free(held, chain.EXPIRED)
    content = ExpireHold(hold=hold).write().decode()
    answer = _posted(attempt, identity, ExpireHold.event_type)
    _keep_row(attempt, answer, content)
    attempt.keep()
    return Outcome(answer, attempt)


def join(
    book: Book, identity: UUID, *, folded: str, kept: str, content: str, now: datetime
) -> Outcome | None:
    """Let one person's accounts take over another's; None when they have already."""
    if identity in book.commands:
        return None
    attempt = Attempt(book, now, "wallet", kept)
    attempt.begin(identity, JOINED)
    joined = False
    for currency in CURRENCIES:
        source, target = attempt.debit(folded, currency), attempt.credit(kept, currency)
        if source.id != target.id:
            attempt.join(source, target)
            joined = True
    if not joined:
        return None
    answer = _posted(attempt, identity, JOINED)
    _keep_row(attempt, answer, content)
    attempt.keep()
    return Outcome(answer, attempt)


def part_id(command: UUID, part: int) -> UUID:
    """The id of a command's transfer: the first one has the command's."""
    return uuid5_from(command.bytes, str(part).encode()) if part else command


def _carry_out(attempt: Attempt, step: Command, command: Command) -> None:
    """Raises Refusal, which names the step where it is one of several."""
    try:
        if step is not command:
            _refuse_known(attempt, step, command)
        attempt.begin(step.id, step.event_type)
        CARRYING[type(step)](attempt, step)
    except Refusal as refusal:
        refusal.failed = step.id if step is not command else None
        raise


def _refuse_known(attempt: Attempt, step: Command, command: Command) -> None:
    """Raises Refusal where one of several commands has the id of another, or of an earlier one."""
    known = attempt.book.commands.get(step.id)
    if known is not None:
        raise Refusal(_different(known, step) or reasons.EXISTS)
    if step.id == command.id or any(step.id == each.command for each in attempt.entries):
        raise Refusal(reasons.EXISTS)


def _again(known: Known, command: Command, now: datetime) -> Posted | Refused:
    different = _different(known, command)
    if different is not None:
        return Refused(id=command.id, command=command.event_type, at=now, reason=different)
    kind = Posted if known.reason is None else Refused
    return kind.read(known.answer.encode()).model_copy(update={"repeated": True})


def _different(known: Known, command: Command) -> str | None:
    """In what a command differs from the one that had its id first, or None."""
    if known.type != command.event_type:
        return reasons.EXISTS_WITH_DIFFERENT + "type"
    if known.content == command.write().decode():
        return None
    first = type(command).read(known.content.encode())
    names = (name for name in type(command).model_fields if getattr(first, name) != getattr(command, name))
    name = next(names, None)
    return None if name is None else reasons.EXISTS_WITH_DIFFERENT + name


def _remember(
    attempt: Attempt, command: Command, refusal: Refusal | None, step: UUID | None = None
) -> Posted | Refused:
    answer: Posted | Refused
    if refusal is None:
        answer = _posted(attempt, command.id, command.event_type, step)
    else:
        answer = Refused(
            id=command.id,
            command=command.event_type,
            at=attempt.now,
            reason=refusal.reason,
            failed=refusal.failed,
        )
    _keep_row(attempt, answer, command.write().decode())
    return answer


def _remember_step(attempt: Attempt, step: Command, command: Linked, refusal: Refusal | None) -> None:
    """The answer of one of several, for whoever asks with its id; one that was there before stays."""
    if step.id in attempt.book.commands or step.id in attempt.commands or step.id == command.id:
        return
    if refusal is not None and refusal.failed != step.id:
        refusal = Refusal(reasons.LINKED_EVENT_FAILED, refusal.failed)
    _remember(attempt, step, refusal, step.id)


def _keep_row(attempt: Attempt, answer: Posted | Refused, content: str) -> None:
    attempt.commands[answer.id] = Known(
        answer.id,
        answer.command,
        attempt.origin,
        content,
        answer.reason if isinstance(answer, Refused) else None,
        answer.write().decode(),
        answer.resolves if isinstance(answer, Posted) else None,
        attempt.now,
    )


def _posted(attempt: Attempt, identity: UUID, kind: str, step: UUID | None = None) -> Posted:
    """What was done by the attempt; of several linked commands by this `step` alone, where it is given.

    Lists rather than generators: this is the hot path, and they take two thirds of the time.
    """
    movements, entries, made = attempt.movements, attempt.entries, list(attempt.holds.values())
    resolves = [of for of, by in attempt.resolutions.items() if by.by == identity]
    ended = attempt.ended
    if step is not None:
        movements = [each for each in movements if each.command == step]
        entries = [each for each in entries if each.command == step]
        made = [each for each in made if each.id == step]
        ended = [end for end in ended if end[0].id in resolves]
    moved = [
        Moved(
            id=part_id(m.command, m.part),
            debit=m.debit_owner,
            credit=m.credit_owner,
            amount=m.amount,
            currency=m.currency,
            kind=m.kind,
        )
        for m in movements
    ]
    balances = [
        Balance(owner=a.owner, currency=a.currency, balance=a.balance, held=a.held)
        for a in attempt.changed_by(entries)
        if not a.is_system
    ]
    return Posted(
        id=identity,
        command=kind,
        at=attempt.now,
        transfers=tuple(moved),
        holds=tuple([_state(held, chain.HELD, 0) for held in made] + [_state(*end) for end in ended]),
        balances=tuple(balances),
        resolves=resolves[0] if resolves else None,
        review=attempt.review,
    )


def _state(held: Held, state: str, captured: int) -> HoldState:
    return HoldState(
        id=held.id, state=state, amount=held.amount, captured=captured, expires_at=held.expires_at
    )
