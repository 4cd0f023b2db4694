"""The only consume loop: admit, order, transact, publish, commit; and what waits."""
