"""Kafka and PostgreSQL from Python packages: no Docker, no root, no system Java."""
