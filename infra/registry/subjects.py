"""The routes below /subjects: what is registered under a name, and registering."""

from __future__ import annotations

from typing import Any

from aiohttp import web

from infra.registry.catalogue import Registered
from infra.registry.exchange import answer, flag, page, plain, schema_in
from infra.registry.refusals import not_permitted, schema_not_found
from infra.registry.registry import NOTHING_IS_DELETED, SchemaRegistry
from infra.registry.requests import TYPE, version_number

ALL_CONTEXTS = ":*:"


class SubjectRoutes:
    """Handlers over one registry."""

    def __init__(self, registry: SchemaRegistry) -> None:
        self._registry = registry
        self._catalogue = registry.catalogue

    def add_routes(self, app: web.Application) -> None:
        """Put them into an application."""
        one, version = "/subjects/{subject}", "/subjects/{subject}/versions/{version}"
        app.router.add_get("/subjects", self.list_subjects)
        app.router.add_post(one, self.look_up)
        app.router.add_delete(one, self.delete_subject)
        app.router.add_get(f"{one}/versions", self.list_versions)
        app.router.add_post(f"{one}/versions", self.register)
        app.router.add_get(version, self.show)
        app.router.add_delete(version, self.delete_version)
        app.router.add_get(f"{version}/schema", self.show_schema)
        app.router.add_get(f"{version}/referencedby", self.list_references)

    async def list_subjects(self, request: web.Request) -> web.Response:
        """All names, or those that start with `subjectPrefix`."""
        prefix = request.query.get("subjectPrefix", "").removeprefix(ALL_CONTEXTS)
        names = [] if flag(request, "deletedOnly") else self._catalogue.subjects()
        return answer(request, page(request, [name for name in names if name.startswith(prefix)]))

    async def list_versions(self, request: web.Request) -> web.Response:
        versions = sorted(self._catalogue.versions(request.match_info["subject"]))
        return answer(request, [] if flag(request, "deletedOnly") else page(request, versions))

    async def show(self, request: web.Request) -> web.Response:
        return answer(request, described(self._asked(request)))

    async def show_schema(self, request: web.Request) -> web.Response:
        return plain(request, self._asked(request).text)

    async def list_references(self, request: web.Request) -> web.Response:
        """Nobody refers to another subject here: such schemas are refused."""
        self._asked(request)
        return answer(request, [])

    async def look_up(self, request: web.Request) -> web.Response:
        """Which version of the subject says this."""
        subject = request.match_info["subject"]
        proposed = await schema_in(request)
        self._catalogue.versions(subject)
        found = self._catalogue.find(subject, proposed.content)
        if found is None:
            raise schema_not_found()
        return answer(request, described(found))

    async def register(self, request: web.Request) -> web.Response:
        """The id of the version that says this, which is new if need be."""
        subject = request.match_info["subject"]
        registered = await self._registry.register(subject, await schema_in(request))
        return answer(
            request, {key: value for key, value in described(registered).items() if key != "subject"}
        )

    async def delete_subject(self, request: web.Request) -> web.Response:
        self._catalogue.versions(request.match_info["subject"])
        raise not_permitted(NOTHING_IS_DELETED)

    async def delete_version(self, request: web.Request) -> web.Response:
        self._asked(request)
        raise not_permitted(NOTHING_IS_DELETED)

    def _asked(self, request: web.Request) -> Registered:
        number = version_number(request.match_info["version"])
        return self._catalogue.get(request.match_info["subject"], number)


def described(registered: Registered) -> dict[str, Any]:
    """A version as the API shows it."""
    return {
        "subject": registered.subject,
        "version": registered.version,
        "id": registered.id,
        "guid": registered.guid,
        "schemaType": TYPE,
        "schema": registered.text,
    }
