"""The server: the routes in one application, listening inside a `with`.

Plain HTTP/1.1 without authentication: by default on loopback, where everybody on this machine may read. TLS
and passwords are for a proxy in front.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from aiohttp import web

from infra.registry.by_id import SchemaRoutes
from infra.registry.comparing import ComparingRoutes
from infra.registry.exchange import BODY_BYTES_LIMIT, answer, speaking
from infra.registry.registry import SchemaRegistry
from infra.registry.settings_routes import SettingsRoutes
from infra.registry.subjects import SubjectRoutes
from infra.settings import MissingSetting

BACKLOG = 128
KEEP_ALIVE_SECONDS = 30.0
STOP_SECONDS = 2.0


def application(registry: SchemaRegistry) -> web.Application:
    """All routes over one registry."""
    app = web.Application(client_max_size=BODY_BYTES_LIMIT, middlewares=[speaking()])
    app.router.add_get("/", _root)
    app.router.add_get("/contexts", _contexts)
    for routes in (
        SubjectRoutes(registry),
        SchemaRoutes(registry),
        SettingsRoutes(registry),
        ComparingRoutes(registry),
    ):
        routes.add_routes(app)
    return app


@asynccontextmanager
async def serving(registry: SchemaRegistry, host: str = "127.0.0.1", port: int = 0) -> AsyncIterator[str]:
    """Serve inside; yields the address, such as `http://127.0.0.1:8091`. Port 0: any that is free.

    Raises MissingSetting when this machine cannot listen there.
    """
    runner = web.AppRunner(
        application(registry),
        access_log=None,
        keepalive_timeout=KEEP_ALIVE_SECONDS,
        shutdown_timeout=STOP_SECONDS,
    )
    await runner.setup()
    try:
        try:
            await web.TCPSite(runner, host, port, backlog=BACKLOG).start()
        except OSError as error:
            raise MissingSetting(
                f"Cannot listen on {host}:{port} ({error.strerror}). Name an address of this machine and a "
                "port that is free: `easymo schemas serve --host … --port …`; port 0 is any."
            ) from error
        bound = runner.addresses[0][1]
        yield f"http://[{host}]:{bound}" if ":" in host else f"http://{host}:{bound}"
    finally:
        await runner.cleanup()


async def _root(request: web.Request) -> web.Response:
    return answer(request, {})


async def _contexts(request: web.Request) -> web.Response:
    """The default context alone."""
    return answer(request, ["."])
