"""An announcement in the PBX's format, from a recording of any kind or from a text. Run as a process of its own.

libsndfile reads what strangers' browsers send and espeak-ng is a program: neither may take a server with it.

    python -m pbx_config.announcement convert            < anything.ogg  > 8kHz.wav
    python -m pbx_config.announcement speak zh [ROOT]    < text          > 8kHz.wav
"""

from __future__ import annotations

import io
import sys
from pathlib import Path
from typing import Final

import numpy as np
import soundfile
from numpy.typing import NDArray

from models.errors import Refused
from pbx_config.errors import PbxError
from pbx_config.install import find_asterisk
from pbx_config.prompts import RATE, find_speaker, level, resample, speak

LEAST_S: Final = 0.5
MOST_S: Final = 120
_SILENT: Final = 0.003  # 50 dB below full scale: a microphone that nobody speaks into
_FULL: Final = 0.99
_FLAT_ROW: Final = 4
_FLAT_SHARE: Final = 0.002
_MOST_RATE: Final = 48_000
_BLOCK: Final = 65_536


class SoundUnreadable(Refused):
    """No sound file that libsndfile reads, or silence."""

    code = "sound.unreadable"


class SoundLength(Refused):
    """Shorter or longer than an announcement may be: ``fields["least"]``, ``fields["most"]``."""

    code = "sound.length"


class SoundSilent(Refused):
    """Nothing that anybody could hear: the microphone was off, or the wrong one."""

    code = "sound.silent"


class SoundClipped(Refused):
    """Too loud when it was recorded: its peaks are cut off flat, and every caller hears it crackle."""

    code = "sound.clipped"


EXITS: Final[dict[int, type[Refused]]] = {3: SoundUnreadable, 4: SoundLength, 6: SoundSilent, 7: SoundClipped}


def convert(raw: bytes) -> bytes:
    """Any sound file as 8 kHz, 16 bit, mono; trimmed and levelled as the prompts are.

    Raises:
        SoundUnreadable, SoundLength, SoundSilent, SoundClipped
    """
    try:
        with soundfile.SoundFile(io.BytesIO(raw)) as file:
            rate = file.samplerate
            if not RATE <= rate <= _MOST_RATE * 2:
                raise SoundUnreadable(f"{rate} Hz")
            blocks = []
            for block in file.blocks(_BLOCK, dtype="float64", always_2d=True):
                blocks.append(block.mean(axis=1))
                if sum(map(len, blocks)) > MOST_S * rate:
                    raise _wrong_length()
    except soundfile.LibsndfileError as exc:
        raise SoundUnreadable(str(exc)) from exc
    sound = np.concatenate(blocks) if blocks else np.zeros(0)
    if len(sound) < LEAST_S * rate:
        raise _wrong_length()
    if not np.isfinite(sound).all():
        raise SoundUnreadable("numbers that are none")
    if np.abs(sound).max() < _SILENT:
        raise SoundSilent
    if _flat(sound) > _FLAT_SHARE:
        raise SoundClipped
    return wav(level(resample(sound / np.abs(sound).max(), rate)))


def _flat(sound: NDArray[np.float64]) -> float:
    """The share of samples that lie in a row of _FLAT_ROW or more at full scale: speech touches it, clipping stays."""
    full = np.concatenate(([False], np.abs(sound) >= _FULL, [False])).astype(np.int8)
    begins, ends = np.flatnonzero(np.diff(full) == 1), np.flatnonzero(np.diff(full) == -1)
    rows = ends - begins
    return float(rows[rows >= _FLAT_ROW].sum() / len(sound))


def _wrong_length() -> SoundLength:
    return SoundLength(least=LEAST_S, most=MOST_S)


def wav(sound: NDArray[np.int16]) -> bytes:
    out = io.BytesIO()
    soundfile.write(out, sound, RATE, subtype="PCM_16", format="WAV")
    return out.getvalue()


def seconds(wav_: bytes) -> float:
    return (len(wav_) - 44) / 2 / RATE


def spoken(text: str, language: str, root: Path) -> bytes:
    """
    Raises:
        PbxError: no espeak-ng.
    """
    return wav(speak(text, language, find_speaker(find_asterisk(root))))


def main(words: list[str]) -> int:
    """The exit status says what was wrong: EXITS, or 5 where nothing can be spoken here."""
    given = sys.stdin.buffer.read()
    try:
        made = convert(given) if words[0] == "convert" else spoken(given.decode(), words[1], Path(words[2]))
    except Refused as exc:
        return next(status for status, kind in EXITS.items() if isinstance(exc, kind))
    except PbxError as exc:
        print(exc.detail, file=sys.stderr)
        return 5
    sys.stdout.buffer.write(made)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
