"""The routes below /compatibility: whether a schema could be registered, without registering it."""

from __future__ import annotations

from aiohttp import web

from infra.registry.catalogue import Registered
from infra.registry.exchange import answer, flag, schema_in
from infra.registry.refusals import version_not_found
from infra.registry.registry import SchemaRegistry, told
from infra.registry.requests import version_number


class ComparingRoutes:
    """Handlers over one registry."""

    def __init__(self, registry: SchemaRegistry) -> None:
        self._registry = registry

    def add_routes(self, app: web.Application) -> None:
        """Put them into an application."""
        versions = "/compatibility/subjects/{subject}/versions"
        app.router.add_post(versions, self.compare_with_all)
        app.router.add_post(f"{versions}/{{version}}", self.compare_with_one)

    async def compare_with_all(self, request: web.Request) -> web.Response:
        """As registering would: with those versions that the subject's level names."""
        subject = request.match_info["subject"]
        known = subject in self._registry.catalogue
        return await self._compare(request, self._registry.catalogue.versions(subject) if known else {})

    async def compare_with_one(self, request: web.Request) -> web.Response:
        subject, number = request.match_info["subject"], version_number(request.match_info["version"])
        if subject in self._registry.catalogue:
            found = self._registry.catalogue.get(subject, number)
            return await self._compare(request, {found.version: found})
        if number is not None:
            raise version_not_found(number)
        return await self._compare(request, {})  # there is no latest version that it could break

    async def _compare(self, request: web.Request, against: dict[int, Registered]) -> web.Response:
        proposed = await schema_in(request)
        found = await self._registry.compare(request.match_info["subject"], proposed.document, against)
        verbose = {"messages": [told(each) for each in found]} if flag(request, "verbose") else {}
        return answer(request, {"is_compatible": not found} | verbose)
