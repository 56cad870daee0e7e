"""``lianxin cti`` with a wrap-up of 0.2 s, which no hotline may set: 100 calls/s then need 150 seats, not 800.

Asterisk's price of a call grows with the members of the queue, and only its own price and cti's are to be compared.
"""

from __future__ import annotations

import dataclasses

from cli.cti_process import cti_settings
from cli.process_life import collect_seldom, configure_logs
from cli.settings import load
from cti.service import run_process

WRAP_UP_S = 0.2


def main() -> None:
    configure_logs()
    collect_seldom()
    run_process(dataclasses.replace(cti_settings(load()), wrap_up_s=WRAP_UP_S))


if __name__ == "__main__":
    main()
