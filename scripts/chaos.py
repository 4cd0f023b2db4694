"""Break the whole system on purpose, and prove that nothing was lost, doubled or put out of order.

Example: `easymo chaos --seed 7 --minutes 2 --rate 50`
"""

from __future__ import annotations

import logging
import secrets
import shutil
import tempfile
from pathlib import Path
from typing import Annotated

import orjson
import typer
from rich.console import Console

from scripts.display import StartDisplay

BROKEN = 1
MINUTES = 15.0
RATE = 200.0


async def command(
    *,
    seed: Annotated[
        int | None, typer.Option(help="Draws the faults and what people say; by default a new one.", min=0)
    ] = None,
    minutes: Annotated[
        float, typer.Option(help="Minutes of load and faults.", min=0.5, max=24 * 60)
    ] = MINUTES,
    rate: Annotated[float, typer.Option(help="Messages a second.", min=1, max=1_000)] = RATE,
    as_json: Annotated[bool, typer.Option("--json", help="Print the report for programs.")] = False,
    keep: Annotated[bool, typer.Option("--keep", help="Keep the logs and data, whatever happened.")] = False,
) -> None:
    """Run the whole system, each service a process of its own, write to it and break it; then check.

    Faults are drawn from the seed: processes killed and stopped, broker and database restarted, connections
    cut and slowed, the Graph API failing, slow and late, a full disk, clocks that jump, members that come and
    go. The same seed draws the same faults. Nothing outside a temporary folder is touched.

    Exit code 1: an invariant broke; the report names the events, and the folder with the logs is kept.
    """
    # Late: the run loads every domain, the ingress and psutil, which `--help` can do without.
    from scripts.chaos_run import report
    from scripts.chaos_run.run import run

    logging.getLogger("aiokafka").setLevel(logging.CRITICAL)  # a broker that is away is no news here
    folder = Path(tempfile.mkdtemp(prefix="easymo-chaos-"))
    seed = secrets.randbelow(1_000_000) if seed is None else seed
    display = StartDisplay()
    with display:
        display.say(f"seed {seed}")
        found = await run(
            folder, seed=seed, seconds=minutes * 60, rate=rate, say=display.say, progress=display.step
        )
    if as_json:
        typer.echo(orjson.dumps(found.as_json(), option=orjson.OPT_INDENT_2).decode())
    else:
        report.show(Console(), found)
    if found.holds and not keep:
        shutil.rmtree(folder, ignore_errors=True)
    else:
        display.say(f"Logs and data: {folder}")
    if not found.holds:
        raise typer.Exit(BROKEN)
