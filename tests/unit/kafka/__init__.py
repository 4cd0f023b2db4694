"""Tests of the Kafka adapters that need no broker."""
