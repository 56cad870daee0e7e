"""AMI: the guarded link to Asterisk's manager.

Owns connection, login, decoding, actions with deadlines and the link's life. It knows no call and no agent; only
:mod:`cti.ami.panoramisk_guard` imports panoramisk (docs/decisions/0002-guard-around-panoramisk.md).
"""

from cti.ami.client import AmiClient
from cti.ami.errors import (
    ActionRefused,
    AmiHeaderRefused,
    AmiLoginRefused,
    AmiLost,
    AmiNotConnected,
    AmiTimeout,
    AmiUnreachable,
)
from cti.ami.link import Link, LinkState
from cti.ami.message import Event, Headers, Response

__all__ = [
    "ActionRefused",
    "AmiClient",
    "AmiHeaderRefused",
    "AmiLoginRefused",
    "AmiLost",
    "AmiNotConnected",
    "AmiTimeout",
    "AmiUnreachable",
    "Event",
    "Headers",
    "Link",
    "LinkState",
    "Response",
]
