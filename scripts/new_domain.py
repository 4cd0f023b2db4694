"""Write a new domain: one folder, with its contract and its tests; no existing file is edited.

Example: easymo new-domain pharmacies --keywords pharmacy,pharmacie,farumasi
"""

from __future__ import annotations

import json
from typing import Annotated

import typer

from scripts.scaffold import domain, writing


def command(
    name: Annotated[str, typer.Argument(help="Lower-case words joined by underscores.", metavar="NAME")],
    *,
    keywords: Annotated[
        str, typer.Option(help="Words that lead to it, comma-separated; its name unless given.")
    ] = "",
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would be written.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print the files as JSON.")] = False,
) -> None:
    """Write flows, rules, store, migration, texts in four languages, an event with its schema, and tests.

    People write a request, and it is kept: change that into what the domain is for. What is written passes
    `make check` and `make test` as it is.
    """
    files = domain.files_of(name, [each.strip() for each in keywords.split(",") if each.strip()])
    published: list[str] = []
    if not dry_run:
        writing.write(files)
        published = writing.publish()
    paths = [file.path.as_posix() for file in files]
    if as_json:
        typer.echo(json.dumps({"files": paths, "published": published}, indent=2))
        return
    for path in paths:
        typer.echo(f"{'would write' if dry_run else 'wrote'} {path}")
    for line in published:
        typer.echo(line)
    if not dry_run:
        typer.echo(f"\nNow `make up`, and write to it. Then begin with consumers/{name}/flows.py.")
