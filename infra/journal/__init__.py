"""Reading what happened: ranges of topics, and the tables that say what became of their events."""
