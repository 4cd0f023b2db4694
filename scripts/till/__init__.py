"""What `easymo payments` and the decisions of `easymo ledger` are made of."""
