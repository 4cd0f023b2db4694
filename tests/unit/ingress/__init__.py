"""Tests of ingress (unit)."""
