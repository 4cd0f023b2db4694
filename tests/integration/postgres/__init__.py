"""Tests of the PostgreSQL adapters against the real server."""
