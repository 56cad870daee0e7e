"""The PBX, asked over its control socket: version, modules, manager, telephones; its prompts and spool on disk."""

from __future__ import annotations

import ipaddress
import os
import re
import socket
import uuid
from collections.abc import Iterator
from pathlib import Path

from cli.examination.finding import Finding, bad, good, hint
from cli.settings import Settings
from pbx_config import contract
from pbx_config.errors import CommandFailed, InstallFailed
from pbx_config.install import find_asterisk, needed_modules, unfit
from pbx_config.process import Asterisk, AsteriskProcess, Listen
from pbx_config.prompt_texts import texts
from pbx_config.settings import LANGUAGES

_TRUNK_S = 2.0


def examine(settings: Settings) -> Iterator[Finding]:
    if not settings.pbx_managed:
        yield hint("d_pbx_external", address=settings.pbx_address)
        return
    try:
        asterisk = find_asterisk(settings.asterisk_root)
    except InstallFailed as exc:
        yield bad("d_pbx_missing", why=str(exc).rstrip("."))
        return
    why = unfit(asterisk.version)
    yield bad("d_pbx_missing", why=why) if why else good("d_pbx", version=asterisk.version)
    yield _prompts(settings)
    yield _spool(settings.spool)
    yield from _manager_file(settings)
    yield from _running(settings, asterisk)


def _prompts(settings: Settings) -> Finding:
    folder = settings.pbx_folder / "data" / "sounds"
    missing = [
        f"{language}/{name}"
        for language in LANGUAGES
        for name in texts(language)
        if not (folder / language / f"{name}.wav").exists()
    ]
    return bad("d_prompts_missing", count=len(missing), first=missing[0]) if missing else good("d_prompts")


def _spool(folder: Path) -> Finding:
    fine = folder.is_dir() and os.access(folder, os.W_OK)
    return good("d_spool", path=folder) if fine else bad("d_spool_bad", path=folder)


def _manager_file(settings: Settings) -> Iterator[Finding]:
    """Asterisk does not tell a manager user's write timeout: the file is all there is to ask."""
    path = settings.pbx_folder / "etc" / "manager.conf"
    if not path.exists():
        yield bad("d_not_rendered", path=path)
        return
    values = [int(v) for v in re.findall(r"^writetimeout\s*=\s*(\d+)", path.read_text(), re.MULTILINE)]
    fine = len(values) == len(contract.AmiUser) and min(values) >= contract.AMI_WRITE_TIMEOUT_MS
    yield good("d_writetimeout", ms=min(values)) if fine else bad("d_writetimeout_bad", path=path)


def _running(settings: Settings, asterisk: Asterisk) -> Iterator[Finding]:
    process = AsteriskProcess(
        asterisk,
        settings.pbx_folder / "etc",
        settings.pbx_folder / "log",
        settings.pbx_run_dir,
        Listen(settings.pbx_address, (), ()),
    )
    try:
        process.cli("core show uptime seconds")
    except CommandFailed:
        yield bad("d_pbx_not_running")
        return
    yield _modules(process.cli("module show"))
    yield from _manager(process.cli("manager show settings"), process.cli(f"manager show user {contract.AmiUser.CTI}"))
    yield journal(process.cli("cel show status"))
    anonymous = "Unable to find" not in process.cli("pjsip show endpoint anonymous")
    yield bad("d_anonymous") if anonymous else good("d_no_anonymous")
    yield trunk(settings, process.cli(f"pjsip show aor {contract.TRUNK}"))
    phones = sorted(registered(process.cli("pjsip show contacts")))
    yield good("d_phones", phones=", ".join(phones)) if phones else hint("d_no_phones")


def _modules(shown: str) -> Finding:
    loaded = {line.split()[0] for line in shown.splitlines() if " Running " in line}
    missing = sorted(m for m in needed_modules() if m not in loaded and m in _LINE_ONLY)
    return bad("d_modules_missing", names=", ".join(missing)) if missing else good("d_modules", count=len(loaded))


# Without one of these a call is not answered, queued, recorded or seen. The rest of modules.conf is checked by its own
# `require` at Asterisk's start.
_LINE_ONLY = frozenset(
    f"{name}.so"
    for name in ("app_queue", "app_mixmonitor", "cel_custom", "chan_pjsip", "res_http_websocket", "app_celgenuserevent")
)


def _manager(settings_text: str, user_text: str) -> Iterator[Finding]:
    found = re.search(r"TCP Bindaddress:\s+([\d.]+):(\d+)", settings_text)
    if not found:
        yield bad("d_ami_off")
        return
    loopback = ipaddress.ip_address(found[1]).is_loopback
    yield good("d_ami", address=found[1], port=found[2]) if loopback else bad("d_ami_open", address=found[1])
    if not re.search(r"Timestamp events:\s+Yes", settings_text):
        yield bad("d_ami_stamps")
    for word, wanted in (("read", contract.AMI_CLASSES_READ), ("write", contract.AMI_CLASSES_WRITE)):
        have = set((re.search(rf"{word} perm:\s*(\S*)", user_text) or ["", ""])[1].split(","))
        if have != set(wanted.split(",")):
            yield bad("d_ami_classes", word=word, have=",".join(sorted(have)), wanted=wanted)


def journal(shown: str) -> Finding:
    """What `cel show status` tells: without the journal there is no record of any call. Asterisk 20 knows no hold."""
    tracked = set(re.findall(r"CEL Tracking Event: (\w+)", shown))
    if "CEL Logging: Enabled" not in shown or "CEL Event Subscriber: CEL Custom" not in shown or not tracked:
        return bad("d_cel_off")
    missing = [event for event in contract.CEL_EVENTS if event not in tracked]
    return hint("d_cel_lacks", names=", ".join(missing)) if missing else good("d_cel")


def trunk(settings: Settings, shown: str) -> Finding:
    """Whether whoever carries our calls out answers at all; an answer of any kind will do."""
    if settings.trunk_contact not in shown:
        return bad("d_trunk_other", contact=settings.trunk_contact)
    answers = _sip_answers(settings.pbx_address, settings.trunk_contact)
    return (
        good("d_trunk", contact=settings.trunk_contact)
        if answers
        else hint("d_trunk_silent", contact=settings.trunk_contact)
    )


def _sip_answers(from_address: str, contact: str) -> bool:
    """OPTIONS, sent from the PBX's address: a carrier listens to that one only."""
    address, _, port = contact.partition(":")
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asker:
        asker.settimeout(_TRUNK_S)
        try:
            asker.bind((from_address, 0))
            asker.sendto(_options(contact, f"{from_address}:{asker.getsockname()[1]}"), (address, int(port)))
            return asker.recv(4096).startswith(b"SIP/2.0")
        except OSError:  # nobody there, no way there, or no answer in time
            return False


def _options(contact: str, me: str) -> bytes:
    ident = uuid.uuid4().hex
    lines = (
        f"OPTIONS sip:{contact} SIP/2.0",
        f"Via: SIP/2.0/UDP {me};branch=z9hG4bK{ident};rport",
        "Max-Forwards: 70",
        f"From: <sip:doctor@{me}>;tag={ident[:8]}",
        f"To: <sip:{contact}>",
        f"Call-ID: {ident}",
        "CSeq: 1 OPTIONS",
        f"Contact: <sip:doctor@{me}>",
        "Content-Length: 0",
    )
    return "\r\n".join((*lines, "", "")).encode()


def registered(shown: str) -> set[str]:
    """Seats' telephones with a contact, from `pjsip show contacts`."""
    names = re.findall(r"Contact:\s+([\w-]+)/sip", shown)
    return {name for name in names if contract.seat_of_interface(name)}
