"""The event models, a file a domain."""
