"""Puts in force what an admin tunes: queues, numbers, skills. See docs/decisions/0012."""
