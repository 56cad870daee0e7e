"""The contract with the PBX, the files rendered from it, and finding, installing and starting Asterisk.

Owns every name that Asterisk and Lianxin must agree on. Must not import any other room but ``models`` errors.
"""
