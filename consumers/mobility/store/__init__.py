"""Mobility's own tables, a file for each thing that is kept."""
