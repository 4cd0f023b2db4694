"""The simulator as one object: a Graph API, webhooks, people with phones, and faults on demand."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from types import TracebackType
from typing import Self

import aiohttp
from aiohttp import web

from infra.settings import Settings
from infra.simulator.chat import Chat
from infra.simulator.control import Control
from infra.simulator.exchange import Exchange
from infra.simulator.faults import Faults
from infra.simulator.graph import GraphApi
from infra.simulator.line import LocalLine
from infra.simulator.media import BIGGEST
from infra.simulator.page_routes import add_page_routes
from infra.simulator.people import HISTORY, People, Person, default_user_id, digits
from infra.simulator.providers import ProviderDesk
from infra.simulator.statuses import USUAL
from infra.simulator.templates import Template, Templates
from infra.simulator.webhooks import RETRY_SECONDS, Notifier

VERSION = "v23.0"
STOP_SECONDS = 2.0
ANSWER_FIRST_SECONDS = 0.05  # lets the answer to the request for it go out


class Simulator:
    """A stand-in for Meta in this process. Use as `async with Simulator(…) as simulator`.

    - `base_url` is the value for EASYMO_GRAPH_BASE_URL; `webhook_url` may be set at any time.
    - `chat(number, name=…)` is a person with a phone (see chat.py).
    - `providers` is the stand-in for MTN and Stripe, where payments are asked for (see providers.py).
    - `faults` switches trouble on, `stop_listening` and `refuse_for` close the door.
    - `templates` are those of the business; `exchange.templates.add(…)` adds one.
    - `exchange.media`, `exchange.arrivals` and `exchange.counts` are there to look into.
    - `statuses=()` reports no statuses; `history=0` keeps no messages (chats hear nothing then).
    - `updates_per_post` lets one webhook carry several updates.
    - `pair_rate`, `messages_per_second` switch Meta's rates on; with `window_in_status` a message
      outside the 24-hour window is accepted and reported as failed, as Meta often does.
    """

    def __init__(
        self,
        *,
        access_token: str = "simulator-token",  # noqa: S107 — opens a simulator only
        app_secret: str = "simulator-secret",  # noqa: S107
        verify_token: str = "simulator-verify",  # noqa: S107
        phone_number_id: str = "106540352242922",
        display_phone_number: str = "250796000000",
        account_id: str = "102290129340398",
        webhook_url: str | None = None,
        host: str = "127.0.0.1",
        port: int = 0,
        statuses: Sequence[str] | bool = USUAL,
        updates_per_post: int = 1,
        retry_seconds: Sequence[float] = RETRY_SECONDS,
        history: int = HISTORY,
        templates: Sequence[Template] = (),
        pair_rate: bool = False,
        messages_per_second: int = 0,
        window_in_status: bool = False,
        seed: int | None = None,
    ) -> None:
        self.faults = Faults(seed)
        self.notifier = Notifier(
            url=webhook_url,
            secret=app_secret.encode(),
            account_id=account_id,
            faults=self.faults,
            per_post=updates_per_post,
            retry_seconds=retry_seconds,
        )
        self.exchange = Exchange(
            phone_number_id=phone_number_id,
            display_phone_number=display_phone_number,
            notifier=self.notifier,
            faults=self.faults,
            people=People(history=history),
            templates=Templates(templates),
            statuses=(USUAL if statuses else ()) if isinstance(statuses, bool) else statuses,
            pair_rate=pair_rate,
            messages_per_second=messages_per_second,
            window_in_status=window_in_status,
        )
        self.providers = ProviderDesk()
        self.access_token = access_token
        self.phone_number_id = phone_number_id
        self.host = host
        self.port = port
        self.app_secret = app_secret
        self.verify_token = verify_token
        self._line = LocalLine(self.exchange)
        self._graph = GraphApi(self.exchange, access_token=access_token, phone_number_id=phone_number_id)
        self._control = Control(self)
        self._refusal: asyncio.Task[None] | None = None
        self._runner: web.AppRunner | None = None
        self._site: web.TCPSite | None = None

    @classmethod
    def from_settings(cls, settings: Settings, **options: object) -> Self:
        """A simulator with the token, secret and number of the services. Raises MissingSetting."""
        return cls(
            access_token=settings.need("meta_access_token"),
            app_secret=settings.secrets("meta_app_secrets")[0].decode(),
            verify_token=settings.need("meta_verify_token"),
            phone_number_id=settings.need("meta_phone_number_id"),
            **options,  # type: ignore[arg-type]
        )

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.stop()

    async def start(self) -> None:
        """Listen and start delivering. Raises OSError when the port is taken."""
        app = web.Application(client_max_size=BIGGEST + 1024 * 1024)
        self._graph.add_routes(app)
        self.providers.add_routes(app)
        self._control.add_routes(app)
        add_page_routes(app)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=STOP_SECONDS)
        await self._runner.setup()
        await self.listen()
        self.providers.origin = self.origin
        await self.notifier.start()

    async def stop(self) -> None:
        """Close everything; undelivered webhooks are dropped."""
        if self._refusal is not None:
            self._refusal.cancel()
            await asyncio.gather(self._refusal, return_exceptions=True)
        self._control.feed.close()
        await self.notifier.stop()
        await self.providers.close()
        if self._runner is not None:
            await self._runner.cleanup()
            self._runner = None

    async def listen(self) -> None:
        """Take connections (again), at the same port; idempotent."""
        if self._runner is None:
            raise RuntimeError("the simulator is not started")
        if self._site is not None:
            return
        self._site = web.TCPSite(self._runner, self.host, self.port, reuse_address=True, backlog=1024)
        await self._site.start()
        self.port = self._runner.addresses[0][1]

    async def stop_listening(self) -> None:
        """Refuse connections until `listen`: those that are open are cut."""
        if self._site is not None:
            await self._site.stop()
            self._site = None
        if self._runner is not None and self._runner.server is not None:
            for connection in self._runner.server.connections:
                connection.force_close()

    def refuse_for(self, seconds: float) -> asyncio.Task[None]:
        """Refuse connections for so long, from a moment later on; asking again starts anew.

        The task ends when connections are taken again.
        """
        if self._refusal is not None:
            self._refusal.cancel()
        self._refusal = asyncio.create_task(self._refuse(seconds))
        return self._refusal

    async def _refuse(self, seconds: float) -> None:
        await asyncio.sleep(ANSWER_FIRST_SECONDS)
        await self.stop_listening()
        try:
            await asyncio.sleep(seconds)
        finally:
            if self._runner is not None:
                await self.listen()

    @property
    def origin(self) -> str:
        """The address of the page, such as http://127.0.0.1:8090."""
        return f"http://{self.host}:{self.port}"

    @property
    def base_url(self) -> str:
        """The Graph API's address with its version: the value of EASYMO_GRAPH_BASE_URL."""
        return f"{self.origin}/{VERSION}"

    @property
    def webhook_url(self) -> str | None:
        """Where notifications are posted; None: nowhere."""
        return self.notifier.url

    @webhook_url.setter
    def webhook_url(self, url: str | None) -> None:
        self.notifier.url = url

    async def subscribe(self, within_seconds: float = 10.0) -> bool:
        """Check the webhook as Meta does when it is set up. Tells whether the challenge came back."""
        if self.webhook_url is None:
            return False
        query = {
            "hub.mode": "subscribe",
            "hub.verify_token": self.verify_token,
            "hub.challenge": "1158201444",
        }
        timeout = aiohttp.ClientTimeout(total=within_seconds)
        try:
            async with (
                aiohttp.ClientSession(timeout=timeout) as session,
                session.get(self.webhook_url, params=query) as answer,
            ):
                body = await answer.content.read(1024)
                return answer.status == 200 and body == query["hub.challenge"].encode()
        except (aiohttp.ClientError, TimeoutError):
            return False

    def chat(
        self,
        phone: str | None = None,
        *,
        name: str = "",
        user_id: str | None = "",
        username: str | None = None,
    ) -> Chat:
        """The phone of one person; what was heard is kept with the person, not in this object.

        With a number, a business-scoped id goes along as Meta sends it since April 2026; `user_id=None`
        leaves it away. Without a number, `user_id` says who writes: someone who hides the number.
        """
        if phone is None and not user_id:
            raise ValueError("a person has a number, a business-scoped id, or both")
        number = digits(phone) if phone is not None else None
        found = self.exchange.people.get(number or str(user_id))
        if found is None:
            bsuid = default_user_id(number) if user_id == "" and number else user_id
            found = self.exchange.people.add(Person(number, bsuid, name=name, username=username))
        found.name = name or found.name
        found.username = username or found.username
        return Chat(found, self._line)
