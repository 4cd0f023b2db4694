"""Logs, metrics, traces and health: what a process shows of itself."""
