"""Whether each bench runs; no figure is looked at."""
