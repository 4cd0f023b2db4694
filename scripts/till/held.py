"""What a look-out held until somebody has looked, transfers and cash-outs: list, show, approve, refuse.

Example: easymo ledger held list
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Any
from uuid import UUID

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from consumers.wallet import finding
from infra.telemetry.masking import mask_phone
from scripts.till.deciding import SHOWN, As, AsJson, Limit, Why, print_json, reason
from scripts.till.ledger_desk import decide, party, print_decided, print_fields, read

app = typer.Typer(no_args_is_help=True, help=__doc__)

Transfer = Annotated[UUID, typer.Argument(help="Its id, as `easymo ledger held list` shows it.")]


@app.command("list")
def list_held(*, limit: Limit = SHOWN, as_json: AsJson = False) -> None:
    """What waits; nobody looks: after three days the sender has the tokens back.

    Example: `easymo ledger held list`
    """
    rows, total = read(lambda connection: finding.held(connection, datetime.now(UTC), limit))
    rows = [_masked(row) for row in rows]
    if as_json:
        print_json({"total": total, "transfers": rows})
    elif not rows:
        typer.echo("Nothing is held for a person.")
    else:
        table = Table("id", "what", "tokens", "from", "to", "why", "until (UTC)")
        for row in rows:
            table.add_row(
                str(row["id"]), row["kind"], f"{row['amount']:,}",
                escape(party(row["sender"], row["sender_name"], row["sender_phone"])),
                escape(party(row["recipient"], row["recipient_name"], row["recipient_phone"])),
                ", ".join(row["looked_at_for"]), f"{row['expires_at']:%Y-%m-%d %H:%M}",
            )  # fmt: skip
        Console().print(table)
        if total > len(rows):
            typer.echo(f"The first {len(rows)} of {total:,}; --limit shows more.")


@app.command()
def show(transfer: Transfer, *, as_json: AsJson = False) -> None:
    """One of them: both sides, why it was held, what the sender sent before, and what was decided.

    Example: `easymo ledger held show 5c1d9f0e-8a37-5b62-9a43-0a8a54a0f5b1`
    """
    found = _masked(read(lambda connection: finding.one_held(connection, transfer)))
    if as_json:
        print_json(found)
        return
    console = Console()
    print_fields(
        console, found, "kind", "amount", "sender", "sender_name", "sender_phone", "sender_since",
        "sender_balance", "sender_held", "recipient", "recipient_name", "recipient_phone", "looked_at_for",
        "at", "expires_at", "ended_by",
    )  # fmt: skip
    print_decided(console, found["decided"])
    table = Table("sent before (UTC)", "tokens", "to", "held", title="What the sender sent before")
    for each in found["sent_before"]:
        held = "yes" if each["held"] else ""
        table.add_row(f"{each['at']:%Y-%m-%d %H:%M}", f"{each['amount']:,}", each["recipient"], held)
    console.print(table if found["sent_before"] else "The sender sent nothing before.")


@app.command()
def approve(transfer: Transfer, *, why: Why, name: As = "") -> None:
    """Let it go through, once: the tokens move and both sides are told, or the money is paid out.

    Example: `easymo ledger held approve 5c1d9f0e-8a37-5b62-9a43-0a8a54a0f5b1 --why "called the sender"`
    """
    decide("held", transfer, "approve", why=reason(why), name=name)


@app.command()
def refuse(transfer: Transfer, *, why: Why, name: As = "") -> None:
    """Give it up: the sender has the tokens back, and is told.

    Example: `easymo ledger held refuse 5c1d9f0e-8a37-5b62-9a43-0a8a54a0f5b1 --why "the number was stolen"`
    """
    decide("held", transfer, "refuse", why=reason(why), name=name)


def _masked(row: dict[str, Any]) -> dict[str, Any]:
    phones = {name: mask_phone(row[name]) for name in ("sender_phone", "recipient_phone") if row[name]}
    return row | phones
