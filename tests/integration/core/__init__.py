"""Core on its real tables."""
