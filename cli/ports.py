"""Is a port free, and if not: who has it, and which setting moves us elsewhere."""

from __future__ import annotations

import errno
import os
import socket
from dataclasses import dataclass

import psutil

from cli.language import say
from cli.settings import Settings
from models.errors import Refused


class PortUnusable(Refused):
    """The text is a whole sentence for the user."""

    code = "port.taken"


@dataclass(frozen=True, slots=True)
class Need:
    """A port that Lianxin is about to listen on."""

    part: str
    kind: socket.SocketKind
    address: str
    port: int
    setting: str

    @property
    def protocol(self) -> str:
        return "UDP" if self.kind is socket.SOCK_DGRAM else "TCP"


def needs(settings: Settings) -> list[Need]:
    """Everything this configuration would listen on."""
    tcp, udp = socket.SOCK_STREAM, socket.SOCK_DGRAM
    found = [Need("HTTP", tcp, settings.api_address, settings.api_port, "LIANXIN_API_PORT")]
    if settings.private_database:
        found.append(Need("PostgreSQL", tcp, "127.0.0.1", settings.pg_port, "LIANXIN_PG_PORT"))
    if settings.pbx_managed:
        pbx = settings.pbx_address
        found += [
            Need("SIP", udp, pbx, settings.pbx_sip_port, "LIANXIN_PBX_SIP_PORT"),
            Need("WebSocket", tcp, pbx, settings.pbx_http_port, "LIANXIN_PBX_HTTP_PORT"),
            Need("AMI", tcp, settings.ami_address, settings.pbx_ami_port, "LIANXIN_PBX_AMI_PORT"),
        ]
    return found


def check(need: Need) -> None:
    """Raise PortUnusable with one sentence when the port cannot be ours."""
    with socket.socket(socket.AF_INET, need.kind) as probe:
        if need.kind is socket.SOCK_STREAM:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # TIME_WAIT is free
        try:
            probe.bind((need.address, need.port))
        except OSError as exc:
            raise PortUnusable(sentence(need, exc)) from exc


def sentence(need: Need, exc: OSError) -> str:
    fields = {"protocol": need.protocol, "address": need.address, "port": need.port, "part": need.part}
    if exc.errno == errno.EADDRINUSE:
        return say("port_taken", **fields, who=holder(need), setting=need.setting)
    owner = "LIANXIN_PBX_ADDRESS" if need.setting.startswith("LIANXIN_PBX") else "LIANXIN_API_ADDRESS"
    setting = need.setting if exc.errno == errno.EACCES else owner  # EACCES: a port below 1024
    return say("port_forbidden", **fields, why=os.strerror(exc.errno or 0), setting=setting)


def holder(need: Need) -> str:
    """Who has the port, as far as this user may know (others' processes show to root only)."""
    try:
        sockets = psutil.net_connections(need.protocol.lower() + "4")
    except psutil.AccessDenied:
        return say("who_unknown")
    for one in sockets:
        listens = need.kind is socket.SOCK_DGRAM or one.status == psutil.CONN_LISTEN
        same = one.laddr and one.laddr.port == need.port and one.laddr.ip in (need.address, "0.0.0.0")
        if listens and same and one.pid:
            try:
                return say("who_process", pid=one.pid, name=psutil.Process(one.pid).name())
            except psutil.NoSuchProcess:
                continue
    return say("who_unknown")
