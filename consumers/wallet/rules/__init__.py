"""What the ledger decides: pure, without clock or tables."""
