"""What waits, and what was set aside."""
