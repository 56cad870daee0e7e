"""The gate before every request: host, origin, the mark against forged requests, security headers, figures.

Plain ASGI, so that it stands before the router and costs a few microseconds.
"""

from __future__ import annotations

import ipaddress
import time
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.errors import BodyTooLarge, CsrfMissing, HostRefused, OriginRefused
from api.pages import script_of
from api.problems import respond
from api.settings import ApiSettings
from models.errors import LianxinError

UNSAFE = frozenset({"POST", "PUT", "PATCH", "DELETE"})
SOUNDS = "/api/v1/line-sounds"
MARK = ("x-requested-with", "lianxin")


def content_security_policy(settings: ApiSettings, host: str) -> str:
    """The desk's own files, its feed, the PBX's WebSocket, sound made from bytes; styles inline for Element Plus."""
    pbx = urlsplit(settings.ws_url)
    return "; ".join(
        (
            "default-src 'self'", "script-src 'self'", "style-src 'self' 'unsafe-inline'",
            f"connect-src 'self' ws://{host} wss://{host} {pbx.scheme}://{pbx.netloc}",
            "media-src 'self' blob: mediastream:", "img-src 'self' data: blob:", "font-src 'self' data:",
            "worker-src 'self' blob:", "object-src 'none'", "base-uri 'self'", "form-action 'self'",
            "frame-ancestors 'none'",
        )
    )  # fmt: skip


def int_or_zero(text: str | None) -> int:
    return int(text) if text and text.isdecimal() else 0


class Gate:
    def __init__(self, app: ASGIApp, settings: ApiSettings) -> None:
        self._app = app
        self._settings = settings
        self._script = script_of(settings.web_dist)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in ("http", "websocket"):
            return await self._app(scope, receive, send)
        refused = self._refusal(scope)
        if scope["type"] == "websocket":
            if refused is not None:
                return await send({"type": "websocket.close", "code": 1008, "reason": refused.code})
            return await self._app(scope, receive, send)
        began = time.perf_counter()
        status = 500

        async def with_headers(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                self._headers(scope, MutableHeaders(scope=message))
            await send(message)

        most = self._most(scope)
        if int_or_zero(Headers(scope=scope).get("content-length")) > most:
            refused = refused or BodyTooLarge()
        try:
            if refused is not None:
                await respond(Request(scope), refused)(scope, receive, with_headers)
            else:
                await self._app(scope, self._limited(receive, most), with_headers)
        finally:
            self._count(scope, status, time.perf_counter() - began)

    def _most(self, scope: Scope) -> int:
        """Bytes of a body: a recorded announcement is longer than anything that is typed."""
        return self._settings.max_sound_bytes if scope["path"] == SOUNDS else self._settings.max_body_bytes

    def _limited(self, receive: Receive, most: int) -> Receive:
        """For bodies that did not tell their length."""
        seen = 0

        async def receive_counting() -> Message:
            nonlocal seen
            message = await receive()
            seen += len(message.get("body", b""))
            if seen > most:
                raise HTTPException(413)  # the one kind of error that FastAPI lets through while it reads a body
            return message

        return receive_counting

    def _refusal(self, scope: Scope) -> LianxinError | None:
        headers = Headers(scope=scope)
        host = headers.get("host", "")
        if not self._known_host(host):
            return HostRefused()
        origin = headers.get("origin")
        unsafe = scope["type"] == "websocket" or scope["method"] in UNSAFE
        if unsafe and origin is not None and urlsplit(origin).netloc.lower() != host.lower():
            return OriginRefused()
        marked = headers.get(MARK[0], "").lower() == MARK[1]
        if scope["type"] == "http" and unsafe and scope["path"].startswith("/api/") and not marked:
            return CsrfMissing()
        return None

    def _known_host(self, host: str) -> bool:
        """Loopback and the site's own names: a name that somebody pointed at us (DNS rebinding) is none."""
        try:
            name = urlsplit(f"//{host}").hostname or ""
        except ValueError:
            return False
        if name == "localhost" or name in self._settings.allowed_hosts or "*" in self._settings.allowed_hosts:
            return True
        try:
            return ipaddress.ip_address(name).is_loopback
        except ValueError:
            return False

    def _headers(self, scope: Scope, headers: MutableHeaders) -> None:
        host = Headers(scope=scope).get("host", "")
        headers["content-security-policy"] = content_security_policy(self._settings, host)
        headers["x-content-type-options"] = "nosniff"
        headers["x-frame-options"] = "DENY"
        headers["referrer-policy"] = "same-origin"
        headers["cross-origin-opener-policy"] = "same-origin"
        headers["cross-origin-resource-policy"] = "same-origin"
        headers["permissions-policy"] = "microphone=(self), camera=(), geolocation=(), display-capture=()"
        if self._settings.cookie_secure:
            headers["strict-transport-security"] = "max-age=31536000"
        if scope["path"].startswith("/api/"):
            headers.setdefault("cache-control", "no-store")
            if self._script:
                headers["x-lianxin-pages"] = self._script

    def _count(self, scope: Scope, status: int, seconds: float) -> None:
        parts = getattr(scope["app"].state, "parts", None)
        if parts is not None:
            route = scope.get("route")
            parts.metrics.request(scope["method"], getattr(route, "path", "other"), status, seconds)
