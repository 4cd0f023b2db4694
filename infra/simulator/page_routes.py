"""The files of the page: a phone in the browser."""

from __future__ import annotations

from pathlib import Path

from aiohttp import web

from infra.simulator.control_guard import guarded

PAGE = Path(__file__).with_name("page")
CONTENT_TYPES = {".html": "text/html", ".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}
HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob:; media-src 'self'; "
        "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-cache",
}


def add_page_routes(app: web.Application) -> None:
    """Serve the page at `/` and its files at `/page/NAME`; `/health` answers once it listens."""
    app.router.add_get("/", guarded(_index))
    app.router.add_get("/page/{name}", guarded(_file))
    app.router.add_get("/health", _health)


async def _health(_: web.Request) -> web.Response:
    return web.json_response({"status": "ok"})


async def _index(_: web.Request) -> web.Response:
    return _answer("index.html")


async def _file(request: web.Request) -> web.Response:
    return _answer(request.match_info["name"])


def _answer(name: str) -> web.Response:
    if name not in {found.name for found in PAGE.iterdir()}:
        return web.Response(status=404, text="no such file")
    path = PAGE / name
    return web.Response(
        body=path.read_bytes(),
        content_type=CONTENT_TYPES.get(path.suffix, "application/octet-stream"),
        charset="utf-8",
        headers=HEADERS,
    )
