"""The routes /config and /mode: how compatible versions have to be, and whether anything may be changed."""

from __future__ import annotations

from typing import Any

from aiohttp import web

from infra.registry.exchange import answer, flag
from infra.registry.refusals import (
    invalid_level,
    invalid_mode,
    level_not_configured,
    mode_not_configured,
    not_permitted,
    subject_not_found,
)
from infra.registry.registry import Access, SchemaRegistry
from infra.registry.requests import json_object
from schemas.compatibility import Mode

UNSUPPORTED_MODES = frozenset({"IMPORT", "READONLY_OVERRIDE", "FORWARD"})


class SettingsRoutes:
    """Handlers over one registry. Without a subject in the path they are about the global value."""

    def __init__(self, registry: SchemaRegistry) -> None:
        self._registry = registry

    def add_routes(self, app: web.Application) -> None:
        """Put them into an application."""
        for path in ("/config", "/config/{subject}"):
            app.router.add_get(path, self.show_level)
            app.router.add_put(path, self.set_level)
            app.router.add_delete(path, self.delete_level)
        for path in ("/mode", "/mode/{subject}"):
            app.router.add_get(path, self.show_mode)
            app.router.add_put(path, self.set_mode)
            app.router.add_delete(path, self.delete_mode)

    async def show_level(self, request: web.Request) -> web.Response:
        subject = request.match_info.get("subject")
        levels = self._registry.levels
        if subject is not None and levels.own(subject) is None and not flag(request, "defaultToGlobal"):
            raise level_not_configured(subject)
        return answer(request, {"compatibilityLevel": levels.effective(subject)})

    async def set_level(self, request: web.Request) -> web.Response:
        asked = json_object(await request.read())
        extra = sorted(name for name, value in asked.items() if name != "compatibility" and value)
        if extra:
            raise not_permitted(f"This registry keeps `compatibility` alone, not {', '.join(extra)[:200]}.")
        name = asked.get("compatibility")
        if not isinstance(name, str) or name.upper() not in list(Mode):
            raise invalid_level(name, list(Mode))
        await self._registry.set_level(request.match_info.get("subject"), Mode(name.upper()))
        return answer(request, {"compatibility": name.upper()})

    async def delete_level(self, request: web.Request) -> web.Response:
        """Answers the value that is gone."""
        subject = request.match_info.get("subject")
        old = self._registry.levels.own(subject) if subject else self._registry.levels.effective()
        if old is None:
            raise subject_not_found(subject or "")
        await self._registry.set_level(subject, None)
        return answer(request, {"compatibilityLevel": old})

    async def show_mode(self, request: web.Request) -> web.Response:
        subject = request.match_info.get("subject")
        accesses = self._registry.accesses
        if subject is not None and accesses.own(subject) is None and not flag(request, "defaultToGlobal"):
            raise mode_not_configured(subject)
        return answer(request, {"mode": accesses.effective(subject)})

    async def set_mode(self, request: web.Request) -> web.Response:
        access = _access(json_object(await request.read()))
        await self._registry.set_access(request.match_info.get("subject"), access)
        return answer(request, {"mode": access})

    async def delete_mode(self, request: web.Request) -> web.Response:
        """Answers the value that is gone."""
        subject = request.match_info.get("subject")
        old = self._registry.accesses.own(subject) if subject else self._registry.accesses.effective()
        if old is None:
            raise subject_not_found(subject or "")
        await self._registry.set_access(subject, None)
        return answer(request, {"mode": old})


def _access(asked: dict[str, Any]) -> Access:
    name = asked.get("mode")
    if isinstance(name, str) and name.upper() in UNSUPPORTED_MODES:
        raise not_permitted(f"Mode {name.upper()} is not supported: {' or '.join(Access)}.")
    if not isinstance(name, str) or name.upper() not in list(Access):
        raise invalid_mode(name, list(Access))
    return Access(name.upper())
