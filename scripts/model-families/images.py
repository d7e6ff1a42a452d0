"""Seeded random pictures, and their PNG files."""

from __future__ import annotations

import os
import pathlib
import struct
import zlib
from collections.abc import Sequence

import numpy as np

# A picture's place in a run: its size (height, width) and its number among those of this size.
Place = tuple[tuple[int, int], int]


def plan(sizes: Sequence[tuple[int, int]]) -> list[Place]:
    """Returns the pictures of one run, in order.

    Of a fixed size: three, and the first three times more. Of several sizes: each in turn and back, two of the first.
    """
    if len(sizes) == 1:
        return [(sizes[0], image) for image in (0, 1, 2, 0, 0, 0)]
    back = [*sizes, sizes[0]]
    return [*((size, 0) for size in back), (sizes[0], 1), *((size, 0) for size in reversed(back))]


def pixels(size: tuple[int, int], image: int) -> np.ndarray:
    """Returns a picture of uint8 [height, width, 3]: noise around a level and a slope, which differ from each other."""
    height, width = size
    generator = np.random.default_rng([height, width, image])
    level = generator.uniform(60, 200, (1, 1, 3))
    slope = generator.uniform(-50, 50, (3,)) * np.linspace(-1, 1, height)[:, np.newaxis, np.newaxis]
    noise = generator.normal(0, 45, (height, width, 3))
    return np.clip(np.rint(level + slope + noise), 0, 255).astype(np.uint8)


def png(picture: np.ndarray) -> bytes:
    """Returns the PNG file of a picture: 8 bits, RGB, without filters."""

    def chunk(kind: bytes, content: bytes) -> bytes:
        return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))

    height, width, _ = picture.shape
    rows = b"".join(b"\0" + row.tobytes() for row in picture)
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")


def picture_file(folder: pathlib.Path, place: Place) -> pathlib.Path:
    """Returns the file of a picture, writing it where it is not there yet."""
    (height, width), image = place
    path = folder / f"{height}x{width}-{image}.png"
    if not path.exists():
        part = path.with_suffix(f".{os.getpid()}-{id(place)}")
        part.write_bytes(png(pixels(*place)))
        part.replace(path)
    return path
