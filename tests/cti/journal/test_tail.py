"""Every line once, in order, whatever happens to the file: rotation, truncation, copies, restarts."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from cti.journal.lines import MAX_LINE_BYTES
from cti.journal.tail import Position, RawLine, Tail


def first_at(line: bytes) -> float | None:
    head = line.split(b" ")[0]
    return float(head) if head.isdigit() else None


class Folder:
    """Writes ``N text`` lines as a logger does, and reads them with a tail that may be started anew at any time."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.written: list[bytes] = []
        self.read: list[bytes] = []
        self.places: set[tuple[str, int]] = set()
        self.flaws: list[RawLine] = []
        self.tail = Tail(path, first_at)
        self.tail.seek(None)
        self.n = 0

    def write(self, count: int = 1) -> None:
        with self.path.open("ab") as file:
            for _ in range(count):
                self.n += 1
                line = b"%d line of the journal" % self.n
                file.write(line + b"\n")
                self.written.append(line)

    def half(self, text: bytes) -> None:
        with self.path.open("ab") as file:
            file.write(text)

    def rotate(self, suffix: str) -> None:
        os.rename(self.path, self.path.with_name(self.path.name + suffix))

    def drain(self, max_bytes: int = 1 << 20) -> None:
        while lines := self.tail.read(max_bytes):
            for line in lines:
                assert (line.file, line.offset) not in self.places, "a place was given twice"
                self.places.add((line.file, line.offset))
                if line.flaw:
                    self.flaws.append(line)
                else:
                    self.read.append(line.raw)

    def restart(self) -> None:
        position = self.tail.position
        self.tail.close()
        self.tail = Tail(self.path, first_at)
        self.tail.seek(position)


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    return Folder(tmp_path / "cel.csv")


@pytest.mark.parametrize("restart", [False, True])
def test_rotation_while_reading(folder: Folder, restart: bool) -> None:
    for suffix in (".1", "-20261123", ".3"):
        folder.write(3)
        folder.drain()
        folder.write(2)  # not read before the rename
        folder.rotate(suffix)
        if restart:
            folder.restart()
        folder.write(1)
        folder.drain()
    assert folder.read == folder.written
    assert folder.tail.anomalies == 0


def test_several_rotations_while_away(folder: Folder) -> None:
    folder.write(3)
    folder.drain()
    for suffix in (".3", ".2", ".1"):  # as logrotate numbers them: the oldest has the highest
        folder.write(3)
        folder.rotate(suffix)
    folder.write(2)
    folder.restart()
    folder.drain()
    assert folder.read == folder.written


def test_a_first_start_begins_with_the_oldest_file(folder: Folder) -> None:
    for suffix in (".b", ".a"):
        folder.write(2)
        folder.rotate(suffix)
    folder.write(2)
    folder.drain()
    assert folder.read == folder.written


def test_the_writer_keeps_writing_into_the_renamed_file(folder: Folder) -> None:
    """queue_log stays open until Asterisk is told to reload."""
    folder.write(2)
    folder.drain()
    held = folder.path.open("ab", buffering=0)
    folder.rotate(".1")
    folder.path.touch()  # logrotate's "create"
    folder.drain()
    for text in (b"3 line", b" of the journal\n", b"4 line of the journal\n"):
        held.write(text)
        folder.drain()
    held.close()
    folder.written += [b"3 line of the journal", b"4 line of the journal"]
    folder.n = 4
    folder.write(2)
    folder.drain()
    assert folder.read == folder.written
    assert folder.flaws == []


def test_half_a_line_waits_for_its_end(folder: Folder) -> None:
    folder.write(1)
    for text in (b"2 li", b"ne of the", b" journal"):
        folder.half(text)
        folder.drain()
        assert folder.read == folder.written
    folder.half(b"\n")
    folder.drain()
    assert folder.read[-1] == b"2 line of the journal"


def test_half_a_first_line_is_no_file_yet(folder: Folder) -> None:
    folder.half(b"1 li")
    folder.drain()
    assert folder.tail.position is None
    folder.half(b"ne\n")
    folder.drain()
    assert folder.read == [b"1 line"]


def test_half_a_line_at_the_end_of_a_rotated_file_is_set_aside(folder: Folder) -> None:
    folder.write(2)
    folder.half(b"3 never ended")
    folder.rotate(".1")
    folder.write(2)
    folder.drain()
    assert folder.read == folder.written
    assert [f.raw for f in folder.flaws] == [b"3 never ended"]


@pytest.mark.parametrize("restart", [False, True])
@pytest.mark.parametrize("lines", [1, 4, 9])
def test_a_truncated_file_begins_anew(folder: Folder, restart: bool, lines: int) -> None:
    """Also where it has grown beyond the old offset before anybody looked."""
    folder.write(4)
    folder.drain()
    os.truncate(folder.path, 0)
    if lines == 1:
        folder.drain()  # seen empty
    folder.write(lines)
    if restart:
        folder.restart()
    folder.drain()
    assert folder.read == folder.written
    assert folder.tail.anomalies == 1


def test_a_file_copied_and_truncated_is_read_to_its_end(folder: Folder) -> None:
    """logrotate's "copytruncate": what was not read yet is in the copy."""
    folder.write(3)
    folder.drain()
    folder.write(4)
    shutil.copy(folder.path, str(folder.path) + ".1")
    os.truncate(folder.path, 0)
    folder.write(2)
    folder.drain()
    assert folder.read == folder.written
    assert folder.tail.anomalies == 0


@pytest.mark.parametrize("restart", [False, True])
def test_a_file_cut_in_the_middle_goes_on_without_repeating(folder: Folder, restart: bool) -> None:
    folder.write(6)
    folder.drain()
    os.truncate(folder.path, folder.path.read_bytes().index(b"4 line"))
    if restart:
        folder.restart()
    folder.drain()  # seen short
    folder.write(3)  # at the same offsets as lines 4 to 6 were
    folder.drain()
    folder.restart()
    folder.write(1)
    folder.drain()
    assert folder.read == folder.written


def test_a_vanished_file_is_told_and_everything_there_is_read(folder: Folder) -> None:
    folder.write(3)
    folder.drain()
    folder.path.unlink()
    folder.written.clear()
    folder.read.clear()
    folder.restart()
    folder.write(2)
    folder.drain()
    assert folder.read == folder.written
    assert folder.tail.anomalies == 1


def test_a_renamed_and_deleted_file_is_read_to_its_end(folder: Folder) -> None:
    folder.write(2)
    folder.drain()
    folder.write(2)
    folder.path.unlink()
    folder.write(2)
    folder.drain()
    assert folder.read == folder.written


def test_an_endless_line_is_taken_in_pieces(folder: Folder) -> None:
    folder.write(1)
    folder.half(b"x" * (5 * MAX_LINE_BYTES) + b"\n")
    folder.write(1)
    folder.drain(max_bytes=MAX_LINE_BYTES)
    assert folder.read[0] == folder.written[0]
    assert folder.read[-1] == folder.written[-1]
    assert len(folder.flaws) == 5
    assert all(len(f.raw) <= MAX_LINE_BYTES for f in folder.flaws)


def test_batches_are_bounded(folder: Folder) -> None:
    folder.write(1000)
    while lines := folder.tail.read(500):
        assert sum(len(line.raw) for line in lines) <= 500
        folder.read += [line.raw for line in lines]
    assert folder.read == folder.written


def test_behind_counts_all_files(folder: Folder) -> None:
    folder.write(2)
    folder.drain()
    assert folder.tail.behind() == 0
    folder.write(1)
    folder.rotate(".2")
    folder.write(2)
    folder.rotate(".1")
    folder.write(1)
    assert folder.tail.behind() == sum(len(line) + 1 for line in folder.written[2:])


def test_no_file_is_no_error(folder: Folder) -> None:
    folder.drain()
    assert folder.tail.behind() == 0
    folder.tail.seek(Position("gone", 7))
    folder.drain()
    folder.write(1)
    folder.drain()
    assert folder.read == folder.written
