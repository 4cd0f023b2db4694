"""Run the consumers of one or more domains in this process.

Example: easymo consume mobility jobs
"""

from __future__ import annotations

import gc
import sys
from functools import partial
from typing import Annotated

import typer
import uvloop

from consumers import domain_names
from consumers.runtime.service import Service
from consumers.runtime.surge import Surge, SurgeGuard
from infra import exit_codes
from infra.settings import load_settings
from infra.telemetry.logs import configure


def command(
    domains: Annotated[list[str], typer.Argument(help="The domains, or `all`.", metavar="DOMAIN...")],
    resume_after_surge: Annotated[
        bool,
        typer.Option(
            "--resume-after-surge", help="Let the surge that stopped it pass; the next one stops it again."
        ),
    ] = False,
) -> None:
    """Consume until Ctrl-C or SIGTERM; what is under way is finished first.

    Start it again, or several times, to scale: the members of a group share its partitions. It answers
    /health, /ready and /metrics on EASYMO_HEALTH_PORT (any free port unless set; the log says which).
    When too many events of a domain die at once, that one stops, and the others go on. Exit codes: 0 stopped,
    1 failed, 3 one of them stopped itself because too many events died (see the dead letters).
    """
    names = list(domain_names()) if domains == ["all"] else domains
    settings = load_settings()
    configure(f"consumers.{'+'.join(names)}", settings.log_level)
    relax_garbage_collection()
    surge = partial(SurgeGuard, resumed=resume_after_surge)
    try:
        uvloop.run(Service(settings, names, surge=surge).run())
    except Surge as error:
        typer.echo(f"Stopped: {error}", err=True)
        sys.exit(exit_codes.SURGE)


def relax_garbage_collection() -> None:
    """Look for cycles rarely: a chunk makes thousands of objects, nearly all freed by their counts.

    Measured on `core`: 161 µs of CPU an event with Python's defaults, 116 µs so.
    """
    gc.collect()
    gc.freeze()  # what was imported stays
    gc.set_threshold(100_000, 20, 50)
