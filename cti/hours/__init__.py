"""Keeps the PBX's small files (profiles, plan, incidents) as the database has them. See docs/decisions/0009."""
