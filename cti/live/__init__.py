"""The live truth: who arrives, waits, rings, talks and is away, from AMI's events and snapshots.

Owns the machines and the floor they stand on, the snapshot and the publishing. It writes no record: what happened is
told by cti.journal from the PBX's own files.
"""
