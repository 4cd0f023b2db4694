"""The AsyncAPI 3 document of everything on Kafka: made from the domains, the catalogue and the registry."""

from __future__ import annotations

import inspect
import json
from collections.abc import Iterable
from typing import Any

from infra.kafka.faststream import MECHANISMS
from infra.version import installed_version
from schemas import topics
from schemas.model import EventData
from schemas.publishing import Registry, render
from schemas.topics import Topic
from scripts.documents.headers import envelope_schema, example_headers, set_aside_schema
from scripts.documents.schema_parts import COMPONENTS, components
from scripts.documents.traffic import INGRESS, OPERATORS, Flow, Traffic

ASYNCAPI = "3.0.0"
CHANNEL_BINDING = "0.5.0"
OPERATION_BINDING = MESSAGE_BINDING = SERVER_BINDING = "0.5.0"
ENVELOPE, SET_ASIDE = "CloudEvents", "SetAside"
DEAD_LETTER = "dead-letter"

Json = dict[str, Any]

INTRODUCTION = """\
What flows between the services of EasyMO: topics, events, who sends and who receives them.

**Events** are CloudEvents 1.0 in Kafka's binary mode: the value is the JSON data, everything else stands in
the headers. Ids are made from what an event *is*, so that a repeat is recognised, whoever repeats it.

**Order** is kept for each key: a key goes to the partition `crc32(key) % partitions`, as librdkafka's
`consistent` partitioner does.

**Readers** ignore fields that they do not know. A published schema never changes; a new version can be read
by the readers of the last.

Names are those of an installation without `EASYMO_KAFKA_TOPIC_PREFIX`: a prefix stands before topics and
groups. Who sends an event is read from the source (where it is made); who receives it, from what the domains
handle.
"""


def document(traffic: Traffic | None = None, registry: Registry | None = None) -> Json:
    """The document. The same code gives the same one. Raises NoSuchDomain as the domains do."""
    traffic, registry = traffic or Traffic(), registry or Registry()
    return {
        "asyncapi": ASYNCAPI,
        "info": {
            "title": "EasyMO events",
            "version": installed_version(),
            "description": INTRODUCTION,
            "license": {"name": "Apache-2.0"},
        },
        "defaultContentType": "application/json",
        "servers": _servers(),
        "channels": {topic.name: _channel(topic, traffic) for topic in traffic.topics},
        "operations": {_operation_id(flow): _operation(flow, traffic) for flow in traffic.flows},
        "components": {
            "messages": {
                **{kind: _message(model, traffic, registry) for kind, model in traffic.models.items()},
                DEAD_LETTER: _dead_letter(),
            },
            "schemas": {
                ENVELOPE: envelope_schema(),
                SET_ASIDE: set_aside_schema(),
                **{
                    name: schema
                    for model in traffic.models.values()
                    for name, schema in components(schema_name(model), _published(model, registry))
                },
            },
            "securitySchemes": _security_schemes(),
        },
    }


def schema_name(model: type[EventData]) -> str:
    """The component that holds a model's schema: names of components take no slash."""
    return model.event_type


def _published(model: type[EventData], registry: Registry) -> str:
    """The schema as published; as it would be, where it is new or a domain's own."""
    return registry.published().get(model.dataschema()) or render(model)


def _servers() -> Json:
    address = {
        "description": "`EASYMO_KAFKA_BOOTSTRAP_SERVERS`; `easymo env` prints that of the running stack.",
        "default": "localhost:9092",
        "examples": ["kafka-1:9092", "localhost:9092"],
    }
    plain = {
        "host": "{bootstrapServers}",
        "protocol": "kafka",
        "title": "On one machine",
        "description": "As `easymo up` starts it, with `EASYMO_KAFKA_SECURITY_PROTOCOL=PLAINTEXT`.",
        "variables": {"bootstrapServers": address},
    }
    secured = plain | {
        "protocol": "kafka-secure",
        "title": "In production",
        "description": "With `EASYMO_KAFKA_SECURITY_PROTOCOL=SASL_SSL`, three replicas and two in sync.",
        "security": [{"$ref": f"#/components/securitySchemes/{name}"} for name in _security_schemes()],
    }
    return {"plain": plain, "secured": secured}


def _security_schemes() -> Json:
    kinds = {"PLAIN": "plain", "SCRAM-SHA-256": "scramSha256", "SCRAM-SHA-512": "scramSha512"}
    return {
        kinds[mechanism]: {"type": kinds[mechanism], "description": mechanism} for mechanism in MECHANISMS
    }


def _channel(topic: Topic, traffic: Traffic) -> Json:
    names = [DEAD_LETTER] if topic.name == topics.DEAD_LETTERS else _types(traffic.carried_by(topic.name))
    many = "Several consumers read it, each only what it knows." if topics.is_for_many(topic.name) else ""
    config = topic.config(min_insync_replicas=1)
    return {
        "address": topic.name,
        "title": topic.name,
        "summary": _sentence(topic.carries),
        "description": f"{_sentence(topic.carries)} Keyed by: {topic.key}. {many}".strip(),
        "messages": {name: {"$ref": f"#/components/messages/{name}"} for name in names},
        "bindings": {
            "kafka": {
                "topic": topic.name,
                "partitions": topic.partitions,
                "topicConfiguration": {
                    "cleanup.policy": [config["cleanup.policy"]],
                    "retention.ms": int(config["retention.ms"]),
                    "max.message.bytes": int(config["max.message.bytes"]),
                },
                "bindingVersion": CHANNEL_BINDING,
            }
        },
        "x-key": topic.key,
        "x-retention-days": topic.retention_days,
    }


def _operation_id(flow: Flow) -> str:
    return f"{flow.party}.{flow.action}.{flow.topic}"


def _operation(flow: Flow, traffic: Traffic) -> Json:
    names = [DEAD_LETTER] if flow.topic == topics.DEAD_LETTERS else _types(flow.models)
    verb = "sends to" if flow.action == "send" else "receives from"
    operation: Json = {
        "action": flow.action,
        "channel": {"$ref": f"#/channels/{flow.topic}"},
        "title": f"{flow.party} {verb} {flow.topic}",
        "summary": _summary(flow),
        "tags": [{"name": flow.party}],
        "messages": [{"$ref": f"#/channels/{flow.topic}/messages/{name}"} for name in names],
    }
    if flow.group is not None:
        operation["bindings"] = {
            "kafka": {
                "groupId": {"type": "string", "enum": [flow.group]},
                "bindingVersion": OPERATION_BINDING,
            }
        }
    return operation


def _summary(flow: Flow) -> str:
    if flow.action == "receive":
        return f"The consumer group {flow.group}."
    if flow.topic == topics.DEAD_LETTERS:
        return "Whatever it sets aside, deferred or dead."
    if flow.topic.startswith(topics.redelivery("")):
        return "What waited for that consumer, when it is due."
    if flow.topic == topics.intents(flow.party):
        return "To itself; timers among these are published by dead_letters when they are due."
    return {
        INGRESS: "Each one acknowledged by all in-sync replicas before the post is answered.",
        OPERATORS: "By way of the `easymo` command.",
    }.get(flow.party, "In the transaction that decided it.")


def _message(model: type[EventData], traffic: Traffic, registry: Registry) -> Json:
    kind = model.event_type
    said = inspect.cleandoc(model.__doc__ or "")
    headers = {"ce_type": {"const": kind}, "ce_dataschema": {"const": model.dataschema()}}
    carrier = traffic.carriers(model)
    keys = sorted({topic.key for topic in traffic.topics if topic.name in carrier})
    message: Json = {
        "name": kind,
        "title": kind,
        "summary": said.partition("\n")[0],
        "contentType": "application/json",
        "tags": [
            {"name": kind.partition(".")[0]},
            *([{"name": "internal"}] if kind in traffic.private else []),
        ],
        "headers": {
            "type": "object",
            "allOf": [{"$ref": f"{COMPONENTS}{ENVELOPE}"}],
            "properties": headers,
        },
        "payload": {"$ref": f"{COMPONENTS}{schema_name(model)}"},
        "correlationId": {"location": "$message.header#/ce_correlationid"},
        "bindings": {
            "kafka": {
                "key": {"type": "string", "description": f"The {' or '.join(keys)}: the unit of order."},
                "bindingVersion": MESSAGE_BINDING,
            }
        },
    }
    if "\n" in said:
        message["description"] = said
    if kind not in traffic.private:
        message["x-dataschema"] = model.dataschema()
    examples = examples_of(model, registry)
    if examples:
        head = example_headers(model, _source(model, traffic))
        message["examples"] = [
            {"name": f"{kind}-{number}", "headers": head, "payload": payload}
            for number, payload in enumerate(examples, 1)
        ]
    return message


def _source(model: type[EventData], traffic: Traffic) -> str:
    """What `ce_source` says of the first party that sends the event."""
    for flow in traffic.flows:
        if flow.action == "send" and model in flow.models:
            return (
                f"/ingress/{model.event_type.partition('.')[0]}"
                if flow.party == INGRESS
                else f"/consumers/{flow.party}"
            )
    return "/consumers/core"


def examples_of(model: type[EventData], registry: Registry) -> list[Any]:
    """The values that the registry shows of an event; none where it has none."""
    example = registry.example(model.dataschema())
    return [] if example is None else [json.loads(example)]


def _dead_letter() -> Json:
    return {
        "name": DEAD_LETTER,
        "title": "A record that was set aside",
        "summary": "The original record, byte for byte, with what happened to it in further headers.",
        "headers": {"$ref": f"{COMPONENTS}{SET_ASIDE}"},
        "payload": {"description": "Whatever the original held, also what is no JSON."},
        "bindings": {
            "kafka": {
                "key": {"type": "string", "description": "The original's."},
                "bindingVersion": MESSAGE_BINDING,
            }
        },
    }


def _types(models: Iterable[type[EventData]]) -> list[str]:
    return [model.event_type for model in models]


def _sentence(text: str) -> str:
    return text[0].upper() + text[1:] + "."
