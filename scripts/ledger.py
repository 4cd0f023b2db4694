"""The wallet's ledger: verify it, show an account, and decide about what waits for a person.

Example: easymo ledger verify
"""

from __future__ import annotations

import asyncio
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Annotated, Any

import asyncpg
import orjson
import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Column, Table

from consumers.wallet.verifying.checking import Report
from consumers.wallet.verifying.checking import verify as check_all
from consumers.wallet.verifying.statement import Statement
from consumers.wallet.verifying.statement import statement as read_statement
from infra.journal.moments import parse_moment
from infra.postgres.migrations import role_of
from infra.settings import load_settings
from scripts.display import CountDisplay
from scripts.till import held, owed

UNSOUND_EXIT_CODE = 1
SHOWN = 20  # problems in the table; --json has up to 100 of each check
LINES_LIMIT = 100_000

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON instead of a table.")]

app = typer.Typer(no_args_is_help=True, help=__doc__)
app.add_typer(held.app, name="held")
app.add_typer(owed.app, name="owed")


@app.command()
def verify(*, as_json: AsJson = False) -> None:
    """Check the whole ledger: sums, balances, holds, and the chain of hashes over all entries.

    Everything is read from one snapshot, so the wallet goes on working meanwhile. What is wrong is named, by
    account and command, and the exit code is 1. The root is a hash over the last entries of all accounts.

    Examples:

    `easymo ledger verify`

    `easymo ledger verify --json | jq .root`
    """
    with CountDisplay("checks") as display:
        dsn = load_settings().need("postgres_dsn")
        report = asyncio.run(
            check_all(dsn, lambda check, done, total: display.show("verifying", done, total))
        )
    if as_json:
        typer.echo(_as_json(asdict(report) | {"sound": report.sound}))
    else:
        _show_report(report)
    if not report.sound:
        raise typer.Exit(UNSOUND_EXIT_CODE)


@app.command()
def statement(
    account: Annotated[
        str, typer.Argument(help="A person's id, an account's number, or one of our own: system:fees.")
    ],
    *,
    limit: Annotated[int, typer.Option(help="The latest so many lines.", min=1, max=LINES_LIMIT)] = 50,
    since: Annotated[
        str, typer.Option("--from", help="Since when: 2026-11-20T14:30 (UTC), or how long ago: 24h, 3d.")
    ] = "",
    as_json: AsJson = False,
) -> None:
    """Show an account: what it stands at, and its lines with the balance after each.

    Examples:

    `easymo ledger statement 0b9a8c7d-6e5f-5a4b-8c3d-2e1f0a9b8c7d`

    `easymo ledger statement system:clearing:momo --from 24h --limit 1000 --json`
    """
    moment = parse_moment(since, datetime.now(UTC)) if since else None
    found = asyncio.run(_read(account, limit, moment))
    if as_json:
        typer.echo(_as_json(asdict(found)))
    else:
        _show_statement(found, limit)


async def _read(account: str, limit: int, since: datetime | None) -> Statement:
    connection: asyncpg.Connection[Any] = await asyncpg.connect(load_settings().need("postgres_dsn"))
    try:
        await connection.execute(f'SET ROLE "{role_of("wallet")}"')
        return await read_statement(connection, account, limit, since)
    finally:
        await connection.close()


def _as_json(values: dict[str, Any]) -> bytes:
    return orjson.dumps(values, default=str, option=orjson.OPT_INDENT_2)  # asyncpg has UUIDs of its own


def _show_report(report: Report) -> None:
    console = Console()
    size = f"{report.entries:,} entries in {report.accounts:,} accounts"
    if report.sound:
        console.print(f"[green]The ledger is sound:[/] {size}, in {report.seconds:.1f} s.")
    else:
        more = "or more " if report.more else ""
        console.print(f"[red]{len(report.problems)} {more}things are wrong[/] among {size}:")
        table = Table("check", "account", Column("command", no_wrap=True), "what is wrong")
        for problem in report.problems[:SHOWN]:
            table.add_row(
                problem.check,
                "" if problem.account is None else str(problem.account),
                str(problem.command or ""),
                escape(problem.what),
            )
        console.print(table)
        if len(report.problems) > SHOWN:
            console.print(f"… and {len(report.problems) - SHOWN} more; --json names up to 100 of each check.")
        console.print("infra/deploy/runbooks/ledger.md says what to do.")
    console.print(f"Root: {report.root}", highlight=False)


def _show_statement(found: Statement, limit: int) -> None:
    console = Console()
    accounts = Table("account", "owner", "currency", *_right("balance", "held", "entries"), "taken over by")
    for each in found.accounts:
        accounts.add_row(
            str(each.id),
            each.owner,
            each.currency,
            f"{each.balance:,}",
            f"{each.held:,}",
            f"{each.entries:,}",
            each.joined_into or "",
        )
    console.print(accounts)
    if not found.lines:
        console.print("Nothing has happened on it" + (" since then." if found.accounts[0].entries else "."))
        return
    lines = Table(
        "time (UTC)",
        "account",
        "status",
        "kind",
        "other side",
        *_right("amount", "held", "balance after"),
        "note",
    )
    for line in found.lines:
        lines.add_row(
            f"{line.at:%Y-%m-%d %H:%M:%S}",
            f"{line.account}/{line.number}",
            line.status,
            line.kind or "",
            escape(line.other_side or ""),
            f"{line.amount:+,}" if line.amount else "",
            f"{line.held:+,}" if line.held else "",
            f"{line.balance_after:,}",
            escape(line.note),
        )
    console.print(lines)
    if len(found.lines) == limit:
        console.print(f"The latest {limit} lines; --limit shows more.")


def _right(*names: str) -> list[Column]:
    return [Column(name, justify="right", no_wrap=True) for name in names]
