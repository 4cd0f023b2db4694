"""What `easymo ledger held` and `easymo ledger owed` share: the desk, and how a decision gets there."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any, Literal
from uuid import UUID

import asyncpg
from rich.console import Console

from consumers.wallet import finding
from infra.settings import load_settings
from schemas import topics
from schemas.events.wallet import DecideByHand
from scripts.till.deciding import Desk, operator, tell

DESK = Desk("wallet", topics.WALLET_COMMANDS, finding.outcome_of)


def read(work: Callable[[Any], Awaitable[Any]]) -> Any:
    """Look something up in the wallet's tables."""

    async def with_connection(pool: asyncpg.Pool[Any]) -> Any:
        async with pool.acquire() as connection:
            return await work(connection)

    return DESK.run(load_settings(), with_connection)


def decide(
    group: Literal["held", "owed"],
    of: UUID,
    act: Literal["approve", "refuse", "done", "failed"],
    *,
    why: str,
    name: str,
    provider: str = "momo",
) -> None:
    """Have it decided, under the key of the person whose money it is, and say what came of it."""
    settings = load_settings()
    who = operator(settings, name)
    decision = DecideByHand(of=of, act=act, operator=who, why=why, provider=provider)
    find = finding.one_held if group == "held" else finding.one_owed

    async def work(pool: asyncpg.Pool[Any]) -> str:
        async with pool.acquire() as connection:
            found = await find(connection, of)
        return await DESK.decide(settings, pool, found["key"], decision)

    tell(DESK.run(settings, work), str(of), act, who, f"easymo ledger {group} show {of}")


def party(identity: str, name: str | None, masked_phone: str | None = None) -> str:
    """Whoever it is, for a table: the name and the number, else the id."""
    number = f"({masked_phone})" if masked_phone else ""
    return f"{name or ''} {number}".strip() or identity


def print_decided(console: Console, decided: list[dict[str, Any]]) -> None:
    """Who decided what, and why."""
    for each in decided:
        said = f"{each['operator']}: {each['act']}, {each['outcome']} {each['why']}".rstrip()
        console.print(f"decided          {each['decided_at']:%Y-%m-%d %H:%M:%S} {said}", markup=False)


def print_fields(console: Console, found: dict[str, Any], *names: str) -> None:
    """Some of the fields, one a line."""
    for name in names:
        if found[name] not in (None, "", []):
            value = ", ".join(found[name]) if isinstance(found[name], list) else found[name]
            console.print(f"{name:<16} {value}", markup=False, highlight=False)
