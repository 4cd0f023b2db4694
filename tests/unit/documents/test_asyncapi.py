"""The AsyncAPI document: complete, consistent with the code, the same at every call."""

from __future__ import annotations

import ast
import importlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

import jsonschema_rs
import pytest

import consumers
from consumers import domain_names
from consumers.dead_letters.collector import NAME as LETTERS
from consumers.runtime.consumer import Consumer
from consumers.runtime.injection import Binder
from consumers.runtime.policy import RetryPolicy
from consumers.runtime.service import Service
from consumers.runtime.surge import SurgeGuard
from consumers.runtime.transact import Frame
from infra.settings import Settings
from infra.telemetry.tracing import Tracing
from ingress.split import MESSAGE
from ingress.update import Update
from schemas import topics
from schemas.envelope import read_envelope
from schemas.events.conversation import Leave, TurnRouted
from schemas.ids import NAMESPACE, uuid5_from
from schemas.publishing import event_models
from scripts.documents.asyncapi import document
from scripts.documents.headers import ENVELOPE, EXAMPLE_TIME, ONLY_SOMETIMES, REQUIRED, example_headers
from scripts.documents.schema_parts import components
from scripts.documents.traffic import LETTERS_GROUP, Traffic
from scripts.documents.writers import names_in, place_of

TRAFFIC = Traffic()
DOCUMENT = document(TRAFFIC)
CHANNELS, OPERATIONS = DOCUMENT["channels"], DOCUMENT["operations"]
MESSAGES, SCHEMAS = DOCUMENT["components"]["messages"], DOCUMENT["components"]["schemas"]


def test_it_is_the_same_at_every_call() -> None:
    assert json.dumps(document()) == json.dumps(DOCUMENT)


def test_every_topic_is_a_channel_with_its_partitions_and_retention() -> None:
    expected = {
        topic.name: (topic.partitions, topic.retention_days * 86_400_000, topic.record_bytes_limit)
        for topic in topics.catalogue(domain_names())
    }
    found = {}
    for name, channel in CHANNELS.items():
        kafka = channel["bindings"]["kafka"]
        config = kafka["topicConfiguration"]
        found[name] = (kafka["partitions"], config["retention.ms"], config["max.message.bytes"])
        assert channel["address"] == kafka["topic"] == name
    assert found == expected


def test_every_event_is_a_message_on_some_channel() -> None:
    carried = {name for channel in CHANNELS.values() for name in channel["messages"]}
    assert carried == MESSAGES.keys()
    assert event_models().keys() <= MESSAGES.keys()


def test_every_published_event_has_an_example_that_its_schema_takes() -> None:
    for kind in event_models():
        message = MESSAGES[kind]
        for example in message["examples"]:
            jsonschema_rs.validate(whole(kind), example["payload"])
            assert set(REQUIRED) <= example["headers"].keys()
            assert example["headers"]["ce_dataschema"] == message["x-dataschema"]


def whole(name: str) -> Any:
    """A component's schema, as one that stands alone."""
    return SCHEMAS[name] | {
        "$schema": "http://json-schema.org/draft-07/schema#",
        "components": DOCUMENT["components"],
    }


def test_every_operations_channel_and_messages_exist() -> None:
    for operation in OPERATIONS.values():
        channel = operation["channel"]["$ref"].removeprefix("#/channels/")
        names = {ref["$ref"].removeprefix(f"#/channels/{channel}/messages/") for ref in operation["messages"]}
        assert names <= CHANNELS[channel]["messages"].keys()
        assert names


def test_references_lead_somewhere() -> None:
    named = set(references(DOCUMENT))
    assert named
    assert {reference for reference in named if not leads_somewhere(reference)} == set()


def leads_somewhere(reference: str) -> bool:
    place = DOCUMENT
    for part in reference.removeprefix("#/").split("/"):
        if part not in place:
            return False
        place = place[part]
    return True


def references(part: Any) -> Iterator[str]:
    if isinstance(part, dict):
        if isinstance(part.get("$ref"), str):
            yield part["$ref"]
        part = list(part.values())
    if isinstance(part, list):
        for each in part:
            yield from references(each)


async def test_receivers_are_the_subscriptions_that_the_faststream_app_declares() -> None:
    settings = Settings(kafka_bootstrap_servers="localhost:9092")
    service = Service(settings, TRAFFIC.domains)
    for domain in TRAFFIC.domains:
        frame = Frame(domain, Binder(domain), {}, Tracing(), RetryPolicy(()))
        consumer = Consumer(frame, None, None, prefix="", surge=SurgeGuard())  # type: ignore[arg-type]
        if consumer.topics:
            service._subscribe(consumer)
    declared = {
        (subscriber.group_id, topic)
        for subscriber in cast(list[Any], service.broker.subscribers)
        for topic in subscriber.topic_names
    }
    found = {
        (operation["bindings"]["kafka"]["groupId"]["enum"][0], operation["channel"]["$ref"].split("/")[-1])
        for operation in OPERATIONS.values()
        if operation["action"] == "receive"
    }
    assert found == declared | {(LETTERS_GROUP, topics.DEAD_LETTERS)}


def emitted_topics(domain: str) -> set[str]:
    """The topics that the source of a domain names where it emits."""
    package = Path(consumers.__file__).parent / domain
    found = set()
    for path in sorted(package.rglob("*.py")):
        parts = path.relative_to(package.parent.parent).with_suffix("").parts
        name = ".".join(part for part in parts if part != "__init__")
        tree = ast.parse(path.read_bytes())
        names = dict(names_in(tree, name))
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and place_of(node.func, names).endswith(".Emit"):
                module = vars(importlib.import_module(name))
                found.add(named_topic(ast.unparse(node.args[0]), module))
    return found


def named_topic(expression: str, module: dict[str, Any]) -> str:
    """The topic that an expression of a module stands for; itself where that is only known later."""
    try:
        return str(eval(expression, dict(module)))  # noqa: S307 - our own source, such as topics.events("jobs")
    except NameError:
        return expression


# Core knows only when a turn comes to which domain it goes.
KNOWN_LATER = {"installation.topics[domain]", "topic"}


@pytest.mark.parametrize("domain", [domain.name for domain in TRAFFIC.domains])
def test_a_domain_sends_where_its_source_emits_and_nowhere_else(domain: str) -> None:
    emitted = emitted_topics(domain)
    expected = emitted - KNOWN_LATER
    if emitted & KNOWN_LATER:
        expected |= set(TRAFFIC.carriers(TurnRouted)) | set(TRAFFIC.carriers(Leave))
    documented = {flow.topic for flow in TRAFFIC.flows if flow.party == domain and flow.action == "send"}
    by_the_runtime = {topics.DEAD_LETTERS, topics.OUTBOUND, topics.INTENTS_CORE, topics.intents(domain)}
    if domain == LETTERS:
        by_the_runtime |= {name for name in CHANNELS if name.startswith(topics.redelivery(""))}
    assert expected <= documented
    assert documented - by_the_runtime <= expected


def test_nobody_is_missing_who_sends_an_event() -> None:
    """In some version: of older ones there may be records, and nobody who writes more of them. An event that
    is new, or whose domain is still to come, is made nowhere yet."""
    sent = {
        model.subject()
        for flow in TRAFFIC.flows
        if flow.action == "send" and flow.party != LETTERS  # which only sends again
        for model in flow.models
    }
    root = Path(consumers.__file__).parents[1]
    places = [path for folder in ("consumers", "ingress") for path in (root / folder).rglob("*.py")]
    source = "".join(path.read_text(encoding="utf-8") for path in places)
    made = {m.subject() for m in TRAFFIC.models.values() if f" {m.__name__}(" in source}
    assert sorted(made - sent) == []
    assert len(sent) > len(made) / 2, "or senders are no longer found"


def test_the_headers_are_those_that_are_written() -> None:
    written = dict(read_envelope(dict(EXAMPLE.items())).headers())
    assert written.keys() == ENVELOPE.keys()
    update = Update(MESSAGE, "key", uuid5_from(NAMESPACE, b"x"), EXAMPLE_TIME, b"{}")
    assert (
        set(REQUIRED) <= dict(update.headers(b"key", b"")).keys() <= ENVELOPE.keys() | ONLY_SOMETIMES.keys()
    )


EXAMPLE = {name: value.encode() for name, value in example_headers(TurnRouted, "/consumers/core").items()}


def test_a_definition_is_moved_with_every_reference_to_it() -> None:
    schema = {
        "$id": "urn:x",
        "$defs": {"Part": {"type": "string"}},
        "properties": {"$ref": {"$ref": "#/$defs/Part"}, "pair": {"prefixItems": [{"$ref": "#/$defs/Part"}]}},
        "default": {"$ref": "a value"},
    }
    moved = dict(components("a.b.v1", json.dumps(schema)))
    part = {"$ref": "#/components/schemas/a.b.v1.Part"}
    assert moved == {
        "a.b.v1.Part": {"type": "string"},
        "a.b.v1": {
            "properties": {"$ref": part, "pair": {"items": [part], "additionalItems": True}},
            "default": {"$ref": "a value"},
        },
    }


def test_a_keyword_that_asyncapi_has_no_word_for_is_named() -> None:
    with pytest.raises(KeyError, match="unevaluatedProperties"):
        dict(components("x", '{"unevaluatedProperties": false}'))
