"""Reads the PBX's own journal for assertions, without any code of cti."""

from __future__ import annotations

import csv
import json
import re

from pbx_config import contract
from pbx_config.contract import Milestone
from pbx_config.pbx import Pbx

NAMES = [name for name, _ in contract.CEL_FIELDS]


def all_cel(pbx: Pbx) -> list[dict[str, str]]:
    """Every CEL row, in order."""
    path = pbx.settings.cel_file
    if not path.exists():
        return []
    with path.open(encoding="utf-8", newline="") as lines:
        return [dict(zip(NAMES, fields, strict=True)) for fields in csv.reader(lines)]


def cel(pbx: Pbx, caller: str) -> list[dict[str, str]]:
    """Every CEL row of the calls begun by ``caller``, all legs that were not called into them, in order."""
    rows = all_cel(pbx)
    mine = {r["linkedid"] for r in rows if r["event"] == "CHAN_START" and r["caller"] == caller}
    return [r for r in rows if r["linkedid"] in mine]


def events(pbx: Pbx, caller: str) -> list[str]:
    return [r["event"] for r in cel(pbx, caller)]


def milestones(pbx: Pbx, caller: str) -> list[tuple[str, str]]:
    """(milestone, extra) in order, but for the profile: which one it is depends on the hour of the test."""
    return [one for one in all_milestones(pbx, caller) if one[0] != Milestone.PROFILE]


def all_milestones(pbx: Pbx, caller: str) -> list[tuple[str, str]]:
    return [(r["event"], json.loads(r["extra"])["extra"]) for r in cel(pbx, caller) if r["event"] in set(Milestone)]


def linkedid(pbx: Pbx, caller: str) -> str:
    return cel(pbx, caller)[0]["linkedid"]


def queue_log(pbx: Pbx, caller: str) -> list[tuple[str, str]]:
    """(verb, agent) of the lines of that caller's calls."""
    ids = {r["linkedid"] for r in cel(pbx, caller)}
    rows = [text.split("|") for text in pbx.settings.queue_log_file.read_text().splitlines()]
    return [(row[4], row[3]) for row in rows if row[1] in ids]


def members(pbx: Pbx) -> list[str]:
    """Interfaces of the queue's members."""
    return re.findall(r"\((PJSIP/\S+?)\)", pbx.cli(f"queue show {pbx.settings.queue.name}"))
