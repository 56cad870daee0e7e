"""Rooms: what follows by itself while a call moves, so that nobody is left alone. No human is asked.

Owns the consequences (who goes where when somebody did not answer, hung up, or is the last one) and their acting over
AMI. What an agent asks for is done by cti.commands.
"""
