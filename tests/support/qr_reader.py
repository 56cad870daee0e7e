"""Reads the QR code of an SVG as a scanner does that sees it whole: by ISO/IEC 18004, with nothing of who drew it.

Level M and better, versions 1 to 22, one segment of bytes, UTF-8. Raises AssertionError where a code is none of these,
or its check words do not fit.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Iterator
from xml.etree import ElementTree

Modules = list[list[bool]]

# ISO/IEC 18004 table 9, by level and version: the check words of a block, and the blocks.
_CHECK = {
    "M": (0, 10, 16, 26, 18, 24, 16, 18, 22, 22, 26, 30, 22, 22, 24, 24, 28, 28, 26, 26, 26, 26, 28),
    "Q": (0, 13, 22, 18, 26, 18, 24, 18, 22, 20, 24, 28, 26, 24, 20, 30, 24, 28, 28, 26, 30, 28, 30),
    "H": (0, 17, 28, 22, 16, 22, 28, 26, 26, 24, 28, 24, 28, 22, 24, 24, 30, 28, 28, 26, 28, 30, 24),
}
_BLOCKS = {
    "M": (0, 1, 1, 1, 2, 2, 4, 4, 4, 5, 5, 5, 8, 9, 9, 10, 10, 11, 13, 14, 16, 17, 17),
    "Q": (0, 1, 1, 2, 2, 4, 4, 6, 6, 8, 8, 8, 10, 12, 16, 12, 17, 16, 18, 21, 20, 23, 23),
    "H": (0, 1, 1, 2, 4, 4, 4, 5, 6, 8, 8, 11, 11, 16, 16, 18, 16, 19, 21, 25, 25, 25, 34),
}
_LEVELS = "MLHQ"
_MASKS: tuple[Callable[[int, int], int], ...] = (
    lambda y, x: (y + x) % 2,
    lambda y, x: y % 2,
    lambda y, x: x % 3,
    lambda y, x: (y + x) % 3,
    lambda y, x: (y // 2 + x // 3) % 2,
    lambda y, x: y * x % 2 + y * x % 3,
    lambda y, x: (y * x % 2 + y * x % 3) % 2,
    lambda y, x: ((y + x) % 2 + y * x % 3) % 2,
)
_FINDER = [[max(abs(y - 3), abs(x - 3)) in (0, 1, 3) for x in range(7)] for y in range(7)]
_BORDER = 4
_BYTES = 4


def read_svg(svg: str) -> str:
    """What it says."""
    modules = _modules(svg)
    version, odd = divmod(len(modules) - 17, 4)
    assert odd == 0
    assert 0 < version <= 22
    for y, x in ((0, 0), (0, -7), (-7, 0)):
        corner = [row[x : x + 7 or None] for row in modules[y : y + 7 or None]]
        assert corner == _FINDER, "no finder"
    level, mask = _format(modules)
    return _said(b"".join(_blocks(_words(modules, version, mask), level, version)), version)


def _modules(svg: str) -> Modules:
    """Black strokes, one module high, on white."""
    root = ElementTree.fromstring(svg)
    [group] = root
    ground, lines = group
    assert (ground.attrib["fill"], lines.attrib["stroke"]) == ("#fff", "#000")
    scale = re.fullmatch(r"scale\((\d+)\)", group.attrib["transform"])
    assert scale is not None
    size = int(root.attrib["width"]) // int(scale[1]) - 2 * _BORDER
    found = [[False] * size for _ in range(size)]
    x = y = 0.0
    for step, told in re.findall(r"([Mmh])([-\d. ]+)", lines.attrib["d"]):
        numbers = [float(number) for number in re.findall(r"-?[\d.]+", told)]
        if step == "h":
            for at in range(int(numbers[0])):
                found[int(y) - _BORDER][int(x) + at - _BORDER] = True
            x += numbers[0]
        else:
            x, y = (numbers[0], numbers[1]) if step == "M" else (x + numbers[0], y + numbers[1])
    return found


def _format(modules: Modules) -> tuple[str, int]:
    """Level and mask."""
    places = [(8, x) for x in (0, 1, 2, 3, 4, 5, 7, 8)] + [(y, 8) for y in (7, 5, 4, 3, 2, 1, 0)]
    bits = int("".join(str(int(modules[y][x])) for y, x in places), 2) ^ 0b101010000010010
    return _LEVELS[bits >> 13], bits >> 10 & 7


def _is_pattern(version: int) -> Callable[[int, int], bool]:
    """Whether a module is one of the symbol's own and carries nothing."""
    size = 17 + 4 * version
    many = version // 7 + 2
    step = (version * 4 + many * 2 + 1) // (many * 2 - 2) * 2
    line = [6, *(size - 7 - step * n for n in range(many - 1))] if version > 1 else []
    corners = ((6, 6), (6, size - 7), (size - 7, 6))
    centres = [place for place in itertools.product(line, line) if place not in corners]

    def own(y: int, x: int) -> bool:
        corner = (y < 9 and (x < 9 or x >= size - 8)) or (y >= size - 8 and x < 9)
        told = version > 6 and ((y < 6 and x >= size - 11) or (x < 6 and y >= size - 11))
        aligned = any(max(abs(y - cy), abs(x - cx)) < 3 for cy, cx in centres)
        return corner or told or aligned or 6 in (y, x)

    return own


def _words(modules: Modules, version: int, number: int) -> bytes:
    size, mask, own = len(modules), _MASKS[number], _is_pattern(version)
    bits: list[bool] = []
    up = True
    for right in [*range(size - 1, 6, -2), 5, 3, 1]:
        for y in range(size - 1, -1, -1) if up else range(size):
            bits += [modules[y][x] != (mask(y, x) == 0) for x in (right, right - 1) if not own(y, x)]
        up = not up
    return bytes(int("".join("01"[bit] for bit in bits[n : n + 8]), 2) for n in range(0, len(bits) - 7, 8))


def _blocks(words: bytes, level: str, version: int) -> Iterator[bytes]:
    """The data of each block; dealt out one word at a time, the longer blocks last."""
    check, many = _CHECK[level][version], _BLOCKS[level][version]
    least, longer = divmod(len(words), many)
    lengths = [least - check + (n >= many - longer) for n in range(many)]
    blocks = [bytearray() for _ in lengths]
    dealt = iter(words)
    for at in range(max(lengths)):
        for block, length in zip(blocks, lengths, strict=True):
            if at < length:
                block.append(next(dealt))
    for _ in range(check):
        for block in blocks:
            block.append(next(dealt))
    for block, length in zip(blocks, lengths, strict=True):
        assert not any(_syndrome(block, n) for n in range(check)), "the check words do not fit"
        yield bytes(block[:length])


def _syndrome(block: bytearray, power: int) -> int:
    """Reed-Solomon: zero for each power of the generator's roots where nothing is damaged."""
    total = 0
    for word in block:
        for _ in range(power):
            total = total << 1 ^ (0x11D if total & 0x80 else 0)
        total ^= word
    return total


def _said(data: bytes, version: int) -> str:
    bits = "".join(f"{word:08b}" for word in data)
    counted = 8 if version < 10 else 16
    assert int(bits[:4], 2) == _BYTES
    length, begin = int(bits[4 : 4 + counted], 2), 4 + counted
    assert bits[begin + 8 * length :][:4] in ("0000", "000", "00", "0", ""), "more than one segment"
    said = bytes(int(bits[n : n + 8], 2) for n in range(begin, begin + 8 * length, 8))
    return said.decode("utf-8")
