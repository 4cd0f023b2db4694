"""Tests of telemetry (unit)."""
