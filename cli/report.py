"""What `lianxin run` prints when everything is up: where to go, as whom, which number, how to call it."""

from __future__ import annotations

import asyncpg

from cli import database, prepare
from cli.language import language, say, tell
from cli.settings import Settings
from models.account import Role

_SPOKEN = {"zh": "你好，幸福路的路灯不亮了", "en": "Hello, the street light in Xingfu Road is out"}
_CALLER = "13912345678"
# One of each role is enough to begin with; docs/install.md says how to list them all.
_ACCOUNTS = "SELECT DISTINCT ON (role) role, login, display_name FROM account WHERE active ORDER BY role, login"


async def ready(settings: Settings, took_s: float) -> None:
    """Print it."""
    accounts = await _accounts(settings) if settings.demo else {}
    tell("")
    tell(say("ready", took_s=took_s))
    tell(say("desk_at", url=settings.url))
    if accounts:
        tell(say("accounts", password=prepare.demo_password(settings)))
    for role in Role:
        if role in accounts:
            row = accounts[role]
            tell(say("account", login=row["login"], name=row["display_name"], role=say(f"role_{role}")))
    tell(say("number", number=settings.number, address=settings.pbx_address, port=settings.pbx_sip_port))
    tell(say("call_with", command=f'make call FROM={_CALLER} SAY="{_SPOKEN[language()]}"'))
    tell(say("stop_with"))
    tell("")


async def _accounts(settings: Settings) -> dict[str, asyncpg.Record]:
    conn = await asyncpg.connect(database.dsn(settings))
    try:
        return {row["role"]: row for row in await conn.fetch(_ACCOUNTS)}
    finally:
        await conn.close()
