"""What is checked before cti works with a PBX: AMI neither reachable from outside nor too mighty nor too weak (F21)."""

from __future__ import annotations

import ipaddress

from cti.ami import AmiClient
from models.errors import Refused

NEEDED = frozenset(
    {
        "QueueAdd",
        "QueueRemove",
        "QueueLog",
        "QueuePause",
        "QueuePenalty",
        "QueueReload",
        "QueueStatus",
        "CoreShowChannels",
        "DeviceStateList",
        "Getvar",
        "Hangup",
        "Redirect",
        "Originate",
        "Setvar",
        "ConfbridgeList",
        "ConfbridgeMute",
        "ConfbridgeUnmute",
        "MixMonitorMute",
    }
)
# Originate may start programs only with the class "system", which our user does not have.
TOO_MIGHTY = frozenset({"Command", "UpdateConfig", "CreateConfig", "ModuleLoad", "Reload"})


class AmiNotLoopback(Refused):
    """AMI is plain text and all-powerful: it stays on the PBX's own host."""

    code = "ami.not_loopback"


class AmiTooMighty(Refused):
    """Our manager user may do what cti never does; whoever steals its secret could, too."""

    code = "ami.too_mighty"


class AmiTooWeak(Refused):
    """Our manager user may not do what cti must do (a class is missing in manager.conf)."""

    code = "ami.too_weak"


def check_address(host: str) -> None:
    """
    Raises:
        AmiNotLoopback
    """
    try:
        loopback = ipaddress.ip_address(host).is_loopback
    except ValueError:
        loopback = host == "localhost"
    if not loopback:
        raise AmiNotLoopback(host)


def check_commands(commands: frozenset[str]) -> None:
    """
    Raises:
        AmiTooMighty, AmiTooWeak: with the actions in question.
    """
    if mighty := commands & TOO_MIGHTY:
        raise AmiTooMighty(", ".join(sorted(mighty)))
    if missing := NEEDED - commands:
        raise AmiTooWeak(", ".join(sorted(missing)))


async def commands_of(client: AmiClient) -> frozenset[str]:
    """The actions Asterisk lets us use: its answer to ListCommands lists only what the user's classes allow."""
    response = await client.action("ListCommands")
    allowed = response.headers.items()
    return frozenset(name for name, _ in allowed) - {"Response", "ActionID", "Message"}
