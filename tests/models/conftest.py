"""A database for the tests of models."""

from tests.support.postgres import dsn, pg_cluster, pool

__all__ = ["dsn", "pg_cluster", "pool"]
