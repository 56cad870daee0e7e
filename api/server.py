"""Running the app under uvicorn, with the settings that its sockets need."""

from __future__ import annotations

import uvicorn

from api.app import create_app
from api.settings import ApiSettings


def make_server(settings: ApiSettings, host: str, port: int, forwarded_allow_ips: str | None = None) -> uvicorn.Server:
    """A server to ``await server.serve()``.

    The graceful time is short: a feed socket never ends by itself, and a SIGTERM must not hang on it. Messages are not
    compressed: they are small, and deflate costs more than it saves on the way to the same building.
    """
    config = uvicorn.Config(
        create_app(settings),
        host=host,
        port=port,
        log_config=None,
        access_log=False,
        server_header=False,
        ws="websockets-sansio",
        ws_max_size=64 * 1024,
        ws_ping_interval=20.0,
        ws_ping_timeout=20.0,
        ws_per_message_deflate=False,
        timeout_graceful_shutdown=3,
        timeout_keep_alive=30,
        proxy_headers=forwarded_allow_ips is not None,
        forwarded_allow_ips=forwarded_allow_ips or "",
    )
    return uvicorn.Server(config)
