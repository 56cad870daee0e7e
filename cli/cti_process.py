"""`lianxin cti`: settings → cti's own."""

from __future__ import annotations

from cli import database, pbx_parts
from cli.process_life import collect_seldom
from cli.settings import Settings
from cti.service import CtiSettings, run_process
from pbx_config import contract


def cti_settings(settings: Settings) -> CtiSettings:
    return CtiSettings(
        node=settings.node,
        dsn=database.dsn(settings),
        ami_secret=pbx_parts.ami_secret(settings, contract.AmiUser.CTI),
        log_dir=settings.pbx_log_dir or settings.pbx_folder / "log",
        ami_host=settings.ami_address,
        ami_port=settings.pbx_ami_port,
        wrap_up_s=settings.wrap_up_limit_s,
        seat_sound_s=settings.seat_sound_s,
        number=settings.number,
        own_numbers=settings.own_numbers(),
        line_dir=settings.pbx_folder / "line",
        run_dir=settings.pbx_run_dir,
        data_dir=settings.pbx_folder / "data",
        timezone=settings.timezone,
    )


def cti(settings: Settings) -> None:
    """Watch the PBX until SIGTERM."""
    collect_seldom()
    run_process(cti_settings(settings))
