"""Carrying out an act on the letters that were chosen, and telling what became of it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Sequence
from functools import partial
from typing import Any

import asyncpg
import orjson
import typer
from rich.console import Console
from rich.table import Table

from consumers.dead_letters import finding
from consumers.dead_letters.finding import Choice
from consumers.runtime.discovery import NoSuchDomain, load_domain
from infra.postgres.pool import open_pool
from infra.settings import Settings
from scripts.display import CountDisplay
from scripts.letters.batches import Act, Outcome, in_batches

NOT_ALL = 1  # exit code: some were refused


def order_of(consumers: Sequence[str]) -> dict[str, bool]:
    """Which of these consumers there are here, and whether they hold to the order of a key."""
    found = {}
    for name in consumers:
        try:
            found[name] = load_domain(name).ordered
        except NoSuchDomain:  # a letter of another installation, or of a domain that is no more
            continue
    return found


def act_on(
    settings: Settings,
    choice: Choice,
    act: Callable[[Sequence[str]], Act],
    done: str,
    *,
    dry_run: bool,
    rate: float | None,
    as_json: bool,
) -> None:
    """Count what was chosen, and do it unless it is a dry run."""

    async def count_and_act(pool: asyncpg.Pool[Any]) -> tuple[list[asyncpg.Record], Outcome | None]:
        async with pool.acquire() as connection:
            counted = await finding.count(connection, choice)
        if dry_run or not counted:
            return counted, None
        total = sum(row["letters"] for row in counted)
        last = max(row["last"] for row in counted)
        consumers = sorted({row["consumer"] for row in counted})
        with CountDisplay("letters") as display:
            told = partial(display.show, done, total=total)
            return counted, await in_batches(pool, choice, act(consumers), last=last, rate=rate, told=told)

    counted, outcome = run(settings, count_and_act)
    if as_json:
        _json_of_act(counted, outcome)
    elif outcome is None:
        _show_counts(counted)
    else:
        typer.echo(f"{outcome.done:,} {done}.")
        for why, count in outcome.refused.most_common():
            named = [str(letter) for letter, reason in outcome.named.items() if reason == why]
            more = ", …" if count > len(named) else ""
            typer.echo(f"{count:,} not: each {why} ({', '.join(named)}{more}).", err=True)
    if (outcome is None and not dry_run) or (outcome is not None and outcome.refused):
        raise typer.Exit(NOT_ALL)


def _show_counts(counted: Sequence[asyncpg.Record]) -> None:
    if not counted:
        typer.echo("No letter fits. `easymo dead-letters list` shows those that there are.")
        return
    table = Table("consumer", "type", "status", "letters", "")
    for row in counted:
        note = "" if row["is_event"] else "no events: nobody can handle them"
        table.add_row(row["consumer"], row["ce_type"], row["status"], f"{row['letters']:,}", note)
    Console().print(table)
    typer.echo("Nothing was done. Leave --dry-run out to do it.")


def _json_of_act(counted: Sequence[asyncpg.Record], outcome: Outcome | None) -> None:
    names = ("consumer", "ce_type", "status", "is_event", "letters")
    found: dict[str, Any] = {"chosen": [{name: row[name] for name in names} for row in counted]}
    if outcome is not None:
        found |= {"done": outcome.done, "refused": dict(outcome.refused), "named": outcome.named}
    json(found)


def json(value: Any) -> None:
    """Print a value for programs."""
    typer.echo(orjson.dumps(value, str, orjson.OPT_INDENT_2 | orjson.OPT_NON_STR_KEYS).decode())


def run(settings: Settings, work: Callable[[asyncpg.Pool[Any]], Coroutine[Any, Any, Any]]) -> Any:
    """The result of `work`, with a pool that acts as the role of the dead letters."""

    async def with_pool() -> Any:
        async with await open_pool(settings, "dead_letters", size=1) as pool:
            return await work(pool)

    return asyncio.run(with_pool())
