"""Payments out that are not final: list, show; paid or failed, where only MTN's own page tells.

Example: easymo payments pay-outs list
"""

from __future__ import annotations

from typing import Annotated, Any
from uuid import UUID

import asyncpg
import typer
from rich.console import Console
from rich.table import Table

from consumers.payments import finding
from infra.settings import load_settings
from infra.telemetry.masking import mask_phone
from schemas import topics
from schemas.events.payments import DecidePayOut
from scripts.till.deciding import SHOWN, As, AsJson, Desk, Limit, Why, operator, print_json, reason, tell

DESK = Desk("payments", topics.intents("payments"), finding.outcome_of)

app = typer.Typer(no_args_is_help=True, help=__doc__)

PayOut = Annotated[UUID, typer.Argument(help="Its id, as `easymo payments pay-outs list` shows it.")]


@app.command("list")
def list_open(*, limit: Limit = SHOWN, as_json: AsJson = False) -> None:
    """Those that are under way, the oldest first. MTN is asked about each for a day; then a person is.

    Example: `easymo payments pay-outs list`
    """

    async def find(pool: asyncpg.Pool[Any]) -> tuple[list[asyncpg.Record], int]:
        async with pool.acquire() as connection:
            return await finding.open_pay_outs(connection, limit)

    found, total = DESK.run(load_settings(), find)
    rows = [{**dict(row), "phone": mask_phone(row["phone"])} for row in found]
    if as_json:
        print_json({"total": total, "pay_outs": rows})
    elif not rows:
        typer.echo("No payment out is open.")
    else:
        table = Table("pay-out", "RWF", "person", "to", "MTN asked", "since (UTC)")
        for row in rows:
            table.add_row(
                str(row["id"]), f"{row['amount_rwf']:,}", row["person"], row["phone"],
                "yes" if row["called"] else "no", f"{row['asked_at']:%Y-%m-%d %H:%M}",
            )  # fmt: skip
        Console().print(table)
        if total > len(rows):
            typer.echo(f"The oldest {len(rows)} of {total:,}; --limit shows more.")


@app.command()
def show(pay_out: PayOut, *, as_json: AsJson = False) -> None:
    """One of them, final or not, with what people decided. Its id is MTN's X-Reference-Id, too.

    Example: `easymo payments pay-outs show 5c1d9f0e-8a37-5b62-9a43-0a8a54a0f5b1`
    """

    async def find(pool: asyncpg.Pool[Any]) -> dict[str, Any]:
        async with pool.acquire() as connection:
            return await finding.one_pay_out(connection, pay_out)

    found = DESK.run(load_settings(), find)
    found["phone"] = mask_phone(found["phone"])
    if as_json:
        print_json(found)
        return
    console = Console()
    for name in (
        "state",
        "reason",
        "amount_rwf",
        "person",
        "phone",
        "of",
        "called",
        "transaction",
        "asked_at",
    ):
        if found[name] not in (None, ""):
            console.print(f"{name:<12} {found[name]}", markup=False, highlight=False)
    for each in found["decided"]:
        said = f"{each['operator']}: {each['act']}, {each['outcome']} {each['why']}".rstrip()
        console.print(f"decided      {each['decided_at']:%Y-%m-%d %H:%M:%S} {said}", markup=False)


@app.command()
def paid(
    pay_out: PayOut,
    *,
    transaction: Annotated[str, typer.Option(help="MTN's number of it: its statement is held against it.")],
    why: Why,
    name: As = "",
) -> None:
    """MTN's page says that it was paid: it is settled, and the person is told.

    Example: `easymo payments pay-outs paid 5c1d9f0e-8a37-5b62-9a43-0a8a54a0f5b1 --transaction 23503452
    --why "MTN's page"`
    """
    _decide(pay_out, "paid", reason(why), name, transaction)


@app.command()
def failed(pay_out: PayOut, *, why: Why, name: As = "") -> None:
    """MTN's page says that it will never be paid: the person has the tokens back, and is told.

    Only then: what MTN pays after this, nobody gives back.

    Example: `easymo payments pay-outs failed 5c1d9f0e-8a37-5b62-9a43-0a8a54a0f5b1 --why "MTN: cancelled"`
    """
    _decide(pay_out, "failed", reason(why), name, "")


def _decide(pay_out: UUID, act: Any, why: str, name: str, transaction: str) -> None:
    settings = load_settings()
    decision = DecidePayOut(
        pay_out=pay_out, act=act, operator=operator(settings, name), why=why, transaction=transaction
    )
    outcome = DESK.run(settings, lambda pool: DESK.decide(settings, pool, str(pay_out), decision))
    tell(outcome, str(pay_out), act, decision.operator, f"easymo payments pay-outs show {pay_out}")
