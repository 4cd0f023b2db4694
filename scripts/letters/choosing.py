"""Which letters an operator means: the options of `easymo dead-letters`, as a choice."""

from __future__ import annotations

import getpass
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Annotated

import typer

from consumers.dead_letters.finding import BIGINT_MAX, Choice
from consumers.dead_letters.rules import OPEN, Status
from infra.journal.moments import parse_moment
from infra.settings import Settings

Letters = Annotated[list[int] | None, typer.Argument(help="Letters by number.", metavar="[LETTER]...")]
Consumer = Annotated[str | None, typer.Option(help="Only what this consumer set aside.")]
Reason = Annotated[str | None, typer.Option(help="Only where the reason has this in it.")]
Type = Annotated[str | None, typer.Option("--type", help="Only this type, such as jobs.job_posted.")]
Contact = Annotated[str | None, typer.Option(help="Only of this contact or person (the record's key).")]
Statuses = Annotated[list[Status] | None, typer.Option("--status", help="Only these; may be given again.")]
Since = Annotated[str, typer.Option("--from", help="Failed last since then: 2026-11-20T14:30, or 90m, 24h.")]
Until = Annotated[str, typer.Option("--until", help="Failed last by then, such as 3d (and longer) ago.")]
Everything = Annotated[bool, typer.Option("--all", help="Every dead letter, where no filter is given.")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Only count.")]
As = Annotated[str, typer.Option("--as", help="Your name, for the log.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON instead of a table.")]
Unmasked = Annotated[bool, typer.Option("--unmasked", help="Show phone numbers whole.")]


def choose(
    letters: Sequence[int] | None = None,
    *,
    consumer: str | None = None,
    reason: str | None = None,
    kind: str | None = None,
    contact: str | None = None,
    statuses: Sequence[Status] | None = None,
    since: str = "",
    until: str = "",
    default: Sequence[Status] = OPEN,
) -> Choice:
    """The choice that the options make; without a status, the `default` ones, or any by number.

    Raises NoMoment, typer.BadParameter.
    """
    now = datetime.now(UTC)
    if any(not 0 < letter <= BIGINT_MAX for letter in letters or ()):
        raise typer.BadParameter("letters are numbered from 1")
    return Choice(
        ids=tuple(sorted(set(letters or ()))),
        consumer=consumer,
        reason=reason,
        ce_type=kind,
        contact=contact,
        statuses=tuple(statuses or (() if letters else default)),
        since=parse_moment(since, now) if since else None,
        until=parse_moment(until, now) if until else None,
    )


def check_meant(choice: Choice, *, everything: bool) -> None:
    """Raise typer.BadParameter for an act on all letters that nobody asked for."""
    filters = (choice.ids, choice.consumer, choice.reason, choice.ce_type, choice.contact)
    if not everything and not any(filters) and choice.since is None and choice.until is None:
        raise typer.BadParameter("say which letters: by number, by a filter such as --consumer, or --all")


def operator(settings: Settings, name: str) -> str:
    """Who acts, for the log."""
    return (name or settings.operator or getpass.getuser())[:200]
