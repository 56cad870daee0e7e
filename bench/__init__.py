"""Measurements against the requirements, each a program: ``python -m bench`` lists them. Never part of the tests."""
