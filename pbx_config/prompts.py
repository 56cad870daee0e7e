"""Makes the spoken prompts and the hold music, once, and lets an operator's files replace them.

Speech is espeak-ng's (the machine's, or the one in the private root): a placeholder that is understood, to be replaced
by recordings. Mandarin goes through pinyin, because the voice ``cmn`` of 1.51 reads 路灯 as "lu four deng one".
"""

from __future__ import annotations

import hashlib
import io
import json
import os
import shutil
import subprocess
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import soundfile
import structlog
from numpy.typing import NDArray
from pypinyin import Style, lazy_pinyin

from pbx_config.errors import PromptsFailed
from pbx_config.music import hold_music
from pbx_config.process import Asterisk
from pbx_config.prompt_files import PromptFiles
from pbx_config.prompt_texts import texts
from pbx_config.settings import LANGUAGES

log: Final = structlog.get_logger(__name__)

RATE: Final = 8000
_PEAK: Final = 0.5
_SILENCE: Final = 0.01
_PAD_S: Final = 0.06
_VOICES: Final = {"zh": ("cmn-latn-pinyin", 150), "en": ("en", 150)}
_SPEAK_TIMEOUT_S: Final = 30
_MADE: Final = ".made.json"  # what each file was made from: a second set-up makes only what changed
_FORMAT: Final = "1"  # raise when the sound processing below changes
Progress = Callable[[str, int, int], None]


@dataclass(frozen=True, slots=True)
class Speaker:
    """An espeak-ng that can be run: its words, and where its voices are if not in the usual place."""

    command: tuple[str, ...]
    data_dir: Path | None = None

    def environment(self) -> dict[str, str]:
        extra = {"ESPEAK_DATA_PATH": str(self.data_dir)} if self.data_dir is not None else {}
        return os.environ | extra


def speak(text: str, language: str, speaker: Speaker) -> NDArray[np.int16]:
    """``text`` as mono 16-bit audio at 8 kHz, trimmed and levelled.

    Raises:
        PromptsFailed: espeak-ng is broken or silent.
    """
    voice, words_per_minute = _VOICES[language]
    spoken = pinyin(text) if language == "zh" else text
    words = [*speaker.command, "-v", voice, "-s", str(words_per_minute), "--stdin", "--stdout"]
    try:
        done = subprocess.run(
            words,
            input=spoken.encode(),
            capture_output=True,
            check=True,
            timeout=_SPEAK_TIMEOUT_S,
            env=speaker.environment(),
        )
        raw, rate = soundfile.read(io.BytesIO(done.stdout), dtype="float64")
    except subprocess.CalledProcessError as exc:
        raise PromptsFailed(f"espeak-ng failed: {exc.stderr.decode(errors='replace').strip()}") from exc
    except (OSError, subprocess.TimeoutExpired, soundfile.LibsndfileError) as exc:
        raise PromptsFailed(f"espeak-ng could not speak: {exc}") from exc
    return level(resample(np.asarray(raw), rate))


def pinyin(text: str) -> str:
    """Characters → "lu4 deng1", punctuation kept for its pauses."""
    marks = str.maketrans("，。、！？：；", ",.,!?,,")
    return " ".join(lazy_pinyin(text.translate(marks), style=Style.TONE3, neutral_tone_with_five=True))


def resample(sound: NDArray[np.float64], rate: int) -> NDArray[np.float64]:
    """To 8 kHz by cutting the spectrum: exact for files of seconds, and no aliasing."""
    if rate == RATE or not len(sound):
        return sound
    length = int(len(sound) * RATE / rate)
    spectrum = np.fft.rfft(sound)[: length // 2 + 1]
    result: NDArray[np.float64] = np.fft.irfft(spectrum, length) * (length / len(sound))
    return result


def level(sound: NDArray[np.float64]) -> NDArray[np.int16]:
    """Trim silence at both ends, bring to one loudness."""
    loud = np.flatnonzero(np.abs(sound) > _SILENCE)
    if not len(loud):
        raise PromptsFailed("espeak-ng spoke silence")
    pad = int(_PAD_S * RATE)
    cut = sound[max(0, loud[0] - pad) : loud[-1] + pad]
    return np.asarray(cut / np.abs(cut).max() * _PEAK * 32767, dtype=np.int16)


def install_prompts(
    data_dir: Path,
    asterisk: Asterisk,
    *,
    replacements: Path | None = None,
    chosen: Path | None = None,
    progress: Progress | None = None,
) -> list[str]:
    """Bring ``data_dir`` (Asterisk's astdatadir) to hold every sound and the hold music; returns what was made.

    ``chosen``: the folder of versions that an administrator chose (prompt_files.py); they stay what callers hear.
    An operator's ``<replacements>/<language>/<name>.wav`` (also ``<replacements>/moh/*.wav``) is put instead of the
    spoken one; removing it brings the spoken one back.

    Raises:
        PromptsFailed: no espeak-ng, or a replacement is not a sound file.
    """
    files = PromptFiles(data_dir, chosen)
    made_file = data_dir / _MADE
    made = json.loads(made_file.read_text()) if made_file.exists() else {}
    wanted = [(lang, name, text) for lang in LANGUAGES for name, text in texts(lang).items()]
    speaker: Speaker | None = None
    changed = []
    for index, (language, name, text) in enumerate(wanted):
        path = files.made(language, name)
        own = replacements / language / f"{name}.wav" if replacements is not None else None
        own = own if own is not None and own.exists() else None
        origin = _origin(text, own)
        if made.get(f"{language}/{name}") == origin and path.exists():
            continue
        if own is not None:
            sound = read_replacement(own)
        else:
            speaker = speaker or find_speaker(asterisk)
            sound = speak(text, language, speaker)
        write_wav(path, sound)
        made[f"{language}/{name}"] = origin
        changed.append(f"{language}/{name}")
        if progress is not None:
            progress(f"{language}/{name}", index + 1, len(wanted))
    for language, name, _ in wanted:
        files.place(language, name)
    changed += _install_music(data_dir, replacements)
    if changed:
        made_file.write_text(json.dumps(made, indent=1))
        log.info("prompts made", count=len(changed))
    return changed


def _install_music(data_dir: Path, replacements: Path | None) -> list[str]:
    folder = data_dir / "moh"
    folder.mkdir(parents=True, exist_ok=True)
    own = sorted((replacements / "moh").glob("*.wav")) if replacements is not None else []
    wanted: dict[str, Path | None] = {p.name: p for p in own}
    wanted = wanted or {"lianxin.wav": None}
    for stale in folder.glob("*.wav"):
        if stale.name not in wanted:
            stale.unlink()
    changed = []
    for name, source in wanted.items():
        path = folder / name
        if source is None and not path.exists():
            write_wav(path, hold_music())
        elif source is not None and (not path.exists() or path.stat().st_mtime_ns < source.stat().st_mtime_ns):
            write_wav(path, read_replacement(source))
        else:
            continue
        changed.append(f"moh/{name}")
    return changed


def _origin(text: str, own: Path | None) -> str:
    if own is not None:
        return "file:" + hashlib.sha256(own.read_bytes()).hexdigest()
    return "text:" + hashlib.sha256(f"{_FORMAT}/{text}".encode()).hexdigest()


def read_replacement(path: Path) -> NDArray[np.int16]:
    """An operator's file in any format libsndfile reads, as 8 kHz mono."""
    try:
        raw, rate = soundfile.read(path, dtype="float64", always_2d=True)
    except soundfile.LibsndfileError as exc:
        raise PromptsFailed(f"not a sound file: {path}") from exc
    mono = resample(raw.mean(axis=1), rate)
    return np.asarray(np.clip(mono, -1, 1) * 32767, dtype=np.int16)


def write_wav(path: Path, sound: NDArray[np.int16]) -> None:
    """Atomically: Asterisk may be playing the old one."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=".", suffix=".part")
    os.close(handle)
    soundfile.write(temporary, sound, RATE, subtype="PCM_16", format="WAV")
    os.chmod(temporary, 0o644)
    os.replace(temporary, path)


def find_speaker(asterisk: Asterisk) -> Speaker:
    """The private root's espeak-ng if there is one, else the machine's.

    Raises:
        PromptsFailed: there is none.
    """
    if asterisk.root is not None:
        data = next(iter(sorted(asterisk.root.glob("usr/lib/*/espeak-ng-data"))), None)
        binary = asterisk.root / "usr/bin/espeak-ng"
        if data is not None and binary.exists():
            loader, option, libraries, _ = asterisk.command
            # libpulse finds its own part by a run path, which a private loader resolves outside the root.
            libraries = f"{libraries}:{libraries}/pulseaudio"
            return Speaker((loader, option, libraries, str(binary)), data)
    found = shutil.which("espeak-ng")
    if found is None:
        raise PromptsFailed("espeak-ng is missing: install the package espeak-ng, or let Lianxin make its private root")
    return Speaker((found,))
