"""The machine: Python, memory, disk, clock, ports, the web pages, how the desk is reached."""

from __future__ import annotations

import ctypes
import ipaddress
import platform
import shutil
from collections.abc import Iterator
from pathlib import Path

from cli import ports
from cli.bootstrap.machine import memory_gb
from cli.examination.finding import Finding, bad, good, hint
from cli.language import say
from cli.settings import Settings

_GB = 1024**3
_TIME_ERROR = 5  # adjtimex(2): the clock is not synchronised


def examine(settings: Settings, running: bool) -> Iterator[Finding]:
    """``running``: Lianxin's own ports are expected to be taken then."""
    yield good("d_python", version=platform.python_version())
    have = memory_gb(Path("/proc/meminfo").read_text())
    yield good("d_memory", have=have) if have >= 1.8 else bad("d_memory_short", have=have)
    yield from _disk(settings)
    yield _clock()
    if not running:
        yield from _ports(settings)
    yield _web(settings)
    yield _https(settings)


def _disk(settings: Settings) -> Iterator[Finding]:
    for path in dict.fromkeys((settings.var, settings.spool)):
        here = next(p for p in (path, *path.parents) if p.exists())
        usage = shutil.disk_usage(here)
        free, share = usage.free / _GB, usage.free / usage.total
        fields = {"path": path, "free": free, "share": share}
        if free < 0.5:
            yield bad("d_disk_full", **fields)
        else:
            yield good("d_disk", **fields) if free > 5 or share > 0.1 else hint("d_disk_low", **fields)


def _clock() -> Finding:
    """What the kernel says of its clock. The struct is larger than any kernel writes."""
    state = ctypes.CDLL(None, use_errno=True).adjtimex(ctypes.create_string_buffer(512))
    return good("d_clock") if 0 <= state < _TIME_ERROR else hint("d_clock_free")


def _ports(settings: Settings) -> Iterator[Finding]:
    for need in ports.needs(settings):
        try:
            ports.check(need)
        except ports.PortUnusable as exc:
            yield Finding(bad("d_not_running").grade, str(exc))
        else:
            yield good("d_port_free", protocol=need.protocol, address=need.address, port=need.port, part=need.part)


def _web(settings: Settings) -> Finding:
    index = settings.web_dist / "index.html"
    return good("d_web", path=settings.web_dist) if index.exists() else bad("d_web_missing", path=settings.web_dist)


def _https(settings: Settings) -> Finding:
    """Browsers give a microphone to HTTPS pages and to loopback only (W3C Secure Contexts)."""
    if ipaddress.ip_address(settings.api_address).is_loopback and not settings.secure_cookie:
        return good("d_loopback", url=settings.url)
    if not settings.secure_cookie:
        return hint("d_https_missing", url=settings.url)
    if not (settings.phone_ws_url or "").startswith("wss://"):
        return hint("d_wss_missing", setting="LIANXIN_PHONE_WS_URL")
    return good("d_https", url=settings.phone_ws_url or say("who_unknown"))
