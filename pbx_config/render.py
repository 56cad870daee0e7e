"""PbxSettings + templates + contract → a complete Asterisk configuration folder of our own.

Everything is rendered in memory first: a template that fails leaves the folder as it was. Files are replaced
atomically, unchanged ones are not touched. Does not start or reload anything.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Final

import structlog
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from pbx_config import contract, sounds
from pbx_config.errors import BadSettings
from pbx_config.queue_file import QueueFile
from pbx_config.settings import PbxSettings, SeatSecret
from pbx_config.telephony import SEATS_FILE, TRUNKS_FILE, TrunkLine

log: Final = structlog.get_logger(__name__)

TEMPLATES: Final = Path(__file__).parent / "templates"
_SECRET_MODE: Final = 0o600


@cache
def environment() -> Environment:
    """Jinja with every undefined name an error and no HTML escaping."""
    env = Environment(
        loader=FileSystemLoader(TEMPLATES),
        undefined=StrictUndefined,
        keep_trailing_newline=True,
        trim_blocks=True,
        lstrip_blocks=True,
        autoescape=False,  # Asterisk files, not HTML; values are checked by PbxSettings
    )
    env.filters["conf"] = conf_value
    env.filters["cel_events"] = cel_events
    env.filters["before_place"] = before_place
    return env


def cel_events(settings: PbxSettings) -> list[str]:
    """The events of ``contract.CEL_EVENTS`` that this Asterisk knows by its own documentation.

    For one name that it does not know Asterisk drops the whole list and writes no CEL at all. Ubuntu 24.04's 20.6 does
    not know STREAM_*; there the journal does not tell hold.
    """
    folder = settings.documentation_dir
    told = (folder / "core-en_US.xml") if folder is not None else None
    if told is None or not told.exists():
        return list(contract.CEL_EVENTS)
    text = told.read_text(encoding="utf-8", errors="replace")
    return [event for event in contract.CEL_EVENTS if event in text]


def before_place(settings: PbxSettings) -> str:
    """The commas between Queue's timeout and the place to enter at: Asterisk 20 has one argument more than 22."""
    folder = settings.documentation_dir
    told = (folder / "core-en_US.xml") if folder is not None else None
    if told is None or not told.exists():
        return ",,,,"
    text = told.read_text(encoding="utf-8", errors="replace")
    queue = text.partition('<application name="Queue"')[2].partition("</application>")[0]
    return ",,,,," if '<parameter name="macro"' in queue else ",,,,"


def conf_value(value: object) -> str:
    """A value as it may stand in an Asterisk file.

    The last gate: PbxSettings has checked already, but a line break or a comment sign must not pass even by mistake.
    """
    text = str(value)
    if any(c in text for c in "\r\n\0;"):
        raise BadSettings("a line break or a semicolon in a configuration value")
    return text


def templates(kind: str) -> list[str]:
    """Names of the files that make up a configuration ("line" or "carrier"), without ``.j2``."""
    return sorted(p.name.removesuffix(".j2") for p in (TEMPLATES / kind).glob("*.j2"))


def render_text(kind: str, values: Mapping[str, object]) -> dict[str, str]:
    """File name → content, in memory only."""
    env = environment()
    names = {
        "contract": contract,
        "sounds": sounds,
        "Context": contract.Context,
        "EarMode": contract.EarMode,
        "Milestone": contract.Milestone,
        "Var": contract.Var,
        "Priority": contract.QueuePriority,
        "Profile": contract.Profile,
        "Overflow": contract.OverflowKind,
        "seats_file": SEATS_FILE,
        "trunks_file": TRUNKS_FILE,
    }
    return {name: env.get_template(f"{kind}/{name}.j2").render(**names, **values) for name in templates(kind)}


def telephony_text(seats: Sequence[SeatSecret], trunks: Sequence[TrunkLine], number: str) -> dict[str, str]:
    """The files that pjsip.conf includes: file name → content. ``number``: the hotline's."""
    told = {"contract": contract, "seats": seats, "trunks": trunks, "number": number}
    return {name: environment().get_template(f"parts/{name}.j2").render(**told) for name in (SEATS_FILE, TRUNKS_FILE)}


def render(settings: PbxSettings) -> list[Path]:
    """Write the configuration of the line; returns the files that changed.

    Makes the folders that Asterisk needs as well. Run ``process.reload`` or start Asterisk afterwards.

    Raises:
        BadSettings: a value slipped through to a template; nothing was written.
    """
    changed = write(settings.etc, render_text("line", {"s": settings}))
    make_folders(settings)
    changed += write(settings.line, telephony_text(settings.seats, settings.trunks, settings.number))
    log.info("pbx configuration rendered", node=settings.node, changed=[p.name for p in changed])
    return changed


def make_folders(settings: PbxSettings) -> None:
    """Folders that Asterisk does not make by itself."""
    s = settings
    for folder in (s.log, s.db, s.run, s.data, s.spool, s.line, s.queues, s.home / "work"):
        folder.mkdir(parents=True, exist_ok=True)
    QueueFile(s.queues).begin(s.queue.name)
    # cel_custom opens its file and does not make the folder.
    settings.cel_file.parent.mkdir(parents=True, exist_ok=True)
    if settings.documentation_dir is not None:
        link(settings.data / "documentation", settings.documentation_dir)


def link(path: Path, target: Path) -> None:
    """A symbolic link that is right afterwards, whatever it was before."""
    if path.is_symlink() and Path(os.readlink(path)) == target:
        return
    path.unlink(missing_ok=True)
    path.symlink_to(target)


def write(folder: Path, texts: Mapping[str, str]) -> list[Path]:
    """Replace the files that differ, one atomic rename each; returns them."""
    folder.mkdir(parents=True, exist_ok=True)
    changed = []
    for name, text in texts.items():
        path = folder / name
        if path.exists() and path.read_text(encoding="utf-8") == text:
            continue
        replace_file(path, text)
        changed.append(path)
    return changed


def replace_file(path: Path, text: str) -> None:
    """Write ``text`` beside ``path`` (readable by its owner only: files hold secrets) and rename over it."""
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as out:
            out.write(text)
            out.flush()
            os.fsync(out.fileno())
        os.chmod(temporary, _SECRET_MODE)
        os.replace(temporary, path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise
