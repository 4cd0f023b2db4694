"""The wallet through the whole system."""
