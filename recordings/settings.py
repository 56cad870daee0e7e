"""What the recorder of one PBX is told. Plain values, checked by whoever made them (``cli.settings``)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo

SITE_ZONE: Final = ZoneInfo("Asia/Shanghai")


@dataclass(frozen=True, slots=True)
class RecorderSettings:
    """``work`` holds encoded copies until they are stored; on another disk than the spool a full spool can drain.

    ``asterisk_pid_file`` lets the recorder ask whether Asterisk still has a file open; without it (or where its
    ``/proc/<pid>/fd`` may not be read) the call's row, the WAV header and the file's age decide.
    ``store_options`` are obstore's S3 keys (``endpoint``, ``region``, …); credentials come from ``AWS_*`` as usual.
    """

    node: str
    dsn: str = field(repr=False)
    spool: Path
    work: Path
    store_url: str
    store_options: Mapping[str, str] = field(default_factory=dict, repr=False)
    time_zone: ZoneInfo = SITE_ZONE
    asterisk_pid_file: Path | None = None
    encoders: int = 2
    scan_every_s: float = 1.0
    settle_s: float = 2.0  # a file younger than this may still be in the hands of Asterisk
    call_wait_s: float = 60.0  # how long audio waits for its call's row before it is stored unchecked
    stale_s: float = 300.0  # audio that nobody wrote to for so long is finished, whatever else is known
    empty_stale_s: float = 7200.0  # the same for empty files: a citizen may wait that long before anything is recorded
    missing_after_s: float = 120.0  # an answered call without audio so long after its end has none
    reconcile_every_s: float = 15.0
    disk_every_s: float = 2.0
    disk_low: float = 0.10
    store_timeout_s: float = 60.0  # for every started 10 MB
    retry_first_s: float = 1.0
    retry_most_s: float = 60.0
    health_every_s: float = 15.0
    feed_keep_rows: int = 200_000
    feed_trim_every_s: float = 60.0

    @property
    def aside(self) -> Path:
        """Where files that could not be taken are kept with their reason in ``dead_letter``; never emptied by us."""
        return self.spool / "aside"
