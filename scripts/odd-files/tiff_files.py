"""TIFF files."""

from __future__ import annotations

import copy
import io
import struct
from collections.abc import Iterator
from typing import Any, Literal

import numpy as np
import tifffile
from PIL import Image, ImageCms

from odd_file import (
    EMBEDDED,
    GRAY_PHOTOGRAPH,
    HALF_GRAY_PHOTOGRAPH,
    PHOTOGRAPH,
    QUARTER_PHOTOGRAPH,
    REFUSED,
    WARNED,
    OddFile,
    Photograph,
    as_rgb,
    replaced,
    saved,
    stored,
)

_ORIENTATION = 274
_SHORT, _LONG = 3, 4
_TAGS = {
    "width": 256,
    "height": 257,
    "depth": 258,
    "compression": 259,
    "strip_offsets": 273,
    "samples": 277,
    "rows_per_strip": 278,
    "strip_lengths": 279,
    "tile_width": 322,
}


def tiff_files(photograph: Photograph) -> Iterator[OddFile]:
    """Makes the TIFF files.

    Args:
        photograph: What they show.

    Yields:
        The files.
    """
    yield from _compressions(photograph)
    yield from _samples(photograph)
    yield from _layouts(photograph)
    yield from _damages(photograph)


# --- The tools --------------------------------------------------------------------------------------------------------


def tiff(*pages: np.ndarray, big: bool = False, order: Literal["<", ">"] = "<", **options: Any) -> bytes:
    """Writes a TIFF.

    Args:
        *pages: Its pages.
        big: Whether it is a BigTIFF.
        order: "<" or ">".
        **options: What tifffile is told of each page.

    Returns:
        The file.
    """
    file = io.BytesIO()
    with tifffile.TiffWriter(file, bigtiff=big, byteorder=order) as writer:
        for page in pages:
            # tifffile changes the dictionaries that it is given.
            writer.write(page, metadata=None, software=False, **copy.deepcopy({"photometric": "rgb", **options}))
    return file.getvalue()


def patched(data: bytes, tag: str, value: int, *, count: int | None = None) -> bytes:
    """Changes an entry of a little-endian TIFF's first directory.

    Args:
        data: The file.
        tag: The entry's name in `_TAGS`.
        value: Its new value.
        count: Its new count; None to keep it.

    Returns:
        The changed file.
    """
    directory = struct.unpack_from("<I", data, 4)[0]
    for index in range(struct.unpack_from("<H", data, directory)[0]):
        entry = directory + 2 + 12 * index
        number, kind, old_count = struct.unpack_from("<HHI", data, entry)
        if number == _TAGS[tag]:
            # A value above 65535 needs the wider type.
            kind = _LONG if value > 0xFFFF else kind
            field = struct.pack("<HH", value, 0) if kind == _SHORT else struct.pack("<I", value)
            return replaced(data, entry, struct.pack("<HHI", number, kind, count or old_count) + field)
    raise ValueError(f"no tag {tag}")


# --- The files --------------------------------------------------------------------------------------------------------


def _file(name: str, odd: str, data: bytes, expect: str = EMBEDDED, **more: Any) -> OddFile:
    return OddFile(f"tiff-{name}.tif", "TIFF", odd, data, expect, **more)


def _compressions(photograph: Photograph) -> Iterator[OddFile]:
    rgb, small = photograph.rgb, photograph.half.half.rgb
    yield _file("raw", "uncompressed", tiff(small), exact=small)
    yield _file("lzw", "LZW", tiff(small, compression="lzw"), exact=small)
    yield _file("lzw-predictor", "LZW with differences", tiff(small, compression="lzw", predictor=2), exact=small)
    yield _file("deflate", "deflate with differences", tiff(small, compression="zlib", predictor=2), exact=small)
    yield _file("packbits", "run lengths (PackBits)", tiff(small, compression="packbits"), exact=small)
    yield _file("zstd", "Zstandard", tiff(small, compression="zstd", predictor=2), exact=small)
    jpeg: dict[str, Any] = {"compression": "jpeg", "compressionargs": {"level": 90}}
    yield _file("jpeg", "JPEG within TIFF, YCbCr 4:2:0", tiff(rgb, **jpeg), near=PHOTOGRAPH)
    data = saved(small, "TIFF", compression="jpeg", quality=90)
    yield _file("jpeg-rgb", "JPEG within TIFF, coded as RGB", data, near=QUARTER_PHOTOGRAPH)
    data = tiff(photograph.gray, photometric="minisblack", **jpeg)
    yield _file("jpeg-gray", "JPEG within TIFF, grayscale", data, near=GRAY_PHOTOGRAPH)
    scan = Image.fromarray(photograph.bilevel * 255).convert("1")
    exact = as_rgb(photograph.bilevel * 255)
    yield _file("g4", "1 bit, fax compression (Group 4)", saved(scan, "TIFF", compression="group4"), exact=exact)
    yield _file("g3", "1 bit, fax compression (Group 3)", saved(scan, "TIFF", compression="group3"), exact=exact)
    short = saved(scan, "TIFF", compression="group4")
    height, width = photograph.bilevel.shape
    for rows, expect in ((height + 7, WARNED), (3 * height, REFUSED)):
        longer = patched(patched(short, "height", rows), "rows_per_strip", rows)
        whole = np.concatenate([exact, np.zeros((rows - height, width, 3), np.uint8)])
        odd = f"Group 4 with {height} rows where {rows} are announced"
        more: dict[str, Any] = {"exact": whole, "pillow": False} if expect == WARNED else {}
        yield _file(f"g4-{rows}-rows", odd, longer, expect, **more)


def _samples(photograph: Photograph) -> Iterator[OddFile]:
    quarter = photograph.half.half
    small, gray = quarter.rgb, photograph.half.gray
    wide = photograph.half.sixteen_bits(gray)
    yield _file("gray", "grayscale of 8 bit", tiff(gray, photometric="minisblack"), exact=as_rgb(gray))
    data = tiff(255 - gray, photometric="miniswhite", compression="zlib")
    yield _file("gray-inverted", "grayscale with 0 as white", data, exact=as_rgb(gray))
    data = tiff(wide, photometric="minisblack")
    yield _file("gray-16", "grayscale of 16 bit", data, near=HALF_GRAY_PHOTOGRAPH, largest_difference=1, pillow=False)
    data = tiff(quarter.sixteen_bits(small), compression="zlib", predictor=2)
    yield _file("rgb-16", "RGB of 16 bit", data, near=QUARTER_PHOTOGRAPH, largest_difference=1, pillow=False)
    data = tiff(wide, order=">", photometric="minisblack")
    odd = "grayscale of 16 bit, big-endian"
    yield _file("gray-16-big-endian", odd, data, near=HALF_GRAY_PHOTOGRAPH, largest_difference=1, pillow=False)
    bits = photograph.bilevel.astype(bool)
    yield _file(
        "1-bit", "1 bit, uncompressed", tiff(bits, photometric="minisblack"), exact=as_rgb(bits * np.uint8(255))
    )
    indices, palette = quarter.indexed(100)
    colormap = np.zeros((3, 256), np.uint16)
    colormap[:, : len(palette)] = palette.T.astype(np.uint16) * 257
    data = tiff(indices, photometric="palette", colormap=colormap, compression="zlib")
    yield _file("palette", "a palette", data, exact=palette[indices])
    data = tiff(quarter.rgba, extrasamples=["unassalpha"], compression="zlib")
    yield _file("rgba", "RGB with opacity", data, near=QUARTER_PHOTOGRAPH, largest_difference=4, pillow=False)
    data = tiff(quarter.ink, photometric="separated", compression="zlib", predictor=2)
    yield _file("cmyk", "CMYK", data, near=QUARTER_PHOTOGRAPH, largest_difference=3, pillow=False)
    wide = quarter.ink.astype(np.uint16) * 257
    data = tiff(wide, photometric="separated", compression="zlib", predictor=2)
    yield _file("cmyk-16", "CMYK of 16 bit", data, near=QUARTER_PHOTOGRAPH, largest_difference=3, pillow=False)
    yield from _lab(quarter)
    yield from _depths(photograph)
    data = tiff(small / np.float32(255), compression="zlib", predictor=3)
    yield _file("float", "floating point, 32 bit a sample, which the decoder does not read", data, REFUSED)
    data = tiff(quarter.gray / np.float32(255), photometric="minisblack", compression="zlib")
    yield _file("gray-float", "grayscale in floating point, which the decoder does not read", data, REFUSED)


def _lab(photograph: Photograph) -> Iterator[OddFile]:
    """Makes Lab pictures, converted by LittleCMS between its own profiles of sRGB and Lab (D50)."""
    image = Image.fromarray(photograph.rgb)
    profiles = ImageCms.createProfile("sRGB"), ImageCms.createProfile("LAB")
    # Pillow has a and b as TIFF has them: signed.
    lab = np.asarray(ImageCms.profileToProfile(image, *profiles, outputMode="LAB")).copy()
    near: dict[str, Any] = {"near": QUARTER_PHOTOGRAPH, "largest_difference": 6, "pillow": False}
    yield _file("lab", "CIELAB of 8 bit", tiff(lab, photometric="cielab", compression="zlib"), **near)
    wide = lab.astype(np.uint16) << 8
    yield _file("lab-16", "CIELAB of 16 bit", tiff(wide, photometric="cielab", compression="zlib"), **near)
    shifted = lab ^ np.array([0, 0x80, 0x80], np.uint8)
    yield _file("lab-icc", "Lab as ICC has it", tiff(shifted, photometric="icclab", compression="zlib"), **near)
    clear = np.concatenate([lab, photograph.rgba[:, :, 3:]], axis=2)
    data = tiff(clear, photometric="cielab", extrasamples=["unassalpha"], compression="zlib")
    yield _file("lab-alpha", "CIELAB with opacity", data, **near)
    # From black to white without colour: a and b are 0.
    ramp = np.zeros((8, 32, 3), np.uint8)
    ramp[:, :, 0] = np.linspace(0, 255, 32).round().astype(np.uint8)
    back = ImageCms.profileToProfile(Image.fromarray(ramp, "LAB"), *profiles[::-1], outputMode="RGB")
    exact = np.asarray(back)
    if np.ptp(exact, axis=2).max() > 1:
        raise RuntimeError("the ramp has colours")
    data = tiff(ramp, photometric="cielab")
    yield _file(
        "lab-ramp", "CIELAB without colours", data, near="tiff-lab-ramp-rgb.tif", largest_difference=1, pillow=False
    )
    yield _file("lab-ramp-rgb", "the same as RGB, by LittleCMS", tiff(exact), exact=exact)


def _packed(pixels: np.ndarray, bits: int) -> bytes:
    """Packs rows of samples, the high bit first, each row to whole bytes."""
    rows = pixels.reshape(pixels.shape[0], -1).astype(np.uint32)
    planes = (rows[:, :, None] >> np.arange(bits - 1, -1, -1, dtype=np.uint32)) & 1
    return np.packbits(planes.reshape(len(rows), -1).astype(np.uint8), axis=1).tobytes()


def _plain(content: bytes, size: tuple[int, int], bits: int, samples: int, kind: int, *, planes: int = 1) -> bytes:
    """Writes a TIFF of one strip a plane around packed samples, for depths that tifffile does not write."""
    colors = list(range(0, 1 << bits))
    scale = 65535 // (len(colors) - 1)
    tables = [[value * scale for value in colors], [65535 - value * scale for value in colors], [32768] * len(colors)]
    separate = planes > 1
    length = len(content) // planes
    values: list[tuple[int, int, list[int]]] = [
        (256, _SHORT, [size[0]]),
        (257, _SHORT, [size[1]]),
        (258, _SHORT, [bits] * samples),
        (259, _SHORT, [1]),
        (262, _SHORT, [kind]),
        (273, _LONG, [8 + length * plane for plane in range(planes)]),
        (277, _SHORT, [samples]),
        (278, _SHORT, [size[1]]),
        (279, _LONG, [length] * planes),
        (284, _SHORT, [2 if separate else 1]),
    ]
    if kind == _PALETTE:
        values.append((320, _SHORT, [value for table in tables for value in table]))
    content += b"\0" * (len(content) % 2)
    extra, entries = b"", b""
    directory = 8 + len(content)
    behind = directory + 2 + 12 * len(values) + 4
    for tag, kind_of_value, numbers in values:
        data = struct.pack(f"<{len(numbers)}{'H' if kind_of_value == _SHORT else 'I'}", *numbers)
        if len(data) > 4:
            field = struct.pack("<I", behind + len(extra))
            extra += data + b"\0" * (len(data) % 2)
        else:
            field = data.ljust(4, b"\0")
        entries += struct.pack("<HHI", tag, kind_of_value, len(numbers)) + field
    head = b"II*\0" + struct.pack("<I", directory)
    return head + content + struct.pack("<H", len(values)) + entries + bytes(4) + extra


_BLACK_IS_ZERO, _RGB, _PALETTE = 1, 2, 3


def _depths(photograph: Photograph) -> Iterator[OddFile]:
    """Makes pictures of depths that libtiff does not convert."""
    quarter = photograph.half.half
    small, size = quarter.rgb, (quarter.width, quarter.height)
    for bits in (4, 12):
        fewer = small >> 4 if bits == 4 else small.astype(np.uint16) << 4 | 5
        exact = (fewer * 17).astype(np.uint8) if bits == 4 else small
        data = _plain(_packed(fewer, bits), size, bits, 3, _RGB)
        yield _file(f"rgb-{bits}", f"RGB of {bits} bit", data, exact=exact, pillow=False)
        planes = b"".join(_packed(fewer[:, :, channel], bits) for channel in range(3))
        data = _plain(planes, size, bits, 3, _RGB, planes=3)
        yield _file(f"rgb-{bits}-planar", f"RGB of {bits} bit, a plane for each", data, exact=exact, pillow=False)
    gray = quarter.gray
    data = _plain(_packed(gray.astype(np.uint16) << 2, 10), size, 10, 1, _BLACK_IS_ZERO)
    yield _file("gray-10", "grayscale of 10 bit", data, exact=as_rgb(gray), pillow=False)
    six = gray >> 2
    # The palette goes from green to red.
    scaled = six.astype(np.uint32) * (65535 // 63)
    exact = np.stack([scaled >> 8, (65535 - scaled) >> 8, np.full(gray.shape, 128)], axis=2).astype(np.uint8)
    data = _plain(_packed(six, 6), size, 6, 1, _PALETTE)
    yield _file("palette-6", "a palette of 6 bit", data, exact=exact, pillow=False)


def _layouts(photograph: Photograph) -> Iterator[OddFile]:
    small = photograph.half.half.rgb
    packed: dict[str, Any] = {"compression": "zlib", "predictor": 2}
    yield _file("tiled", "tiles of 16 x 16", tiff(small, tile=(16, 16), **packed), exact=small)
    planes = np.ascontiguousarray(small.transpose(2, 0, 1))
    yield _file("planar", "a plane for each colour", tiff(planes, planarconfig="separate", **packed), exact=small)
    data = tiff(planes, planarconfig="separate", tile=(16, 16), **packed)
    yield _file("planar-tiled", "a plane for each colour, in tiles", data, exact=small)
    yield _file("strips", "a strip for each row", tiff(small, rowsperstrip=1), exact=small)
    pages = [small, small[8:16, :8], small[:8, :8]]
    yield _file("pages", "three pages; the first counts", tiff(*pages, **packed), exact=small)
    yield _file("big", "BigTIFF", tiff(small, big=True, **packed), exact=small)
    yield _file("big-endian", "big-endian", tiff(small, order=">", **packed), exact=small)
    for orientation in range(2, 9):
        tags = [(_ORIENTATION, "H", 1, orientation, True)]
        turned = stored(small, orientation)
        data = tiff(turned, extratags=tags, **packed)
        yield _file(f"orientation-{orientation}", f"orientation {orientation}", data, exact=small)


def _damages(photograph: Photograph) -> Iterator[OddFile]:
    small = photograph.half.half.rgb
    whole = tiff(small)
    packed = tiff(small, compression="zlib", predictor=2)
    # tifffile puts the directory in front of the pixels.
    yield _file("truncated-50", "ends at 50 %", whole[: len(whole) // 2], REFUSED)
    yield _file("deflate-truncated-50", "deflate, ends at 50 %", packed[: len(packed) // 2], REFUSED)
    yield _file("truncated-in-header", "ends inside the header", whole[:6], REFUSED)
    yield _file("truncated-in-directory", "ends inside the directory", whole[:60], REFUSED)
    directory = struct.unpack_from("<I", packed, 4)[0]
    count = struct.unpack_from("<H", packed, directory)[0]
    looped = replaced(packed, directory + 2 + 12 * count, struct.pack("<I", directory))
    yield _file("directory-loop", "a directory that follows itself; its page is sound", looped, exact=small)
    yield _file("directory-beyond", "a directory that lies outside", replaced(packed, 4, b"\xf0\xff\xff\xff"), REFUSED)
    yield _file("directory-on-header", "a directory that lies on the header", replaced(packed, 4, b"\0\0\0\0"), REFUSED)
    yield _file("endless-directory", "a directory of 65535 entries", replaced(packed, directory, b"\xff\xff"), REFUSED)
    middle = len(packed) - 200
    yield _file("deflate-corrupt", "deflate, 100 bytes overwritten", replaced(packed, middle, b"\xff" * 100), REFUSED)
    huge = patched(patched(packed, "width", 60000), "height", 60000)
    yield _file("claims-60000x60000", "claims 60000 x 60000 pixels", huge, REFUSED)
    large = patched(patched(packed, "width", 20000), "height", 20000)
    large = patched(large, "rows_per_strip", 20000)
    yield _file("claims-20000x20000", "claims 20000 x 20000 pixels, which the limits allow", large, REFUSED)
    tiled = tiff(small, tile=(16, 16), compression="zlib")
    wide_tile = patched(tiled, "tile_width", 0x7FFFFFF0)
    yield _file("huge-tile", "a tile of 2,147,483,632 columns", wide_tile, REFUSED)
    damaged = {
        "zero-width": ("a width of 0", patched(packed, "width", 0)),
        "strip-beyond": ("pixels that lie outside", patched(packed, "strip_offsets", 0x7FFFFFFF)),
        "strip-length": ("a strip of 4 GB", patched(packed, "strip_lengths", 0xFFFFFFFF)),
        "samples-65535": ("65535 samples a pixel", patched(packed, "samples", 65535)),
        "depth-count": ("a list of depths that is 4 GB long", patched(packed, "depth", 8, count=0x7FFFFFFF)),
        "compression-unknown": ("an unknown compression", patched(packed, "compression", 60000)),
    }
    for name, (odd, data) in damaged.items():
        yield _file(name, odd, data, REFUSED)
