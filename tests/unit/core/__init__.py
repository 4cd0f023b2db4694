"""Core's pure parts."""
