"""`lianxin api`: settings → the API's own, and its server."""

from __future__ import annotations

from fastapi import FastAPI

from api.app import create_app
from api.server import make_server
from api.settings import ApiSettings, DialClass
from cli import database
from cli.process_life import collect_seldom
from cli.settings import Settings


def api_settings(settings: Settings) -> ApiSettings:
    pbx = settings.pbx_address
    return ApiSettings(
        dsn=database.dsn(settings),
        node=settings.node,
        timezone=settings.timezone,
        store_url=settings.recordings,
        web_dist=settings.web_dist if (settings.web_dist / "index.html").exists() else None,
        ws_url=settings.phone_ws_url or f"ws://{pbx}:{settings.pbx_http_port}/ws",
        sip_host=pbx,
        sip_port=settings.pbx_sip_port,
        own_numbers=settings.own_numbers(),
        line_language=settings.pbx_language,
        asterisk_root=settings.asterisk_root,
        police_number=settings.police_number,
        police_number_in=settings.police_number_in,
        dial_class=DialClass(settings.dial_class),
        dial_daily_cap=settings.dial_daily_cap,
        export_mark_every_s=settings.export_mark_every_s,
        trunk_addresses=tuple(part.strip() for part in settings.pbx_trunk.split(",")),
        trunk_channels=settings.trunk_channels or None,
        service_s=settings.service_s,
        danger_callbacks=settings.danger_callbacks,
        agents_see_ears=settings.agents_see_ears,
        survey=settings.survey,
        cookie_secure=settings.secure_cookie,
        allowed_hosts=tuple(h.strip() for h in settings.allowed_hosts.split(",") if h.strip()),
    )


def api_app(settings: Settings) -> FastAPI:
    return create_app(api_settings(settings))


def api(settings: Settings) -> None:
    """Serve until SIGTERM."""
    server = make_server(
        api_settings(settings), settings.api_address, settings.api_port, forwarded_allow_ips=settings.proxy_addresses
    )
    collect_seldom()
    server.run()
