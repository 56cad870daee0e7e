"""Settings → the PBX: which Asterisk, with which seats and secrets. The rendered files are the PBX's whole truth."""

from __future__ import annotations

from collections.abc import Sequence

from cli.secret_files import secret
from cli.settings import Settings
from pbx_config import contract
from pbx_config.install import find_asterisk
from pbx_config.pbx import Pbx
from pbx_config.process import Asterisk
from pbx_config.settings import PbxSettings, SeatSecret
from pbx_config.telephony import TrunkLine


def ami_secret(settings: Settings, user: contract.AmiUser) -> str:
    """The manager user's secret: given for an Asterisk of somebody else's, made by us for our own."""
    if settings.pbx_ami_secret and user is contract.AmiUser.CTI:
        return settings.pbx_ami_secret
    return secret(settings.var / "secrets", f"ami-{user.value}")


def pbx_settings(
    settings: Settings, asterisk: Asterisk, seats: Sequence[SeatSecret], trunks: Sequence[TrunkLine] = ()
) -> PbxSettings:
    """What rendering needs.

    Raises:
        BadSettings: a value that Asterisk would misread.
    """
    return PbxSettings(
        node=settings.node,
        address=settings.pbx_address,
        home=settings.pbx_folder,
        module_dir=asterisk.module_dir,
        documentation_dir=asterisk.documentation_dir,
        seats=tuple(seats),
        trunks=tuple(trunks),
        ami_secrets={user: ami_secret(settings, user) for user in contract.AmiUser},
        trunk_addresses=tuple(part.strip() for part in settings.pbx_trunk.split(",")),
        number=settings.number,
        police_number_in=settings.police_number_in,
        trunk_contact=settings.trunk_contact,
        survey=settings.survey,
        call_back=settings.call_back,
        voicemail=settings.voicemail,
        language=settings.pbx_language,
        sip_port=settings.pbx_sip_port,
        http_port=settings.pbx_http_port,
        ami_port=settings.pbx_ami_port,
        ami_address=settings.ami_address,
        rtp_range=(settings.pbx_rtp_first, settings.pbx_rtp_last),
        run_dir=settings.pbx_run_dir,
        spool_dir=settings.pbx_spool_dir,
    )


def pbx(settings: Settings, asterisk: Asterisk, seats: Sequence[SeatSecret], trunks: Sequence[TrunkLine] = ()) -> Pbx:
    return Pbx(pbx_settings(settings, asterisk, seats, trunks), asterisk, prompts_dir=settings.prompts_dir)


def rendered_command(settings: Settings) -> list[str]:
    """Asterisk over the folder that `lianxin render` wrote; needs no database.

    Raises:
        InstallFailed: there is no Asterisk.
    """
    asterisk = find_asterisk(settings.asterisk_root)
    return [*asterisk.command, "-C", str(settings.pbx_folder / "etc" / "asterisk.conf")]
