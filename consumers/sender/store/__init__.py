"""The sender's tables."""
