"""Tables, sessions, the errors' root, migrations, and the private PostgreSQL cluster.

The lowest room: imports none of the others.
"""
