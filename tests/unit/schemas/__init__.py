"""Tests of schemas (unit)."""
