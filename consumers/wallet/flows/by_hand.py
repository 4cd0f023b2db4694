"""Use case: a person of ours decides (`easymo ledger held`, `easymo ledger owed`).

The decision is judged and kept, and what it means goes to the ledger as a command in the same transaction.
Who is concerned is told by the command's handler, as ever; of what was to be paid out, here.
"""

from __future__ import annotations

from consumers.domain import Context, Decision, Emit, nothing
from consumers.wallet.domain import wallet
from consumers.wallet.flows.answering import timer
from consumers.wallet.flows.telling import give_back, pay
from consumers.wallet.rules.by_hand import (
    ABOUT_HOLDS,
    APPROVE,
    ASKED,
    DONE,
    command_id,
    command_of,
    judge_held,
    judge_leaving,
    judge_owed,
)
from consumers.wallet.store.decisions import DecisionStore
from consumers.wallet.store.pay_outs import Owed, PayOutStore
from schemas import topics
from schemas.events.wallet import DecideByHand


@wallet.handles(DecideByHand)
async def decided(
    decision: DecideByHand, context: Context, decisions: DecisionStore, pay_outs: PayOutStore
) -> Decision:
    """Once: the command's id follows from what was decided about, and the ledger ends nothing twice."""
    owed = await pay_outs.look_up(decision.of)
    if decision.act in ABOUT_HOLDS:
        if owed is not None:
            return _leaving(decision, owed, context, decisions, pay_outs)
        held = await decisions.waiting(decision.of)
        outcome, key = judge_held(held, context.now), held.key if held else ""
    else:
        reward, state = (owed.reward, owed.state) if owed else (None, "")
        outcome, key = judge_owed(reward, state, decision.provider), owed.person if owed else ""
    if outcome != ASKED:
        decisions.keep(decision, outcome, None, context)
        return nothing()
    command = command_of(decision)
    decisions.keep(decision, outcome, command.id, context)
    return nothing().emit(
        Emit(topics.WALLET_COMMANDS, key, command, subject=str(command.id), origin=wallet.name)
    )


def _leaving(
    decision: DecideByHand, owed: Owed, context: Context, decisions: DecisionStore, pay_outs: PayOutStore
) -> Decision:
    """What is to be paid out: its row is locked, so of two who decide the second one is late."""
    outcome = judge_leaving(owed.state, is_held=owed.is_held)
    if outcome != ASKED:
        decisions.keep(decision, outcome, None, context)
        return nothing()
    ends = nothing().cancel(timer(owed.id))
    if decision.act == APPROVE:
        decisions.keep(decision, DONE, None, context)
        return pay(ends, owed, pay_outs)
    command = command_id(decision)
    decisions.keep(decision, ASKED, command, context)
    return give_back(ends, owed, pay_outs, command)
