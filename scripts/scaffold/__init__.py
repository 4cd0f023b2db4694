"""Writes what a new domain or a new event consists of, from the templates beside this file."""
