"""Who posts to us: for each source its paths, how its posts are verified, and how they are split.

The payment providers (providers/) are further classes of this shape; `serve.py` lists all that are on.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Protocol

from ingress import parsing, signature, split
from ingress.exchange import Headers
from ingress.update import Update


class Source(Protocol):
    """What the webhook (webhook.py) needs to know of whoever posts."""

    @property
    def name(self) -> str:
        """In metrics and logs."""

    @property
    def paths(self) -> Sequence[str]:
        """The first is the one to use, the others are aliases."""

    def claim(self, headers: Headers) -> Any | None:
        """What the headers say to prove the sender, or None when there is nothing that could.

        Without a claim the body is not even read. What it is, only the source itself knows.
        """

    async def verify(self, claim: Any, body: bytes) -> bool:
        """Whether the claim holds for exactly these bytes. Raises Refusal where it can say more than no."""

    def updates(self, claim: Any, body: bytes, received_at: datetime) -> list[Update]:
        """What a verified body says. Raises UnreadableBody, and Refusal as `verify` does."""


class WhatsApp:
    """Meta's webhook for the WhatsApp business account."""

    name = "whatsapp"
    paths = ("/webhooks/whatsapp", "/webhook")

    def __init__(self, app_secrets: Sequence[bytes]) -> None:
        """`app_secrets`: newest first, at least one."""
        self._secrets = tuple(app_secrets)

    def claim(self, headers: Headers) -> bytes | None:
        """The digest in `X-Hub-Signature-256`."""
        return signature.claimed_digest(headers.get("x-hub-signature-256"))

    async def verify(self, claim: bytes, body: bytes) -> bool:
        """Whether one of the app secrets gives that digest."""
        return signature.is_signed(claim, body, self._secrets)

    def updates(self, claim: bytes, body: bytes, received_at: datetime) -> list[Update]:
        """Every message, status and account update."""
        return split.split(parsing.read_json(body), received_at)
