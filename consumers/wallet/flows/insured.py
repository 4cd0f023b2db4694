"""Use case: a bonus for a policy that was bought with us. Insurance only says that it was issued."""

from __future__ import annotations

from consumers.domain import Decision, Emit, nothing
from consumers.wallet.domain import wallet
from consumers.wallet.flows.telling import BONUS
from consumers.wallet.rules.accounts import ISSUE
from consumers.wallet.rules.referring import INSURANCE_BONUS
from schemas import topics
from schemas.events.insurance import PolicyIssued
from schemas.events.wallet import Transfer
from schemas.ids import NAMESPACE, uuid5_from


@wallet.handles(PolicyIssued)
async def policy_issued(issued: PolicyIssued) -> Decision:
    """The id follows from the policy alone: said twice, it is paid once; for somebody else it is refused."""
    command = Transfer(
        id=uuid5_from(NAMESPACE, f"insurance_bonus:{issued.policy}".encode()),
        debit=ISSUE,
        credit=issued.person,
        amount=INSURANCE_BONUS,
        kind=BONUS,
        note="insurance",
    )
    return nothing().emit(Emit(topics.WALLET_COMMANDS, issued.person, command, origin=wallet.name))
