"""Verifying the ledger: online, on one consistent snapshot."""
