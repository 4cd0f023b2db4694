"""`easymo schemas serve`: our schemas over the REST API of the Confluent Schema Registry."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Annotated

import typer

from scripts.stopping import told_to_stop

PORT = 8091  # Confluent's 8081 is the simulator's


def serve(
    *,
    host: Annotated[
        str, typer.Option(help="Where to listen. Everybody who reaches it may read: there is no password.")
    ] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="Where to listen; 0: any free port.", min=0, max=65535)] = PORT,
    writable: Annotated[
        Path | None,
        typer.Option(
            metavar="FOLDER",
            help="Serve a registry of its own instead, kept in this folder and empty at first, where clients "
            "may register.",
            file_okay=False,
        ),
    ] = None,
) -> None:
    """Serve the published schemas as the Confluent Schema Registry does, until it is stopped.

    Read-only: what is published is reviewed in git. Ids are hashes of what a schema says, so they are the
    same everywhere and always. A subject is an event's name, such as core.opted_out.

    Examples:

    `easymo schemas serve`, then `curl -s http://127.0.0.1:8091/subjects/core.opted_out/versions/latest`

    `easymo schemas serve --writable ~/registry --port 8092`, then `easymo schemas push http://127.0.0.1:8092`
    """
    asyncio.run(_serve(host, port, writable))


async def _serve(host: str, port: int, writable: Path | None) -> None:
    # Late: the other commands of the group need no HTTP server.
    from infra.registry.opening import opened
    from infra.registry.server import serving

    with opened(writable) as registry:
        async with serving(registry, host, port) as address:
            count = f"{len(registry.catalogue):,} schemas of {len(registry.catalogue.subjects()):,} subjects"
            typer.echo(f"The schema registry is at {address}: {count}.")
            typer.echo(f"Clients may register; it is kept in {writable}." if writable else "It is read-only.")
            await told_to_stop()
