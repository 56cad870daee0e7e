"""Keeps the PBX's telephones and trunks as the database has them, and says how each is. See docs/decisions/0013."""
