"""PostgreSQL: the pool, the session of a transaction, migrations."""
