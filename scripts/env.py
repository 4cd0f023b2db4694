"""Print the settings of the running stack as `export` lines, secrets included.

With them every other `easymo` command, and your own programs, find the broker, the database and the
stand-in for Meta that `easymo up` started.

Example: `eval "$(easymo env)"`, or `easymo env --json | jq`.
"""

from __future__ import annotations

import json
import shlex
from typing import Annotated

import typer

from infra.embedded.running import find_running
from infra.settings import load_settings


def command(
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object, pages included.")] = False,
) -> None:
    # No docstring: the module's is the help.
    running = find_running(load_settings().state_dir)
    if as_json:
        pages = {"webhook": running.webhook_url, "phones": running.phone_page, "health": running.health_urls}
        typer.echo(json.dumps({"environment": running.environment, **pages}, indent=2))
        return
    for name, value in sorted(running.environment.items()):
        typer.echo(f"export {name}={shlex.quote(value)}")
