"""Seats: why an agent gets no calls. Reasons, wrap-up and its limit.

All reasons live on the PBX (the member's PausedReason), so they survive us; nothing is kept here that could be lost.
"""
