"""Each top-level package of tests is a suite with addresses of its own: it is kept together and runs in one process.

Two suites may run beside each other (``-n 2``); no two tests of the same suite ever do.
"""

from __future__ import annotations

import gc
import sys
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from xdist.scheduler import LoadScopeScheduling  # type: ignore[import-untyped]

_TESTS = Path(__file__).parent
# The longest first, so that two processes end together; faults and e2e, which want the machine, apart.
_FIRST = ("faults", "pbx_config", "cti", "cli", "api", "e2e", "recordings")


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Keep each suite together, in which pytest-randomly has shuffled before."""
    order = {suite: n for n, suite in enumerate(_FIRST)}
    for item in items:
        order.setdefault(_suite(item), len(order))
    items.sort(key=lambda item: order[_suite(item)])


class BySuite(LoadScopeScheduling):  # type: ignore[misc]
    """xdist's scheduler that hands a whole suite to a process."""

    def _split_scope(self, nodeid: str) -> str:
        return nodeid.split("::", maxsplit=1)[0].split("/")[1]


def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> BySuite:
    return BySuite(config, log)


def _suite(item: pytest.Item) -> str:
    return item.path.relative_to(_TESTS).parts[0] if item.path.is_relative_to(_TESTS) else ""


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Iterator[None]:
    """What a failed test left open is let go here: the interpreter would complain of it in the middle of the next one.

    pytest keeps the frames of a failure, and with them its sockets and processes, until another test begins.
    """
    failed_before = item.session.testsfailed
    outcome = yield
    if item.session.testsfailed > failed_before:
        for name in ("last_exc", "last_type", "last_value", "last_traceback"):
            vars(sys).pop(name, None)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            gc.collect()
    return outcome
