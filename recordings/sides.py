"""The two sides of a recording as they lie in the spool, and what is to be said of them. Reads headers only."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from recordings.encoder import Job, Source
from recordings.errors import EncoderFailed
from recordings.judgement import Reason
from recordings.spool import Pair, SpoolFile
from recordings.wav import Wav, WavState, look

SHORTER_S = 0.5  # Asterisk ends both in the same instant; a killed one has up to 2 s of each in its buffers


@dataclass(frozen=True, slots=True)
class Side:
    file: SpoolFile | None
    wav: Wav | None

    @property
    def samples(self) -> int:
        return self.wav.samples if self.wav else 0

    @property
    def unreadable(self) -> bool:
        return self.wav is not None and self.wav.state is WavState.UNREADABLE

    @property
    def source(self) -> Source | None:
        if not (self.file and self.wav and self.wav.samples):
            return None
        return Source(str(self.file.path), self.wav.offset, self.wav.samples)


@dataclass(frozen=True, slots=True)
class Sides:
    agent: Side
    citizen: Side

    @property
    def samples(self) -> int:
        return max(self.agent.samples, self.citizen.samples)

    @property
    def rate(self) -> int:
        return max(s.wav.rate if s.wav else 0 for s in (self.agent, self.citizen))

    @property
    def duration_s(self) -> float:
        return self.samples / self.rate if self.rate else 0.0

    @property
    def unreadable(self) -> tuple[SpoolFile, ...]:
        return tuple(s.file for s in (self.agent, self.citizen) if s.file and s.unreadable)

    @property
    def repaired(self) -> bool:
        return bool(self.reasons() & {Reason.CUT, Reason.HEADER_REPAIRED})

    def reasons(self) -> frozenset[Reason]:
        """Everything that is not as it should be; meaningful when there is any audio."""
        found = {w for s in (self.agent, self.citizen) if (w := _wav_reason(s))}
        found |= _side_reasons(self.agent, self, (Reason.AGENT_UNREADABLE, Reason.AGENT_ABSENT, Reason.AGENT_SHORTER))
        found |= _side_reasons(
            self.citizen, self, (Reason.CITIZEN_UNREADABLE, Reason.CITIZEN_ABSENT, Reason.CITIZEN_SHORTER)
        )
        return frozenset(found)

    def job(self, audio: Path, peaks: Path) -> Job:
        """What the encoder is asked.

        Raises:
            EncoderFailed: two sample rates cannot be one recording.
        """
        rates = {s.wav.rate for s in (self.agent, self.citizen) if s.wav and s.wav.samples}
        if len(rates) != 1:
            raise EncoderFailed(f"two sample rates: {sorted(rates)}")
        return Job(self.agent.source, self.citizen.source, self.rate, str(audio), str(peaks))


def _wav_reason(side: Side) -> Reason | None:
    if not side.wav or not side.wav.samples:
        return None
    return {WavState.CUT: Reason.CUT, WavState.UNCLOSED: Reason.HEADER_REPAIRED}.get(side.wav.state)


def _side_reasons(side: Side, both: Sides, words: tuple[Reason, Reason, Reason]) -> set[Reason]:
    unreadable, absent, shorter = words
    if side.unreadable:
        return {unreadable}
    if not side.samples:
        return {absent}
    return {shorter} if (both.samples - side.samples) / both.rate > SHORTER_S else set()


def inspect(pair: Pair) -> Sides:
    """Look at both files now.

    Raises:
        OSError: one of them cannot be read.
    """
    return Sides(agent=_side(pair.transmit), citizen=_side(pair.receive))


def _side(file: SpoolFile | None) -> Side:
    try:
        return Side(file, look(file.path) if file else None)
    except FileNotFoundError:
        return Side(None, None)
