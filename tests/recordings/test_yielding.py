"""What works on sound runs after Asterisk, and goes with who started it."""

import os
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from tests.support.eventually import eventually

PROJECT = Path(__file__).resolve().parents[2]
PARENT = """
import subprocess, sys, time
print(subprocess.Popen([sys.executable, "-m", "recordings.encoder"], stdin=int(sys.argv[1])).pid, flush=True)
time.sleep(60)
"""


@pytest.mark.timeout(60)
async def test_an_encoder_yields_by_its_session_and_dies_with_its_parent() -> None:
    stdin, held = os.pipe()  # held open here: it does not end for want of a job
    parent = subprocess.Popen(  # noqa: ASYNC220 - nothing else runs in this loop
        [sys.executable, "-c", PARENT, str(stdin)], cwd=PROJECT, pass_fds=(stdin,), stdout=subprocess.PIPE
    )
    assert parent.stdout is not None
    try:
        encoder = psutil.Process(int(parent.stdout.readline()))
        await eventually(lambda: encoder.nice() == 10, 30)
        group = Path(f"/proc/{encoder.pid}/autogroup")
        assert os.getsid(encoder.pid) == encoder.pid
        assert not group.exists() or group.read_text().split()[-2:] == ["nice", "10"], "nice counts in a session"
        parent.kill()
        parent.wait()
        await eventually(lambda: not encoder.is_running() or encoder.status() == psutil.STATUS_ZOMBIE, 5)
    finally:
        parent.kill()
        parent.wait()
        parent.stdout.close()
        os.close(stdin)
        os.close(held)
