"""The ingress as one callable of granian: posts to the webhooks first, everything else by the pages."""

from __future__ import annotations

from collections.abc import Iterable

from ingress.exchange import Exchange, Scope
from ingress.pages import Pages
from ingress.providers.chosen import methods_of
from ingress.sources import Source
from ingress.webhook import Webhook


class App:
    """An RSGI application."""

    def __init__(self, webhooks: Iterable[tuple[Source, Webhook]], pages: Pages) -> None:
        """Each webhook answers POSTs to every path of its source."""
        self._webhooks = {path: webhook for source, webhook in webhooks for path in source.paths}
        self._take_puts = frozenset(path for path in self._webhooks if "PUT" in methods_of(path))
        self._pages = pages

    async def __rsgi__(self, scope: Scope, exchange: Exchange) -> None:
        """One request."""
        webhook = self._webhooks.get(scope.path)
        posted = scope.method == "POST" or (scope.method == "PUT" and scope.path in self._take_puts)
        if webhook is not None and posted:
            await webhook.take(scope, exchange)
        else:
            await self._pages.show(scope, exchange)
