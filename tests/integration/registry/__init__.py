"""Tests of the schema registry (integration)."""
