"""Use case: bringing friends by a code."""

from __future__ import annotations

from collections.abc import Iterable
from functools import reduce
from urllib.parse import quote
from uuid import UUID

from consumers.domain import Context, Decision, Emit, Turn, done, nothing
from consumers.replies import Button, Buttons, Link
from consumers.texts import render
from consumers.wallet import keywords
from consumers.wallet.domain import wallet
from consumers.wallet.flows import views
from consumers.wallet.flows.telling import REWARDED
from consumers.wallet.rules.accounts import ISSUE
from consumers.wallet.rules.referring import LEADERS, REWARD, Verdict, judge
from consumers.wallet.store.people import PeopleStore
from consumers.wallet.texts import inviting
from consumers.wallet.texts.home import two
from infra.settings import Settings
from schemas import topics
from schemas.events.core import ReferralGiven
from schemas.events.wallet import Reverse, Transfer
from schemas.ids import NAMESPACE, uuid5_from

LEADERS_BUTTON = Button(wallet.tap("leaders"), inviting.leaders_button())


@wallet.starts("invite", keywords=keywords.INVITE)
async def invite(turn: Turn, people: PeopleStore, settings: Settings) -> Decision:
    """The person's code, and a button that shares it."""
    code = await people.code(turn.person)
    brought = await people.brought(turn.person)
    number = settings.meta_business_number.lstrip("+")
    link = f"https://wa.me/{number}?text=REF%3A{code}" if number else inviting.our_number()
    words = render(inviting.invitation(code, render(link, turn.locale)), turn.locale)
    share = Link(
        inviting.invite(code, brought),
        inviting.share_button(),
        f"https://wa.me/?text={quote(words, safe='')}",
    )
    return done(share, Buttons(inviting.and_now(), (LEADERS_BUTTON, views.EARN, views.HOME)))


@wallet.taps("leaders")
async def leaders(turn: Turn, people: PeopleStore) -> Decision:
    """Who brought the most."""
    found = await people.leaders(LEADERS)
    buttons = (views.INVITE, views.HOME)
    if not found:
        return done(Buttons(inviting.no_leaders(), buttons))
    lines = [
        inviting.leader(place, views.who(leader), leader.joined)
        for place, leader in enumerate(found, start=1)
    ]
    return done(Buttons(inviting.leaders(reduce(two, lines)), buttons))


@wallet.handles(ReferralGiven)
async def referral_given(given: ReferralGiven, context: Context, people: PeopleStore) -> Decision:
    """Somebody sent a code: judged, paid once, and the joiner is told what became of it."""
    promoter = await people.promoter(given.code)
    joiner = (await people.find([given.person])).get(given.person)
    verdict = judge(
        given.person,
        promoter,
        repeated=await people.was_referred(given.person),
        since=joiner.since if joiner is not None else None,
        at=given.at,
    )
    said = Buttons(inviting.VERDICTS[verdict], (views.INVITE, views.HOME))
    locale = joiner.locale if joiner is not None else None
    decision = nothing().tell(given.person, said, locale=locale)
    if verdict is not Verdict.COUNTS or promoter is None:
        return decision
    people.add_referral(given.person, promoter, given.at)
    command = Transfer(
        id=_paid_for(given.person),
        debit=ISSUE,
        credit=promoter,
        amount=REWARD,
        kind=REWARDED,
        note="referral",
    )
    return decision.emit(Emit(topics.WALLET_COMMANDS, promoter, command, origin=wallet.name))


def take_back_rewards(decision: Decision, context: Context, brought: Iterable[tuple[str, str]]) -> Decision:
    """Somebody had brought themselves: the ledger is asked for the reward, after it was paid if it was."""
    for joiner, promoter in brought:
        back = Reverse(id=context.new_id(f"brought {joiner}"), of=_paid_for(joiner), note="one person")
        decision = decision.emit(Emit(topics.WALLET_COMMANDS, promoter, back, origin=wallet.name))
    return decision


def _paid_for(joiner: str) -> UUID:
    """The id of the reward follows from the joiner alone: even a second event could not pay twice."""
    return uuid5_from(NAMESPACE, f"referral:{joiner}".encode())
