"""What people redeemed tokens for and we hand over ourselves (airtime): list, show, done, failed.

Cash is paid by MTN: see `easymo payments pay-outs`.

Example: easymo ledger owed list
"""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from consumers.wallet import finding
from consumers.wallet.rules.accounts import PROVIDERS
from infra.telemetry.masking import mask_phone
from scripts.till.deciding import SHOWN, As, AsJson, Limit, Why, print_json, reason
from scripts.till.ledger_desk import decide, party, print_decided, print_fields, read

app = typer.Typer(no_args_is_help=True, help=__doc__)

Redemption = Annotated[
    UUID, typer.Argument(help="The redemption's id, as `easymo ledger owed list` shows it.")
]


@app.command("list")
def list_owed(*, limit: Limit = SHOWN, as_json: AsJson = False) -> None:
    """What waits to be handed over, the oldest first; the tokens are taken already.

    Example: `easymo ledger owed list`
    """
    rows, total = read(lambda connection: finding.owed(connection, limit))
    rows = [row | {"phone": mask_phone(row["phone"])} for row in rows]
    if as_json:
        print_json({"total": total, "redemptions": rows})
    elif not rows:
        typer.echo("Nothing waits to be handed over.")
    else:
        table = Table("redemption", "what", "RWF", "person", "to", "since (UTC)")
        for row in rows:
            table.add_row(
                str(row["id"]), row["reward"], f"{row['amount_rwf']:,}",
                escape(party(row["person"], row["name"])), row["phone"], f"{row['at']:%Y-%m-%d %H:%M}",
            )  # fmt: skip
        Console().print(table)
        if total > len(rows):
            typer.echo(f"The oldest {len(rows)} of {total:,}; --limit shows more.")


@app.command()
def show(redemption: Redemption, *, as_json: AsJson = False) -> None:
    """One redemption, with the whole number that it goes to, and what was decided.

    Example: `easymo ledger owed show 5c1d9f0e-8a37-5b62-9a43-0a8a54a0f5b1`
    """
    found = read(lambda connection: finding.one_owed(connection, redemption))
    if as_json:
        print_json(found)
        return
    console = Console()
    print_fields(console, found, "reward", "amount_rwf", "tokens", "person", "name", "phone", "state", "at")
    print_decided(console, found["decided"])


@app.command()
def done(
    redemption: Redemption,
    *,
    paid_from: Annotated[
        str, typer.Option(help=f"Whose balance paid for it: {', '.join(sorted(PROVIDERS))}.")
    ] = "momo",
    why: Why,
    name: As = "",
) -> None:
    """It was handed over: say so after it was, never before. It cannot be given back any more.

    Example: `easymo ledger owed done 5c1d9f0e-8a37-5b62-9a43-0a8a54a0f5b1 --why "airtime 8842317"`
    """
    if paid_from not in PROVIDERS:
        raise typer.BadParameter(f"there are {', '.join(sorted(PROVIDERS))}", param_hint="--paid-from")
    decide("owed", redemption, "done", why=reason(why), name=name, provider=paid_from)


@app.command()
def failed(redemption: Redemption, *, why: Why, name: As = "") -> None:
    """It cannot be handed over: the person has the tokens back, and is told.

    Example: `easymo ledger owed failed 5c1d9f0e-8a37-5b62-9a43-0a8a54a0f5b1 --why "the number is not in use"`
    """
    decide("owed", redemption, "failed", why=reason(why), name=name)
