"""Talk to EasyMO in the terminal, as a person with a phone on the running simulator.

Example: `easymo chat --as 250788000001 --name Aline`, then write `book ride`; or from a pipe: `echo hi |
easymo chat`.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator
from typing import Annotated
from urllib.parse import urlsplit

import typer
from rich.console import Console

from infra.embedded.running import find_running
from infra.settings import MissingSetting, Settings, load_settings
from infra.simulator import RemoteSimulator, SimulatorUnreachable
from infra.simulator.terminal import HELP, Terminal

UNANSWERED = 1  # exit code of a script of which some line got no answer
UNREACHABLE = 2


async def command(
    *,
    phone: Annotated[str, typer.Option("--as", help="The number to write from.")] = "250788123456",
    name: Annotated[str, typer.Option(help="The name on the phone.")] = "",
    simulator: Annotated[
        str | None, typer.Option(help="Its address; by default that of the running stack.")
    ] = None,
    wait: Annotated[float, typer.Option(help="Seconds that a script waits for each answer.", min=0)] = 15.0,
    as_json: Annotated[bool, typer.Option("--json", help="Messages as JSON lines.")] = False,
) -> None:
    """Talk as a person to the running simulator. Lines are read from the terminal or from a pipe.

    A number taps; `/location`, `/photo PATH`, `/people`, `/help`, `/quit`. With a pipe, each line waits
    for its answer; the exit code is 1 when one got none.
    """
    address = simulator or _running(load_settings())
    scripted = not sys.stdin.isatty()
    notes = Console(stderr=as_json or scripted)
    try:
        async with RemoteSimulator(address) as remote:
            chat = await remote.chat(phone, name=name)
            terminal = Terminal(remote, chat, Console(), notes, as_json=as_json, answer_seconds=wait)
            if not scripted:
                notes.print(HELP, style="dim", markup=False, highlight=False)
            await terminal.run(_lines(), scripted=scripted)
    except SimulatorUnreachable as error:
        typer.echo(f"Error: {error}. Start one with `easymo up` or `easymo simulator`.", err=True)
        raise typer.Exit(UNREACHABLE) from None
    if terminal.unanswered:
        raise typer.Exit(UNANSWERED)


def _running(settings: Settings) -> str:
    """Where the simulator is: in the settings, else that of the stack that runs. Raises EmbeddedFailure."""
    if "graph_base_url" in settings.model_fields_set:
        parts = urlsplit(settings.graph_base_url)
        return f"{parts.scheme}://{parts.netloc}"
    page = find_running(settings.state_dir).phone_page
    if page is None:
        raise MissingSetting("The running stack talks to Meta itself; name a simulator with --simulator.")
    return page


async def _lines() -> AsyncIterator[str]:
    """Standard input, line by line, without holding up what arrives meanwhile."""
    while line := await asyncio.to_thread(sys.stdin.readline):
        yield line
