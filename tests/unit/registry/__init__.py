"""Tests of the schema registry (unit)."""
