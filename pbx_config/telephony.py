"""The telephones and the further trunks of one PBX, as the files that its pjsip.conf includes (docs/decisions/0013).

Pure: values are judged here before a byte is written, since a wrong one would end in a file that Asterisk reads line by
line. The first trunk stands in pjsip.conf itself, by the settings: it is there whatever an admin does.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final

from pbx_config import contract
from pbx_config.errors import BadSettings

CODECS: Final = ("alaw", "ulaw", "g722", "gsm")  # those that this Asterisk can turn into each other
SEATS_FILE: Final = "pjsip_seats.conf"
TRUNKS_FILE: Final = "pjsip_trunks.conf"

_NAME: Final = re.compile(r"[a-z][a-z0-9]{0,15}")
_HOST: Final = re.compile(r"[0-9.]{7,15}(?::[0-9]{1,5})?")  # no name: a dead DNS would delay or end its calls
_USER: Final = re.compile(r"[A-Za-z0-9+_.-]{1,64}")
# What carriers give out is theirs to choose; nothing that a parser of Asterisk's treats specially.
_SECRET: Final = re.compile(r"[!-:<-Z^-~]{1,64}")
_SEAT: Final = re.compile(r"8\d{3}")


@dataclass(frozen=True, slots=True)
class TrunkLine:
    """A trunk beside the first one. ``host``: "10.1.2.3" or "10.1.2.3:5060". ``addresses``: from where it may
    call us, beside the host's own. With ``username`` it registers.

    Raises:
        BadSettings: a value that Asterisk would misread, or that lets more in than it should; ``field`` says which.
    """

    name: str
    host: str
    addresses: tuple[str, ...] = ()
    username: str | None = None
    secret: str | None = field(default=None, repr=False)
    codecs: tuple[str, ...] = ("alaw", "ulaw")

    def __post_init__(self) -> None:
        _match(_NAME, self.name, "name")
        if self.name == "main":
            raise BadSettings("this name is the first trunk's", field="name")
        _match(_HOST, self.host, "host")
        self._check_host()
        for text in self.addresses:
            _check_network(text)
        if (self.username is None) != (self.secret is None):
            raise BadSettings("a user name and a password belong together", field="username")
        if self.username is not None:
            _match(_USER, self.username, "username")
            _match(_SECRET, self.secret or "", "secret", show=False)
        if not self.codecs or len(set(self.codecs)) != len(self.codecs) or not set(self.codecs) <= set(CODECS):
            raise BadSettings(f"codecs are of {', '.join(CODECS)}, each once, at least one", field="codecs")

    def _check_host(self) -> None:
        name, _, port = self.host.partition(":")
        if port and not 0 < int(port) < 65536:
            raise BadSettings(f"not a port: {port!r}", field="host")
        try:
            address = ipaddress.IPv4Address(name)
        except ValueError as exc:
            raise BadSettings(f"not an IPv4 address: {name!r}", field="host") from exc
        if address.is_unspecified or address.is_multicast:
            raise BadSettings(f"no carrier has the address {name}", field="host")

    @property
    def endpoint(self) -> str:
        return contract.trunk_endpoint(self.name)

    @property
    def from_where(self) -> tuple[str, ...]:
        """Whose packets are this trunk's."""
        return (self.host.partition(":")[0], *self.addresses)


def check_apart(trunks: Iterable[TrunkLine], first: Iterable[str] = ()) -> None:
    """No two trunks share an address, or whose call it is would be a matter of chance. ``first``: the first trunk's.

    Raises:
        BadSettings
    """
    taken = [(contract.TRUNK, ipaddress.IPv4Network(text)) for text in first]
    for trunk in trunks:
        for text in trunk.from_where:
            network = ipaddress.IPv4Network(text)
            if any(owner != trunk.endpoint and network.overlaps(other) for owner, other in taken):
                raise BadSettings(f"{text} is an address of another trunk already", field="addresses")
            taken.append((trunk.endpoint, network))


def check_seat(seat: str) -> str:
    """
    Raises:
        BadSettings: not a number that a seat may have.
    """
    _match(_SEAT, seat, "seat")
    return seat


def names_of(seats: Iterable[str], trunks: Iterable[TrunkLine]) -> frozenset[str]:
    """The endpoints that the two files make."""
    phones = {contract.endpoint(seat, phone) for seat in seats for phone in contract.Phone}
    return frozenset(phones | {trunk.endpoint for trunk in trunks})


_PASSWORD: Final = re.compile(r"^\[([^\]]+)\]\ntype = auth\n(?:[^\[]*?\n)?password = (\S+)$", re.MULTILINE)


def secrets_in(text: str) -> Mapping[str, str]:
    """Endpoint → the secret it has in a file of ours."""
    return dict(_PASSWORD.findall(text))


def _check_network(text: str) -> None:
    try:
        network = ipaddress.IPv4Network(text)
    except ValueError as exc:
        raise BadSettings(f"not an IPv4 address or network: {text!r}", field="addresses") from exc
    if network.prefixlen < 24:
        raise BadSettings(f"a trunk of that size lets strangers in: {text}", field="addresses")


def _match(pattern: re.Pattern[str], value: str, name: str, *, show: bool = True) -> None:
    if not isinstance(value, str) or not pattern.fullmatch(value):
        shown = f": {value!r}" if show else ""
        raise BadSettings(f"{name} has characters or a length it must not have{shown}", field=name)
