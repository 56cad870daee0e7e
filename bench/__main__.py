"""``python -m bench``: what can be measured here, what is required, how long it takes."""

from __future__ import annotations

PROGRAMS = (
    ("bench.pop", "Asterisk's event to the desk's WebSocket at 2, 20, 100 calls/s", "p99 ≤ 10 ms", "10 min"),
    ("bench.pop_page", "the same to the changed page in Chromium at 2 calls/s", "p99 ≤ 100 ms", "5 min"),
    ("bench.load", "cti's CPU per call ÷ Asterisk's at 100 calls/s; memory over 20,000 calls", "≤ 0.5; flat", "5 min"),
    ("bench.ami", "decoding of the AMI stream against panoramisk and splitting", "≥ 10 ×; ≥ 0.25 ×", "1 min"),
    ("bench.catchup", "journal replay of an hour at 10 calls/s", "< 60 s", "2 min"),
    ("bench.moves", "3 calls/s, 60 agents who hold, transfer, confer: delay of each move", "0 rows wrong", "17 min"),
    ("bench.floor", "1,000 screens, 60 agents, 3 calls/s: CPU, event to screen, wrong", "p99 ≤ 300 ms; 0", "17 min"),
    ("bench.recordings_search", "each filter of the search over a million recordings", "≤ 500 ms", "4 min"),
)  # fmt: skip


def main() -> None:
    for module, what, required, takes in PROGRAMS:
        print(f"python -m {module:<16} {what}\n{'':<26} required: {required}; takes about {takes}")


main()
