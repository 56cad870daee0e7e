"""The record path: Asterisk's own journal files (CEL, queue_log) read like a write-ahead log into PostgreSQL.

Owns the rows of models.call. Depends on nothing live: AMI may be away, the rows come all the same.
"""
