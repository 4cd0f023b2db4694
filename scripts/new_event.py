"""Write a new event of a domain, its example and its schema.

Example: easymo new-event jobs job_shared --says "A person sent a job to a friend."
"""

from __future__ import annotations

import json
from typing import Annotated

import typer

from scripts.scaffold import event, writing


def command(
    domain: Annotated[str, typer.Argument(help="Whose fact it is.", metavar="DOMAIN")],
    name: Annotated[str, typer.Argument(help="What happened, such as job_shared.", metavar="NAME")],
    *,
    says: Annotated[str, typer.Option(help="What it means: one sentence.")] = "",
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would be written.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print what was written as JSON.")] = False,
) -> None:
    """Add a class to schemas/events/DOMAIN.py with a person and a time; then change it before it is used.

    Its schema is published at once. As long as it is not committed, remove the published file and publish
    again after a change; from then on a change is a new version.
    """
    made = event.event_of(domain, name, says or f"{name.replace('_', ' ').capitalize()}.")
    paths = [made.events.path.as_posix(), made.example.path.as_posix()]
    published: list[str] = []
    if not dry_run:
        writing.write([made.example])
        (writing.ROOT / made.events.path).write_text(made.events.text, encoding="utf-8")
        published = writing.publish()
    if as_json:
        typer.echo(json.dumps({"files": paths, "published": published}, indent=2))
        return
    for path in paths:
        typer.echo(f"{'would write' if dry_run else 'wrote'} {path}")
    for line in published:
        typer.echo(line)
    if not dry_run:
        typer.echo(
            f"\nEmit it: `.emit(Emit(topics.events({domain}.name), person, {made.class_name}(…)))`. Others "
            f'hear it by `@other.handles({made.class_name})`, with `topics=(topics.events("{domain}"),)`.'
        )
