"""Run the stand-in for Meta: the Graph API, webhooks, and the phone as a web page.

Example: `easymo simulator --webhook http://127.0.0.1:8080/webhooks/whatsapp`; `easymo up` has one.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from infra.settings import Settings, environment_name, load_settings
from infra.simulator import Simulator
from infra.simulator.people import HISTORY
from infra.simulator.show_bot import ShowBot
from infra.simulator.templates import Template, own_templates, read_templates
from scripts.stopping import told_to_stop

# Parameter of Simulator: setting that it must agree with.
SHARED = {
    "access_token": "meta_access_token",
    "app_secret": "meta_app_secrets",
    "verify_token": "meta_verify_token",
    "phone_number_id": "meta_phone_number_id",
}


async def command(
    *,
    host: Annotated[str, typer.Option(help="Where to listen.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="Where to listen; 0: any free port.", min=0, max=65535)] = 8081,
    webhook: Annotated[
        str | None, typer.Option(help="Where notifications go; by default the ingress of the settings.")
    ] = None,
    statuses: Annotated[bool, typer.Option(help="Report sent, delivered, read.")] = True,
    updates_per_post: Annotated[int, typer.Option(help="Most updates in one webhook.", min=1, max=1_000)] = 1,
    history: Annotated[int, typer.Option(help="Messages kept for each person.", min=0, max=10_000)] = HISTORY,
    pair_rate: Annotated[bool, typer.Option(help="Refuse what exceeds the rate for one person.")] = False,
    window_in_status: Annotated[
        bool, typer.Option(help="Report what misses the 24-hour window as failed, instead of refusing it.")
    ] = False,
    templates: Annotated[
        Path | None,
        typer.Option(help="JSON file with more: list of {name, language, body, header, footer, buttons …}."),
    ] = None,
    bot: Annotated[
        bool, typer.Option("--bot", help="Let a bot answer in place of the back end; no webhooks.")
    ] = False,
) -> None:
    """Run the stand-in for Meta until it is stopped; its page shows a phone for each person."""
    settings = load_settings()
    url = webhook or f"http://{settings.ingress_host}:{settings.ingress_port}/webhooks/whatsapp"
    simulator = Simulator(
        **_shared(settings),
        host=host,
        port=port,
        webhook_url=None if bot else url,
        statuses=statuses,
        updates_per_post=updates_per_post,
        history=history,
        templates=_templates(templates),
        pair_rate=pair_rate,
        window_in_status=window_in_status,
    )
    simulator.providers.stripe_webhook = f"{url.rpartition('/')[0]}/stripe"
    if settings.stripe_webhook_secrets:
        simulator.providers.stripe_secret = settings.secrets("stripe_webhook_secrets")[0]
    async with simulator:
        _introduce(simulator, settings)
        show_bot = ShowBot(simulator.exchange) if bot else None
        await told_to_stop()
        if show_bot is not None:
            await show_bot.stop()


def _templates(path: Path | None) -> list[Template]:
    try:
        return [*own_templates(), *(read_templates(path) if path is not None else ())]
    except (OSError, ValueError) as error:
        raise typer.BadParameter(str(error), param_hint="--templates") from None


def _shared(settings: Settings) -> dict[str, Any]:
    """Secrets and number that the services have too; what is not set keeps the simulator's own value."""
    found: dict[str, Any] = {}
    for parameter, setting in SHARED.items():
        if getattr(settings, setting):
            found[parameter] = settings.secrets(setting)[0].decode()
    return found


def _introduce(simulator: Simulator, settings: Settings) -> None:
    typer.echo(f"The phones are at {simulator.origin}/ (open it in a browser).")
    typer.echo(f"Webhooks go to {simulator.webhook_url or 'nobody: a bot answers'}.")
    if settings.graph_base_url != simulator.base_url:
        typer.echo("For the services:")
        typer.echo(f"  export EASYMO_GRAPH_BASE_URL={simulator.base_url}")
    for parameter, setting in SHARED.items():
        if not getattr(settings, setting):
            typer.echo(f"  export {environment_name(setting)}={getattr(simulator, parameter)}")
