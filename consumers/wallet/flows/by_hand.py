"""Use case: a person of ours decides (`easymo ledger held`, `easymo ledger owed`).

The decision is judged and kept, and what it means goes to the ledger as a command in the same transaction.
Who is concerned is told by the command's handler, as ever.
"""

from __future__ import annotations

from consumers.domain import Context, Decision, Emit, nothing
from consumers.wallet.domain import wallet
from consumers.wallet.rules.by_hand import ABOUT_HOLDS, ASKED, command_of, judge_held, judge_owed
from consumers.wallet.store.decisions import DecisionStore
from consumers.wallet.store.pay_outs import PayOutStore
from schemas import topics
from schemas.events.wallet import DecideByHand


@wallet.handles(DecideByHand)
async def decided(
    decision: DecideByHand, context: Context, decisions: DecisionStore, pay_outs: PayOutStore
) -> Decision:
    """Once: the command's id follows from what was decided about, and the ledger ends nothing twice."""
    if decision.act in ABOUT_HOLDS:
        held = await decisions.waiting(decision.of)
        outcome, key = judge_held(held, context.now), held.key if held else ""
    else:
        owed = await pay_outs.look_up(decision.of)
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
