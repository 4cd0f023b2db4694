"""What others use: the client of confluent-kafka, against our server."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from confluent_kafka.schema_registry import Schema, SchemaRegistryClient, header_schema_id_serializer
from confluent_kafka.schema_registry.common.schema_registry_client import (
    ConfigCompatibilityLevel,
    ServerConfig,
)
from confluent_kafka.schema_registry.error import SchemaRegistryError
from confluent_kafka.schema_registry.json_schema import JSONDeserializer, JSONSerializer
from confluent_kafka.serialization import MessageField, SerializationContext, SerializationError

from infra.registry.registry import published
from schemas.events.core import OptedOut
from schemas.publishing import Registry
from tests.integration.registry.serving import serve_folder

SUBJECT = "core.opted_out"
TEXT = Registry().published()[f"{SUBJECT}/v1"]
EVENT = OptedOut(person="7d0c6f2e-3b1a-5c44-9e0d-1f6a2b3c4d5e", at=datetime(2026, 5, 1, tzinfo=UTC))
EXAMPLE = EVENT.model_dump(mode="json")
NUMBER: dict[str, Any] = {"type": "object", "properties": {"n": {"type": "integer"}}, "required": ["n"]}
TEXTUAL = {"type": "object", "properties": {"n": {"type": "string"}}, "required": ["n"]}


def client(address: str) -> SchemaRegistryClient:
    return SchemaRegistryClient({"url": address, "max.retries": 0})


def a_schema(document: object) -> Schema:
    return Schema(document if isinstance(document, str) else json.dumps(document), schema_type="JSON")


def by_event_name(context: SerializationContext | None, record: str | None, *more: Any) -> str:
    """How a client names subjects as we do: by the header `ce_type` without its version."""
    return SUBJECT


def test_published_schemas_are_found_by_every_way_there_is(published_address: str) -> None:
    with client(published_address) as registry:
        assert registry.get_subjects() == published().catalogue.subjects()
        assert registry.get_versions(SUBJECT) == [1]
        latest = registry.get_latest_version(SUBJECT)
        assert (latest.subject, latest.version) == (SUBJECT, 1)
        assert latest.schema.schema_type == "JSON"
        assert json.loads(latest.schema.schema_str or "") == json.loads(TEXT)
        number = latest.schema_id
        assert number is not None
        assert registry.get_version(SUBJECT, 1).schema_id == number
        assert json.loads(registry.get_schema(number).schema_str or "") == json.loads(TEXT)
        assert registry.get_subjects_by_schema_id(number) == [SUBJECT]
        assert [(v.subject, v.version) for v in registry.get_schema_versions(number)] == [(SUBJECT, 1)]
        assert registry.lookup_schema(SUBJECT, a_schema(TEXT)).schema_id == number
        assert registry.get_schema_types() == ["JSON"]
        assert registry.get_referenced_by(SUBJECT, 1) == []
        assert registry.get_contexts() == ["."]


def test_registering_what_is_published_gives_its_id(published_address: str) -> None:
    """So that producers with `auto.register.schemas` work as long as they send what was reviewed."""
    with client(published_address) as registry:
        again = a_schema(json.dumps(json.loads(TEXT)))  # other spaces
        assert registry.register_schema(SUBJECT, again) == registry.get_latest_version(SUBJECT).schema_id
        with pytest.raises(SchemaRegistryError) as refused:
            registry.register_schema(SUBJECT, a_schema(NUMBER))
    assert refused.value.error_code == 42205
    assert "easymo schemas publish" in refused.value.error_message


@pytest.mark.parametrize("normalize", [False, True])
def test_an_event_of_ours_is_serialised_and_read_back(published_address: str, normalize: bool) -> None:
    with client(published_address) as registry:
        conf = {"subject.name.strategy": by_event_name}
        serialize = JSONSerializer(TEXT, registry, conf=conf | {"normalize.schemas": normalize})
        context = SerializationContext("core.events", MessageField.VALUE)
        value = serialize(EXAMPLE, context)
        assert value is not None
        number = registry.get_latest_version(SUBJECT).schema_id or 0
        assert value[:5] == b"\0" + number.to_bytes(4, "big", signed=True)
        assert json.loads(value[5:]) == EXAMPLE
        with client(published_address) as fresh:  # knows the id alone
            assert JSONDeserializer(None, schema_registry_client=fresh)(value, context) == EXAMPLE
        with pytest.raises(SerializationError):
            serialize({"person": 5}, context)


@pytest.mark.parametrize("conf", [{}, {"auto.register.schemas": False, "use.latest.version": True}])
def test_an_event_is_serialised_with_its_guid_in_a_header(
    published_address: str, conf: dict[str, bool]
) -> None:
    headers: list[tuple[str, str | bytes | None]] = []
    context = SerializationContext("core.events", MessageField.VALUE, headers)
    ours = {"subject.name.strategy": by_event_name, "schema.id.serializer": header_schema_id_serializer}
    with client(published_address) as registry:
        value = JSONSerializer(TEXT, registry, conf=conf | ours)(EXAMPLE, context)
        guid = registry.get_latest_version(SUBJECT).guid
        assert registry.lookup_schema(SUBJECT, a_schema(TEXT)).guid == guid
    assert json.loads(value or b"") == EXAMPLE
    assert headers == [("__value_schema_id", b"\1" + UUID(guid or "").bytes)]
    with client(published_address) as fresh:  # knows the header alone
        assert JSONDeserializer(None, schema_registry_client=fresh)(value, context) == EXAMPLE
        with pytest.raises(SchemaRegistryError) as refused:
            fresh.get_schema_by_guid("00000000-0000-0000-0000-000000000000")
    assert refused.value.error_code == 40403


def test_a_client_of_topics_registers_under_the_topics_name(address: str) -> None:
    """The strategy that clients have by default: it asks for associations first, which there are none."""
    with client(address) as registry:
        serialize = JSONSerializer(json.dumps(NUMBER | {"title": "N"}), registry)
        serialize({"n": 1}, SerializationContext("numbers", MessageField.VALUE))
        assert registry.get_subjects() == ["numbers-value"]


def test_versions_are_registered_and_compared(address: str) -> None:
    with client(address) as registry:
        first = registry.register_schema("a/b", a_schema(NUMBER))
        assert registry.register_schema("a/b", a_schema(NUMBER), normalize_schemas=True) == first
        assert registry.test_compatibility("a/b", a_schema(NUMBER))
        assert not registry.test_compatibility("a/b", a_schema(TEXTUAL))
        assert not registry.test_compatibility("a/b", a_schema(TEXTUAL), version=1, verbose=True)
        assert not registry.test_compatibility_all_versions("a/b", a_schema(TEXTUAL))
        assert registry.test_compatibility("nobody", a_schema(TEXTUAL))
        with pytest.raises(SchemaRegistryError, match="#/properties/n") as refused:
            registry.register_schema("a/b", a_schema(TEXTUAL))
        assert (refused.value.http_status_code, refused.value.error_code) == (409, 40901)
        wider = {**NUMBER, "properties": {**NUMBER["properties"], "note": {"type": "string"}}}
        assert registry.test_compatibility_all_versions("a/b", a_schema(wider))
        assert registry.register_schema_full_response("a/b", a_schema(wider)).version == 2
        registry.set_compatibility("a/b", "none")
        last = registry.register_schema("a/b", a_schema(TEXTUAL))
        assert last != first
        assert registry.get_versions("a/b") == [1, 2, 3]


def test_levels_and_modes_are_set_and_taken_back(address: str) -> None:
    with client(address) as registry:
        assert registry.get_compatibility() == "FULL_TRANSITIVE"
        registry.set_config("a", ServerConfig(compatibility=ConfigCompatibilityLevel.BACKWARD))
        assert registry.get_config("a").compatibility_level == "BACKWARD"
        assert registry.delete_config("a").compatibility_level == "BACKWARD"
        registry.set_compatibility(level="FORWARD")
        assert registry.get_compatibility() == "FORWARD"
        assert registry.delete_config().compatibility_level == "FORWARD"
        assert registry.get_compatibility() == "FULL_TRANSITIVE"

        assert registry.get_global_mode() == "READWRITE"
        registry.update_mode("a", "READONLY")
        with pytest.raises(SchemaRegistryError) as refused:
            registry.register_schema("a", a_schema(NUMBER))
        assert refused.value.error_code == 42205
        assert registry.delete_mode("a") == "READONLY"
        registry.update_global_mode("READONLY")
        with pytest.raises(SchemaRegistryError, match="read-only"):
            registry.set_compatibility("a", "NONE")
        registry.update_global_mode("READWRITE")
        assert registry.register_schema("a", a_schema(NUMBER)) > 0


def test_all_is_as_it_was_after_a_restart(tmp_path: Path) -> None:
    with serve_folder(tmp_path) as address, client(address) as registry:
        registry.set_compatibility("a", "NONE")
        registry.update_mode("b", "READONLY")
        ids = [registry.register_schema("a", a_schema(each)) for each in (NUMBER, TEXTUAL)]
    with serve_folder(tmp_path) as address, client(address) as registry:
        assert [registry.get_version("a", version).schema_id for version in (1, 2)] == ids
        assert json.loads(registry.get_schema(ids[1]).schema_str or "") == TEXTUAL
        assert registry.get_compatibility("a") == "NONE"
        assert registry.get_mode("b") == "READONLY"
    with serve_folder(tmp_path / "other") as address, client(address) as registry:
        assert registry.register_schema("z", a_schema(TEXTUAL)) == ids[1]  # elsewhere, under another name


def test_nothing_is_deleted(address: str) -> None:
    with client(address) as registry:
        registry.register_schema("a", a_schema(NUMBER))
        deletions: list[Callable[[], object]] = [
            lambda: registry.delete_subject("a"),
            lambda: registry.delete_subject("a", permanent=True),
            lambda: registry.delete_version("a", 1),
            lambda: registry.delete_version("a", 1, permanent=True),
        ]
        for delete in deletions:
            with pytest.raises(SchemaRegistryError, match="stays") as refused:
                delete()
            assert (refused.value.http_status_code, refused.value.error_code) == (422, 42205)
        assert registry.get_versions("a") == [1]
