"""Writes EXIF blocks, well formed or broken on purpose."""

from __future__ import annotations

import struct

BYTE, SHORT, LONG, SSHORT, SLONG = 1, 3, 4, 8, 9
ORIENTATION, COMPRESSION = 0x0112, 0x0103
THUMBNAIL_OFFSET, THUMBNAIL_LENGTH = 0x0201, 0x0202
LITTLE, BIG = "<", ">"

_HEADER_LENGTH = 8


def exif_block(
    orientation: int,
    order: str = LITTLE,
    *,
    thumbnail: bytes = b"",
    thumbnail_orientation: int = 1,
) -> bytes:
    """Writes EXIF data from its TIFF header on.

    Args:
        orientation: The value of tag 0x0112, whether it makes sense or not.
        order: `LITTLE` or `BIG`.
        thumbnail: A JPEG for the second directory; empty for none.
        thumbnail_orientation: The orientation that the second directory gives.

    Returns:
        The block.
    """
    main = [(ORIENTATION, SHORT, orientation)]
    main_length = 2 + 12 * len(main) + 4
    if not thumbnail:
        return header(order) + directory(main, order)
    second = [(COMPRESSION, SHORT, 6), (ORIENTATION, SHORT, thumbnail_orientation)]
    second_length = 2 + 12 * (len(second) + 2) + 4
    second_offset = _HEADER_LENGTH + main_length
    second += [(THUMBNAIL_OFFSET, LONG, second_offset + second_length), (THUMBNAIL_LENGTH, LONG, len(thumbnail))]
    return header(order) + directory(main, order, second_offset) + directory(second, order) + thumbnail


def header(order: str = LITTLE, first_directory: int = _HEADER_LENGTH) -> bytes:
    """Writes a TIFF header.

    Args:
        order: `LITTLE` or `BIG`.
        first_directory: Where the first directory is said to be.

    Returns:
        Eight bytes.
    """
    return (b"II" if order == LITTLE else b"MM") + struct.pack(order + "HI", 42, first_directory)


def directory(entries: list[tuple[int, int, int]], order: str = LITTLE, following: int = 0) -> bytes:
    """Writes one directory of single values.

    Args:
        entries: Tag, type (`SHORT` or `LONG`) and value of each.
        order: `LITTLE` or `BIG`.
        following: Where the next directory is; 0 for none.

    Returns:
        The directory.
    """
    data = struct.pack(order + "H", len(entries))
    for tag, kind, value in entries:
        field = struct.pack(order + "HH", value, 0) if kind == SHORT else struct.pack(order + "I", value)
        data += struct.pack(order + "HHI", tag, kind, 1) + field
    return data + struct.pack(order + "I", following)


def orientation_directory(value: int, kind: int, count: int, order: str, *, elsewhere: bool) -> bytes:
    """Writes a first directory with nothing but an orientation, as some cameras write it.

    Args:
        value: The orientation.
        kind: The type, from `BYTE` to `SLONG`.
        count: How many values there are said to be.
        order: `LITTLE` or `BIG`.
        elsewhere: Whether they lie behind the directory.

    Returns:
        The directory.
    """
    code = {BYTE: "B", SHORT: "H", LONG: "I", SSHORT: "h", SLONG: "i"}[kind]
    values = struct.pack(f"{order}{count}{code}", value, *[1] * (count - 1))
    field = values[:4].ljust(4, b"\0")
    if elsewhere:
        field = struct.pack(order + "I", _HEADER_LENGTH + 2 + 12 + 4)
    entry = struct.pack(order + "HHI", ORIENTATION, kind, count) + field
    return struct.pack(order + "H", 1) + entry + b"\0" * 4 + (values if elsewhere else b"")
