"""The ingress as one callable of granian: posts to the webhooks first, everything else by the pages."""

from __future__ import annotations

from collections.abc import Iterable

from ingress.exchange import Exchange, Scope
from ingress.pages import Pages
from ingress.sources import Source
from ingress.webhook import Webhook


class App:
    """An RSGI application."""

    def __init__(self, webhooks: Iterable[tuple[Source, Webhook]], pages: Pages) -> None:
        """Each webhook answers POSTs to every path of its source."""
        self._webhooks = {path: webhook for source, webhook in webhooks for path in source.paths}
        self._pages = pages

    async def __rsgi__(self, scope: Scope, exchange: Exchange) -> None:
        """One request."""
        webhook = self._webhooks.get(scope.path)
        if webhook is not None and scope.method == "POST":
            await webhook.take(scope, exchange)
        else:
            await self._pages.show(scope, exchange)
