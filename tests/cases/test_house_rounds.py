"""The house's rounds beside the recordings: one that fails by a bug is told, and the next one comes all the same."""

from __future__ import annotations

import asyncio

from cases import keeper


async def test_a_round_that_fails_ends_neither_the_house_nor_its_process() -> None:
    stop, rounds = asyncio.Event(), 0

    async def work() -> None:
        nonlocal rounds
        rounds += 1
        if rounds == 3:
            stop.set()
        raise ValueError("a row nobody foresaw")

    async with asyncio.timeout(5):
        await keeper._every(0.01, "test", work, stop)
    assert rounds == 3
