"""Tests of ingress (integration)."""
