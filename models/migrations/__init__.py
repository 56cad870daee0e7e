"""Alembic migrations, run by :func:`models.migrations.runner.migrate`."""
