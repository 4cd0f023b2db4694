"""What core says of persons: two are one, or one wants to hear nothing more."""

from __future__ import annotations

from consumers.domain import Context, Decision, nothing
from consumers.mobility.domain import mobility
from consumers.mobility.flows.online import went_offline
from consumers.mobility.flows.saving import call_off
from consumers.mobility.flows.timers import presence_timer
from consumers.mobility.rules.people import Role
from consumers.mobility.store.folding import FoldStore
from consumers.mobility.store.tables import Tables
from schemas.events.core import OptedOut, PersonsJoined


@mobility.handles(PersonsJoined)
async def persons_joined(joined: PersonsJoined, folds: FoldStore) -> Decision:
    await folds.fold(joined.folded, joined.kept)
    return nothing()


@mobility.handles(OptedOut)
async def opted_out(left: OptedOut, context: Context, tables: Tables) -> Decision:
    """Nobody can be sent to them, so nobody finds them, and nothing that is planned for them goes on.

    Trips that are open stay: the other side can end them, and time does.
    """
    drives = await tables.presences.find(left.person, Role.DRIVER)
    plans = await tables.plans.active_for(left.person)
    charges = await tables.charges.find_all(plan.trip for plan in plans)
    rides = await tables.trips.is_riding(left.person, Role.PASSENGER)
    decision = nothing()
    for plan in plans:
        charge = charges.get(plan.trip)
        decision = decision.with_all(call_off(plan, charge, context.now, tables, rides=rides))
    for role in Role:
        tables.presences.hide(left.person, role)
        decision = decision.cancel(presence_timer(left.person, role))
    if drives:
        decision = decision.emit(went_offline(left.person, "opted_out", context.now))
    return decision
