"""The pages that are made from the code: events, topics, settings, AsyncAPI, OpenAPI."""

from __future__ import annotations

import inspect
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

import infra
from ingress.openapi import document as openapi_document
from schemas.model import EventData
from schemas.publishing import Registry, render
from schemas.topics import MEBIBYTE, redelivery
from scripts.documents import asyncapi, settings_listed
from scripts.documents.fields import Part, anchor, parts
from scripts.documents.traffic import Traffic

TEMPLATES = Path(infra.__file__).parent / "documents" / "templates"
WAYS_BACK = redelivery("")

Model = type[EventData]
Pages = Mapping[str, str]  # text by path


@dataclass(frozen=True, slots=True)
class Version:
    """One version of an event as its page shows it."""

    name: str  # <subject>/v<N>
    number: str  # v<N>
    kind: str
    summary: str
    says: str
    published: bool
    schema: str
    parts: tuple[Part, ...]
    examples: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Event:
    """An event in all its versions, and who has to do with it."""

    subject: str
    versions: tuple[Version, ...]
    topics: tuple[Any, ...]
    keys: tuple[str, ...]
    writers: tuple[str, ...]
    readers: tuple[str, ...]


def event_pages(traffic: Traffic, registry: Registry) -> dict[str, str]:
    """A page for each event, and the list of them."""
    events = [_event(subject, models, traffic, registry) for subject, models in _by_subject(traffic)]
    domains: dict[str, list[Event]] = {}
    for event in events:
        domains.setdefault(event.subject.partition(".")[0], []).append(event)
    found = {f"events/{event.subject}.md": _page("event.md", **_shown(event)) for event in events}
    listed = _page("events.md", domains=sorted(domains.items()), count=len(events))
    return {"events/index.md": listed} | found


def topics_page(traffic: Traffic) -> dict[str, str]:
    """Every topic: key, retention, who sends and receives."""
    rows = [
        {
            "name": topic.name,
            "key": topic.key,
            "partitions": topic.partitions,
            "retention_days": topic.retention_days,
            "carries": topic.carries,
            "mebibytes": topic.record_bytes_limit // MEBIBYTE,
            "senders": _parties(traffic, "send", topic.name),
            "receivers": _parties(traffic, "receive", topic.name),
            "events": sorted({model.subject() for model in traffic.carried_by(topic.name)}),
        }
        for topic in sorted(traffic.topics, key=lambda topic: topic.name)
    ]
    return {"topics.md": _page("topics.md", topics=rows)}


def settings_page() -> dict[str, str]:
    """Every setting, by section."""
    return {"settings.md": _page("settings.md", sections=settings_listed.sections())}


def reference_pages(traffic: Traffic, registry: Registry, *, rendered: bool) -> dict[str, str]:
    """The two documents, a page that leads to each, and (`rendered`) the viewers that show them."""
    events, http = asyncapi.document(traffic, registry), openapi_document()
    found = {
        "reference/asyncapi.md": _page(
            "reference.md",
            name="asyncapi",
            title="AsyncAPI",
            says=events["info"]["description"],
            rendered=rendered,
            table="",
        ),
        "reference/openapi.md": _page(
            "reference.md",
            name="openapi",
            title="OpenAPI",
            says=http["info"]["description"],
            rendered=rendered,
            table=_errors_table(http),
        ),
    }
    for name, document in (("asyncapi", events), ("openapi", http)):
        found[f"reference/{name}.json"] = json.dumps(document, indent=2, ensure_ascii=False) + "\n"
        if rendered:
            # Inside a script element nothing but its own end could end it.
            text = json.dumps(document, ensure_ascii=False).replace("</", "<\\/")
            version = document["info"]["version"]
            found[f"reference/{name}-viewer.html"] = _page(
                f"{name}-viewer.html", document=text, version=version
            )
    return found


def list_page(title: str, says: str, pages: Iterable[tuple[str, str]]) -> str:
    """A page that lists others: their titles and names."""
    listed = [{"title": shown, "name": name} for shown, name in pages]
    return _page("list.md", title=title, says=says, pages=listed)


def _errors_table(http: Any) -> str:
    rows = [f"| {error['status']} | `{error['code']}` | {error['when']} |" for error in http["x-errors"]]
    return "\n".join(["## Errors", "", "| status | error | when |", "| --- | --- | --- |", *rows])


def _by_subject(traffic: Traffic) -> list[tuple[str, list[Model]]]:
    found: dict[str, list[Model]] = {}
    for model in traffic.models.values():
        found.setdefault(model.subject(), []).append(model)
    for models in found.values():
        models.sort(key=lambda model: int(model.version().removeprefix("v")))
    return sorted(found.items())


def _event(subject: str, models: list[Model], traffic: Traffic, registry: Registry) -> Event:
    carriers = [topic for topic in traffic.topics if topic.name in traffic.carriers(models[-1])]
    flows = [flow for flow in traffic.flows if set(models) & set(flow.models)]
    flows = [flow for flow in flows if not flow.topic.startswith(WAYS_BACK)]
    return Event(
        subject=subject,
        versions=tuple(_version(model, traffic, registry) for model in models),
        topics=tuple(carriers),
        keys=tuple(dict.fromkeys(topic.key for topic in carriers)),
        writers=tuple(dict.fromkeys(flow.party for flow in flows if flow.action == "send")),
        readers=tuple(dict.fromkeys(flow.party for flow in flows if flow.action == "receive")),
    )


def _version(model: Model, traffic: Traffic, registry: Registry) -> Version:
    says = inspect.cleandoc(model.__doc__ or "")
    text = registry.published().get(model.dataschema()) or render(model)
    return Version(
        name=model.dataschema(),
        number=model.version(),
        kind=model.event_type,
        summary=says.partition("\n")[0],
        says=says,
        published=model.event_type not in traffic.private,
        schema=text.rstrip("\n"),
        parts=tuple(parts(json.loads(text), model.version())),
        examples=tuple(
            json.dumps(example, indent=2, ensure_ascii=False)
            for example in asyncapi.examples_of(model, registry)
        ),
    )


def _parties(traffic: Traffic, action: str, topic: str) -> list[str]:
    return sorted({flow.party for flow in traffic.flows if flow.action == action and flow.topic == topic})


def _shown(event: Event) -> dict[str, Any]:
    return {name: getattr(event, name) for name in event.__slots__}


def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        autoescape=False,  # noqa: S701 - Markdown, of our own texts
    )
    environment.filters["cell"] = lambda text: text.replace("|", "\\|").replace("\n", " ")
    environment.filters["slug"] = lambda text: text.replace(".", "-")
    environment.filters["part_anchor"] = anchor
    environment.filters["capitalize_first"] = lambda text: text[0].upper() + text[1:]
    return environment


_ENVIRONMENT = _environment()


def _page(template: str, **values: Any) -> str:
    return _ENVIRONMENT.get_template(template).render(**values)
