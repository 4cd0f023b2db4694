"""The control API: everything that the Python objects do, for other processes, as JSON over HTTP.

    GET    /_simulator/state                    addresses, counts, faults, people
    PATCH  /_simulator/state                    {webhook_url, statuses, updates_per_post, pair_rate,
                                                 messages_per_second, window_in_status}: some or all
    GET    /_simulator/feed[?person=KEY]        server-sent events (see feed.py)
    GET    /_simulator/people                   everyone
    POST   /_simulator/people                   {phone, name, user_id, username} → the person
    GET    /_simulator/people/KEY/messages      the conversation, oldest first; ?after=SEQUENCE
    POST   /_simulator/people/KEY/messages      one of {text}, {tap: {message, id}}, {location: {latitude,
                                                longitude, name, address}}, {reaction: {message, emoji}},
                                                {contact: {name, phone}}, {raw: {…}} (Meta's own shape); with
                                                {reply_to} the message answers another → the message
    POST   /_simulator/people/KEY/media         the file as body, its type as Content-Type;
                                                ?caption=&filename=&voice
    POST   /_simulator/people/KEY/silent        {hours}: as if the person wrote last so long ago
    POST   /_simulator/people/KEY/number        {phone}: move to another number; the business is told
    GET    /_simulator/media/ID                 a file
    GET    /_simulator/faults                   the faults that are on
    POST   /_simulator/faults                   {kind, times, share, code, status, seconds, copies, statuses,
                                                to, on} (see faults.py) → the fault
    DELETE /_simulator/faults[/ID]              switch one off, or all
    POST   /_simulator/refuse                   {seconds}: refuse connections for so long
    POST   /_simulator/templates                {name, language, body, header, footer, buttons,
                                                category, status}
    POST   /_simulator/account                  {field, value}: an update of the account
    POST   /_simulator/arrivals                 {on}: record arrivals anew, or stop
    GET    /_simulator/arrivals                 JSON lines [at_ns, to, callback_data, in_reply_to, left_ns]

What does not fit answers 400 `{"error": …}`. Only requests of the same origin, to an address of this
machine, are taken: a page from elsewhere that a browser has open can't steer the simulator.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

import orjson
from aiohttp import web

from infra.simulator.control_bodies import json_answer, json_body, web_address
from infra.simulator.control_guard import guarded
from infra.simulator.control_people import PeopleControl
from infra.simulator.faults import SECONDS
from infra.simulator.feed import Feed
from infra.simulator.places import PLACES
from infra.simulator.statuses import USUAL
from infra.simulator.templates import Template

if TYPE_CHECKING:
    from infra.simulator.simulator import Simulator

LINES_AT_ONCE = 5_000

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class Control:
    """Handlers of `/_simulator/…`."""

    def __init__(self, simulator: Simulator) -> None:
        self._simulator = simulator
        self._exchange = simulator.exchange
        self.feed = Feed(simulator.exchange)

    def add_routes(self, app: web.Application) -> None:
        """Hang the handlers into the application."""
        one, people = "/_simulator/people/{key}", PeopleControl(self._simulator)
        routes: list[tuple[str, str, Handler]] = [
            ("GET", "/_simulator/state", self.state),
            ("PATCH", "/_simulator/state", self.change_state),
            ("GET", "/_simulator/feed", self.feed.serve),
            ("GET", "/_simulator/people", people.everyone),
            ("POST", "/_simulator/people", people.add),
            ("GET", f"{one}/messages", people.messages),
            ("POST", f"{one}/messages", people.send),
            ("POST", f"{one}/media", people.send_medium),
            ("POST", f"{one}/silent", people.silent),
            ("POST", f"{one}/number", people.change_number),
            ("GET", "/_simulator/media/{media_id}", people.medium),
            ("GET", "/_simulator/faults", self.faults),
            ("POST", "/_simulator/faults", self.add_fault),
            ("DELETE", "/_simulator/faults", self.clear_faults),
            ("DELETE", "/_simulator/faults/{fault_id:\\d+}", self.clear_faults),
            ("POST", "/_simulator/refuse", self.refuse),
            ("POST", "/_simulator/templates", self.add_template),
            ("POST", "/_simulator/account", self.tell_account),
            ("POST", "/_simulator/arrivals", self.record),
            ("GET", "/_simulator/arrivals", self.arrivals),
        ]
        for method, path, handler in routes:
            app.router.add_route(method, path, guarded(handler))

    async def state(self, _: web.Request) -> web.Response:
        """Everything worth a look."""
        exchange, notifier = self._exchange, self._simulator.notifier
        return json_answer(
            {
                "base_url": self._simulator.base_url,
                "business": exchange.display_phone_number,
                "webhook_url": notifier.url,
                "webhooks": {
                    **notifier.counts,
                    "waiting": notifier.waiting,
                    "trouble": notifier.last_trouble,
                },
                "messages": dict(exchange.counts),
                "statuses": list(exchange.statuses),
                "updates_per_post": notifier.per_post,
                "pair_rate": exchange.pair_rate,
                "messages_per_second": exchange.messages_per_second,
                "window_in_status": exchange.window_in_status,
                "faults": [fault.described() for fault in self._simulator.faults],
                "people": len(exchange.people),
                "places": [place._asdict() for place in PLACES],
            }
        )

    async def change_state(self, request: web.Request) -> web.Response:
        """Change settings while running."""
        wanted = await json_body(request)
        exchange, notifier = self._exchange, self._simulator.notifier
        if "webhook_url" in wanted:
            notifier.url = None if wanted["webhook_url"] is None else web_address(wanted["webhook_url"])
        if "statuses" in wanted:
            exchange.statuses = tuple(status for status in USUAL if status in wanted["statuses"])
        if "updates_per_post" in wanted:
            notifier.per_post = max(1, int(wanted["updates_per_post"]))
        if "messages_per_second" in wanted:
            exchange.messages_per_second = max(0, int(wanted["messages_per_second"]))
        exchange.pair_rate = bool(wanted.get("pair_rate", exchange.pair_rate))
        exchange.window_in_status = bool(wanted.get("window_in_status", exchange.window_in_status))
        self.feed.state_changed()
        return await self.state(request)

    async def faults(self, _: web.Request) -> web.Response:
        """The faults that are on."""
        return json_answer([fault.described() for fault in self._simulator.faults])

    async def add_fault(self, request: web.Request) -> web.Response:
        """Switch one on."""
        fault = self._simulator.faults.add(**await json_body(request))
        self.feed.state_changed()
        return json_answer(fault.described())

    async def clear_faults(self, request: web.Request) -> web.Response:
        """Switch one off, or all."""
        number = request.match_info.get("fault_id")
        cleared = self._simulator.faults.clear(None if number is None else int(number))
        self.feed.state_changed()
        return json_answer({"cleared": cleared})

    async def refuse(self, request: web.Request) -> web.Response:
        """Stop listening for a while, once this answer is out."""
        seconds = float((await json_body(request)).get("seconds", 10))
        if not 0 < seconds <= SECONDS:
            raise ValueError(f"seconds must be above 0 and at most {SECONDS:.0f}")
        self._simulator.refuse_for(seconds)
        return json_answer({"seconds": seconds})

    async def add_template(self, request: web.Request) -> web.Response:
        """Add or replace a template."""
        wanted = await json_body(request)
        wanted["buttons"] = tuple(wanted.get("buttons", ()))
        self._exchange.templates.add(Template(**wanted))
        return json_answer({"name": wanted["name"]})

    async def tell_account(self, request: web.Request) -> web.Response:
        """Post an update of the account."""
        wanted = await json_body(request)
        self._exchange.tell_account(str(wanted["field"]), dict(wanted["value"]))
        return json_answer({"field": wanted["field"]})

    async def record(self, request: web.Request) -> web.Response:
        """Start or stop recording arrivals."""
        arrivals = self._exchange.arrivals
        if (await json_body(request)).get("on", True):
            arrivals.start()
        else:
            arrivals.stop()
        return json_answer({"on": arrivals.on, "kept": len(arrivals.sent), "not_kept": arrivals.not_kept})

    async def arrivals(self, request: web.Request) -> web.StreamResponse:
        """What was recorded, line by line."""
        arrivals = self._exchange.arrivals
        response = web.StreamResponse(headers={"Content-Type": "application/x-ndjson"})
        await response.prepare(request)
        for start in range(0, len(arrivals.sent), LINES_AT_ONCE):
            lines = [
                orjson.dumps([*found[:4], arrivals.departed.get(found.in_reply_to or "")])
                for found in arrivals.sent[start : start + LINES_AT_ONCE]
            ]
            await response.write(b"\n".join(lines) + b"\n")
        return response
