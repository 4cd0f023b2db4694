"""The routes below /schemas: what an id or a GUID means, and where it is used."""

from __future__ import annotations

from aiohttp import web

from infra.registry.catalogue import Registered
from infra.registry.exchange import answer, flag, page, plain
from infra.registry.refusals import schema_not_found
from infra.registry.registry import SchemaRegistry
from infra.registry.requests import TYPE
from infra.registry.subjects import ALL_CONTEXTS, described

ID_DIGITS_LIMIT = 10


class SchemaRoutes:
    """Handlers over one registry."""

    def __init__(self, registry: SchemaRegistry) -> None:
        self._catalogue = registry.catalogue

    def add_routes(self, app: web.Application) -> None:
        """Put them into an application."""
        app.router.add_get("/schemas", self.list_schemas)
        app.router.add_get("/schemas/types", self.list_types)
        app.router.add_get("/schemas/ids/{id}", self.show)
        app.router.add_get("/schemas/ids/{id}/schema", self.show_schema)
        app.router.add_get("/schemas/ids/{id}/subjects", self.list_subjects)
        app.router.add_get("/schemas/ids/{id}/versions", self.list_versions)
        app.router.add_get("/schemas/guids/{guid}", self.show_by_guid)

    async def list_types(self, request: web.Request) -> web.Response:
        return answer(request, [TYPE])

    async def list_schemas(self, request: web.Request) -> web.Response:
        """Every version of every subject; with `latestOnly`, the latest of each."""
        prefix = request.query.get("subjectPrefix", "").removeprefix(ALL_CONTEXTS)
        found: list[Registered] = []
        for subject in self._catalogue.subjects():
            if subject.startswith(prefix):
                versions = list(self._catalogue.versions(subject).values())
                found += versions[-1:] if flag(request, "latestOnly") else versions
        return answer(request, [described(each) for each in page(request, found)])

    async def show(self, request: web.Request) -> web.Response:
        return answer(request, _said(self._asked(request)[0]))

    async def show_by_guid(self, request: web.Request) -> web.Response:
        return answer(request, _said(self._catalogue.of_guid(request.match_info["guid"])))

    async def show_schema(self, request: web.Request) -> web.Response:
        return plain(request, self._asked(request)[0].text)

    async def list_subjects(self, request: web.Request) -> web.Response:
        subjects = list(dict.fromkeys(each.subject for each in self._asked(request)))
        return answer(request, page(request, subjects))

    async def list_versions(self, request: web.Request) -> web.Response:
        used = [{"subject": each.subject, "version": each.version} for each in self._asked(request)]
        return answer(request, page(request, used))

    def _asked(self, request: web.Request) -> list[Registered]:
        text = request.match_info["id"]
        if not (text.isascii() and text.isdigit() and len(text) <= ID_DIGITS_LIMIT):
            raise schema_not_found(text[:40])
        return self._catalogue.of_id(int(text))


def _said(registered: Registered) -> dict[str, str]:
    return {"guid": registered.guid, "schemaType": TYPE, "schema": registered.text}
