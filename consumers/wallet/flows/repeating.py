"""A confirmation that is tapped again: whoever asked gets the first result again, and nothing moves."""

from __future__ import annotations

from uuid import UUID

from consumers.domain import Turn
from consumers.replies import Reply
from consumers.wallet.flows import views
from consumers.wallet.flows.words import recipient, to_asker
from consumers.wallet.store.pay_outs import PayOutStore
from consumers.wallet.store.people import PeopleStore
from consumers.wallet.store.views import AccountViews
from consumers.wallet.texts import sending
from schemas.events.wallet import CashOut, Posted, Redeem, Refused, Transfer

KINDS: dict[str, type[Transfer | CashOut | Redeem]] = {
    kind.event_type: kind for kind in (Transfer, CashOut, Redeem)
}


async def first_result(
    turn: Turn, accounts: AccountViews, people: PeopleStore, pay_outs: PayOutStore | None = None
) -> Reply:
    """What was said of the command whose id the tap carries."""
    try:
        identity = UUID(turn.argument)
    except ValueError:
        return views.from_earlier()
    known = await accounts.decided(identity)
    kind = KINDS.get(known.type) if known is not None else None
    if known is None or kind is None:
        return views.whither(sending.under_way())
    command = kind.read(known.content.encode())
    if command.debit != turn.person:  # a tap of somebody else's
        return views.from_earlier()
    answer = (Posted if known.reason is None else Refused).read(known.answer.encode())
    owed = await pay_outs.look_up(identity) if pay_outs is not None else None
    if not isinstance(command, Transfer):
        return to_asker(command, answer, None, owed)
    to = recipient(command, answer)
    return to_asker(command, answer, (await people.find([to])).get(to), owed)
