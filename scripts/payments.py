"""Payments: decide those that wait for a person, and hold our books against a provider's statement.

Example: easymo payments review list
"""

from __future__ import annotations

import re
import sys
from collections import Counter
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any
from uuid import UUID

import asyncpg
import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Column, Table

from consumers.payments import finding
from consumers.payments.rules.readings import MOMO
from consumers.payments.rules.sms import KIGALI
from consumers.wallet import finding as people
from infra.journal.moments import parse_moment
from infra.settings import Settings, load_settings
from infra.telemetry.masking import Masking, mask_phone
from schemas import topics
from schemas.events.payments import DecideReview, ReopenReview
from scripts.display import CountDisplay
from scripts.till import pay_outs, statements
from scripts.till.deciding import (
    DIFFERENT,
    SHOWN,
    As,
    AsJson,
    Desk,
    Why,
    operator,
    print_json,
    reason,
    tell,
)
from scripts.till.ledger_desk import read as read_wallet

SHOWN_DIGITS = 3  # of a payer's number
_MAIL = re.compile(r"[\w.+-]+@")

DESK = Desk("payments", topics.intents("payments"), finding.outcome_of)

app = typer.Typer(no_args_is_help=True, help=__doc__)
review = typer.Typer(
    no_args_is_help=True, help="Payments that wait for a person: list, show, assign, refuse, reopen, keep."
)
app.add_typer(review, name="review")
app.add_typer(pay_outs.app, name="pay-outs")

Payment = Annotated[str, typer.Argument(help="Scheme and number, such as momo:23503452.")]


@review.command("list")
def list_waiting(
    *,
    limit: Annotated[int, typer.Option(help="The oldest so many.", min=1, max=10_000)] = SHOWN,
    as_json: AsJson = False,
) -> None:
    """The payments that wait for a person, the oldest first: unmatched, unreadable, or taken back.

    Example: `easymo payments review list`
    """

    async def find(pool: asyncpg.Pool[Any]) -> tuple[list[asyncpg.Record], int]:
        async with pool.acquire() as connection:
            return await finding.waiting(connection, limit)

    found, total = DESK.run(load_settings(), find)
    rows = [dict(row) | {"payer_tail": row["payer_tail"][-SHOWN_DIGITS:]} for row in found]
    if as_json:
        print_json({"total": total, "payments": rows})
    elif not rows:
        typer.echo("No payment waits for a person.")
    else:
        table = Table(Column("payment", no_wrap=True), "RWF", "why", "payer", "told")  # names are copied
        for row in rows:
            payer = f"{row['payer_name']} …{row['payer_tail']}" if row["payer_tail"] else row["payer_name"]
            table.add_row(
                f"{row['scheme']}:{row['transaction']}", _amount(row["amount_rwf"]), row["reason"], payer,
                f"{row['told_at']:%Y-%m-%d %H:%M}",
            )  # fmt: skip
        Console().print(table)
        if total > len(rows):
            typer.echo(f"The oldest {len(rows)} of {total:,}; --limit shows more.")


@review.command()
def show(payment: Payment, *, as_json: AsJson = False) -> None:
    """One payment: all that was told and decided, and the requests that it names or may pay.

    Example: `easymo payments review show momo:23503452`
    """

    found = DESK.run(load_settings(), lambda pool: _find(pool, payment))
    masking = Masking()
    found["payer_tail"] = found["payer_tail"][-SHOWN_DIGITS:]
    for candidate in found["candidates"]:
        candidate["phone"] = mask_phone(candidate["phone"]) if candidate["phone"] else None
    for told in found["told"]:
        told["body"] = _MAIL.sub("****@", masking.text(told["body"]))
    if as_json:
        print_json(found)
        return
    console = Console()
    console.print(f"{'payment':<12} {payment}", markup=False, highlight=False)
    for name in ("state", "reason", "amount_rwf", "payer_name", "payer_tail", "paid_at", "request", "person"):
        if found[name] is not None:
            console.print(f"{name:<12} {found[name]}", markup=False, highlight=False)
    for each in found["told"]:
        worth = f" of RWF {each['amount_rwf']:,}" if each["amount_rwf"] else ""
        console.print(
            f"told         {each['received_at']:%Y-%m-%d %H:%M:%S} {each['kind']}{worth}: {each['body']}",
            markup=False,
        )
    for each in found["decided"]:
        said = f"{each['operator']}: {each['act']}, {each['outcome']} {each['why']}"
        console.print(f"decided      {each['decided_at']:%Y-%m-%d %H:%M:%S} {said}", markup=False)
    table = Table("may pay", "person", "for", "RWF", "state", "number", "name", "asked", title="Requests")
    for each in found["candidates"]:
        table.add_row(
            str(each["id"]), each["person"], f"{each['purpose']} {each['reference']}",
            _amount(each["amount_rwf"]), each["state"], each["phone"] or "", each["name"] or "",
            f"{each['created_at']:%Y-%m-%d %H:%M}",
        )  # fmt: skip
    console.print(
        table
        if found["candidates"]
        else "It names no request, and none of its amount was made within two days."
    )


@review.command()
def assign(
    payment: Payment,
    *,
    request: Annotated[UUID | None, typer.Option(help="The request that it pays.")] = None,
    person: Annotated[
        str | None, typer.Option(help="Without a request: whose top-up it is, by id or number.")
    ] = None,
    amount_rwf: Annotated[
        int | None, typer.Option(help="Its worth, where the provider told none in RWF.", min=1)
    ] = None,
    why: Why = "",
    name: As = "",
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask whether it is the right person.")] = False,
) -> None:
    """Say what a payment is for; it is credited at once, and once.

    Example: `easymo payments review assign momo:23503452 --request 6f9619ff-8b86-5011-b42d-00c04fc964ff`
    """
    if (request is None) == (person is None):
        raise typer.BadParameter("name either --request or --person")
    settings = load_settings()
    # Only the wallet knows everybody; what is credited to nobody is lost to all.
    whose = None if person is None else read_wallet(lambda connection: people.person(connection, person))
    if whose:
        _confirm(whose, yes=yes)
    decision = DecideReview(
        payment=payment, act="assign", operator=operator(settings, name), why=why, request=request,
        person=whose["person"] if whose else None, amount_rwf=amount_rwf,
    )  # fmt: skip
    _decide(settings, decision, "assign")


@review.command()
def refuse(payment: Payment, *, why: Why, name: As = "") -> None:
    """Close a payment: a test, or money that went back. One that was credited is taken back from its person.

    Example: `easymo payments review refuse momo:23503452 --why "sent back to the payer"`
    """
    settings = load_settings()
    decision = DecideReview(payment=payment, act="refuse", operator=operator(settings, name), why=reason(why))
    _decide(settings, decision, "refuse")


@review.command()
def reopen(payment: Payment, *, why: Why, name: As = "") -> None:
    """Let a payment that was refused by mistake wait again; not one that was credited and taken back.

    Example: `easymo payments review reopen momo:23503452 --why "the payer has shown the SMS"`
    """
    settings = load_settings()
    decision = ReopenReview(payment=payment, operator=operator(settings, name), why=reason(why))
    _decide(settings, decision, "reopen")


@review.command()
def keep(payment: Payment, *, why: Why, name: As = "") -> None:
    """Of a payment that its provider takes back: leave its person the credit, such as when a dispute is won.

    Example: `easymo payments review keep stripe:pi_3Pq --why "dispute won"`
    """
    settings = load_settings()
    person = DESK.run(settings, lambda pool: _find(pool, payment))["person"]
    if person is None:
        raise typer.BadParameter(
            f"{payment} was never credited to anybody; see `easymo payments review show`"
        )
    decision = DecideReview(
        payment=payment, act="assign", operator=operator(settings, name), why=reason(why), person=person
    )
    _decide(settings, decision, "keep")


@app.command()
def reconcile(
    scheme: Annotated[str, typer.Argument(help="Whose statement it is: momo, stripe or paypal.")],
    file: Annotated[Path, typer.Argument(help="CSV or JSON, with a transaction and an amount in each line.")],
    *,
    since: Annotated[str, typer.Option("--from", help="Its first moment; else that of its lines.")] = "",
    until: Annotated[str, typer.Option("--until", help="Its last moment; else that of its lines.")] = "",
    as_json: AsJson = False,
) -> None:
    """Hold our books against a provider's statement: what they have and we do not, and the other way round.

    The exit code is 1 when anything differs. Nothing is changed. Times without a zone, in the file and in the
    options, are Kigali's for momo, as MTN writes them, and UTC for the others.

    Example: `easymo payments reconcile momo statement.csv --from 2026-11-20 --until 2026-11-21`
    """
    if scheme not in ("momo", "stripe", "paypal"):
        raise typer.BadParameter("there are momo (gateway, SMS and MTN alike), stripe and paypal")
    now = datetime.now(UTC)
    zone = KIGALI if scheme == MOMO else UTC
    begin, end = (parse_moment(text, now, zone) if text else None for text in (since, until))
    lines = statements.read_file(file, zone)

    async def hold(pool: asyncpg.Pool[Any]) -> statements.Held:
        async with pool.acquire() as connection:
            with CountDisplay("lines") as display:
                return await statements.reconcile(
                    connection, scheme, lines, since=begin, until=end,
                    told=lambda done, total: display.show("compared", done, total),
                )  # fmt: skip

    held = DESK.run(load_settings(), hold)
    if as_json:
        differences = [asdict(each) for each in held.differences]
        print_json({"lines": len(lines), "differences": differences, "notes": held.notes})
    else:
        _show_differences(held, len(lines))
    if held.differences:
        raise typer.Exit(DIFFERENT)


def _show_differences(held: statements.Held, lines: int) -> None:
    for note in held.notes:
        typer.echo(note)
    differences = held.differences
    if not differences:
        far = ", as far as was looked" if held.notes else ""
        typer.echo(f"{lines:,} lines: their statement and our books agree{far}.")
        return
    table = Table("differs in", "transaction", "theirs", "ours", "here it is")
    for each in differences[:SHOWN]:
        theirs, ours = escape(each.unreadable) or _amount(each.theirs_rwf), _amount(each.ours_rwf)
        table.add_row(each.wrong, each.transaction, theirs, ours, each.state)
    Console().print(table)
    for wrong, number in Counter(each.wrong for each in differences).most_common():
        typer.echo(f"{number:,} {wrong}")
    if len(differences) > SHOWN:
        typer.echo(f"The first {SHOWN}; --json has all.")


async def _find(pool: asyncpg.Pool[Any], payment: str) -> dict[str, Any]:
    async with pool.acquire() as connection:
        return await finding.one(connection, payment)


def _confirm(whose: dict[str, Any], *, yes: bool) -> None:
    """Who it is, and on a terminal a question. Raises Abort."""
    number = f" ({mask_phone(whose['phone'])})" if whose["phone"] else ""
    who = f"{whose['name'] or whose['person']}{number}"
    if yes or not sys.stdin.isatty():
        typer.echo(f"It goes to {who}.")
    else:
        typer.confirm(f"Credit it to {who}?", abort=True)


def _decide(settings: Settings, decision: DecideReview | ReopenReview, act: str) -> None:
    outcome = DESK.run(settings, lambda pool: DESK.decide(settings, pool, decision.payment, decision))
    more = f"easymo payments review show {decision.payment}"
    tell(outcome, decision.payment, act, decision.operator, more)


def _amount(amount: int | None) -> str:
    return "" if amount is None else f"{amount:,}"
