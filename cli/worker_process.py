"""`lianxin worker`: settings → the recorder's own, the case keeper's and the day's; they run beside each other."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from zoneinfo import ZoneInfo

from cases import keeper
from cases.danger_keeper import DangerSettings
from cases.fair import Rules
from cases.numbers import canonical
from cases.unreached_rows import Site
from cli import database
from cli.process_life import until_told
from cli.settings import Settings
from pbx_config import contract
from recordings import service
from recordings.settings import RecorderSettings
from reports import keeper as day
from reports.keeper import ReportSettings


def recorder_settings(settings: Settings) -> RecorderSettings:
    return RecorderSettings(
        node=settings.node,
        dsn=database.dsn(settings),
        spool=settings.spool,
        work=settings.var / "recorder",
        store_url=settings.recordings,
        time_zone=ZoneInfo(settings.timezone),
        asterisk_pid_file=settings.pbx_run_dir / "asterisk.pid" if settings.pbx_managed else None,
    )


def danger_settings(settings: Settings) -> DangerSettings:
    return DangerSettings(
        node=settings.node,
        callbacks=settings.danger_callbacks,
        again_after_s=settings.danger_again_s,
        own_numbers=settings.own_numbers(),
    )


def site_of(settings: Settings) -> Site:
    rules = Rules(
        tries=settings.callback_tries,
        gaps=tuple(timedelta(minutes=m) for m in settings.callback_gaps()),
        expires_after=timedelta(days=settings.callback_days),
    )
    return Site(ZoneInfo(settings.timezone), settings.own_numbers(), rules)


def report_settings(settings: Settings) -> ReportSettings:
    queue = contract.QUEUE_MAIN
    return ReportSettings(ZoneInfo(settings.timezone), queue, canonical, {queue: settings.service_s})


async def worker(settings: Settings) -> None:
    """A task that dies of a bug ends the process; its supervisor starts it again."""

    async def all_of_them(stop: asyncio.Event) -> None:
        async with asyncio.TaskGroup() as group:
            group.create_task(service.run(recorder_settings(settings), stop), name="recorder")
            kept = keeper.run(database.dsn(settings), danger_settings(settings), site_of(settings), stop)
            group.create_task(kept, name="keeper")
            group.create_task(day.run(database.dsn(settings), report_settings(settings), stop), name="day")

    await until_told(all_of_them)
