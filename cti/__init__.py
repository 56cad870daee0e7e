"""The PBX's sidecar: watches Asterisk live over AMI, reads its journal, carries out commands.

One process per PBX, on the PBX's host. Only :mod:`cti.ami` imports panoramisk.
"""
