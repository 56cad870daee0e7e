"""A database of the test's own, with calls as the journal would write them."""

from tests.support.postgres import dsn, pg_cluster, pool

__all__ = ["dsn", "pg_cluster", "pool"]  # fixtures by import
