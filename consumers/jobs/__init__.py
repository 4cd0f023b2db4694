"""Jobs: a board to search, apply at and post to."""
