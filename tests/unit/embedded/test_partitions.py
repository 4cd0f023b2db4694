"""How many partitions a topic gets where everything runs on one machine."""

from __future__ import annotations

import pytest

from infra.embedded.kafka_config import PARTITIONS, partitions_at_most
from infra.settings import load_settings


@pytest.mark.parametrize(
    ("given", "wanted"),
    [
        ({}, PARTITIONS),
        ({"kafka_partitions_at_most": 7}, 7),
        ({"kafka_bootstrap_servers": "broker:9092"}, 10_000),  # the catalogue's own numbers are below
        ({"kafka_bootstrap_servers": "broker:9092", "kafka_partitions_at_most": 2}, 2),
    ],
)
def test_what_the_settings_say_goes_first(given: dict[str, object], wanted: int) -> None:
    assert partitions_at_most(load_settings(**given)) == wanted
