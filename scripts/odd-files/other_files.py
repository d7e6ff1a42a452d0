"""PSD, TGA, PNM, HDR and PIC files, and formats that are not decoded."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import Any

import imagecodecs
import numpy as np
from PIL import Image

from odd_file import (
    EMBEDDED,
    HALF_PHOTOGRAPH,
    REFUSED,
    OddFile,
    Photograph,
    as_rgb,
    over,
    replaced,
    saved,
)


def other_files(photograph: Photograph) -> Iterator[OddFile]:
    """Makes the files of the smaller formats.

    Args:
        photograph: What they show.

    Yields:
        The files.
    """
    yield from _psd_files(photograph)
    yield from _tga_files(photograph)
    yield from _pnm_files(photograph)
    yield from _hdr_files(photograph)
    yield from _pic_files(photograph)
    yield from _foreign_files(photograph)


def _runs(row: bytes) -> bytes:
    """Packs a row by PackBits, in pieces of up to 128 bytes as they are."""
    pieces = [row[start : start + 128] for start in range(0, len(row), 128)]
    return b"".join(bytes([len(piece) - 1]) + piece for piece in pieces)


# --- PSD --------------------------------------------------------------------------------------------------------------

_PSD_RGB, _PSD_CMYK = 3, 4


def _psd(
    planes: np.ndarray,
    *,
    depth: int = 8,
    mode: int = _PSD_RGB,
    packed: bool = False,
    resources: bytes = b"",
    layers: bytes = b"",
) -> bytes:
    """Writes a PSD; `planes` has the shape [channels, height, width]."""
    count, height, width = planes.shape
    header = b"8BPS" + struct.pack(">H6xHIIHH", 1, count, height, width, depth, mode)
    sections = bytes(4) + b"".join(struct.pack(">I", len(section)) + section for section in (resources, layers))
    if not packed:
        kind = ">u2" if depth == 16 else np.uint8
        return header + sections + struct.pack(">H", 0) + planes.astype(kind).tobytes()
    rows = [_runs(row.tobytes()) for row in planes.reshape(-1, width)]
    lengths = struct.pack(f">{len(rows)}H", *map(len, rows))
    return header + sections + struct.pack(">H", 1) + lengths + b"".join(rows)


def _psd_layers(count: int, *, is_wide: bool = False) -> bytes:
    """Writes the section of layers with an empty one; a negative count says that opacity was saved."""
    channels = b"".join(struct.pack(">hI", channel, 2) for channel in (0, 1, 2))
    name = bytes(8) + b"\0\0\0\0"
    record = bytes(16) + struct.pack(">H", 3) + channels + b"8BIMnorm" + b"\xff\0\0\0"
    content = struct.pack(">h", count) + record + struct.pack(">I", len(name)) + name + bytes(6)
    content += b"\0" * (-len(content) % 4)
    if is_wide:
        return bytes(8) + b"8BIMLr16" + struct.pack(">I", len(content)) + content
    return struct.pack(">I", len(content)) + content + bytes(4)


def _psd_resource(number: int, content: bytes) -> bytes:
    """Writes a resource without a name."""
    return b"8BIM" + struct.pack(">HHI", number, 0, len(content)) + content + b"\0" * (len(content) % 2)


def _psd_files(photograph: Photograph) -> Iterator[OddFile]:
    def file(name: str, odd: str, data: bytes, expect: str = EMBEDDED, **more: Any) -> OddFile:
        return OddFile(f"psd-{name}.psd", "PSD", odd, data, expect, **more)

    half = photograph.half
    small = half.rgb
    planes = small.transpose(2, 0, 1)
    raw = _psd(planes)
    yield file("raw", "uncompressed", raw, exact=small)
    yield file("packbits", "run lengths (PackBits)", _psd(planes, packed=True), exact=small)
    quarter = half.half
    wide = quarter.sixteen_bits(quarter.rgb).transpose(2, 0, 1)
    yield file("16", "16 bit a sample; the high byte counts", _psd(wide, depth=16), exact=quarter.rgb, pillow=False)
    ink = 255 - half.half.ink.transpose(2, 0, 1)
    # Zero where it matters, so that taking it for opacity shows.
    selection = np.zeros((1, quarter.height, quarter.width), np.uint8)
    selection[:, :5] = 255
    with_selection = np.concatenate([quarter.rgb.transpose(2, 0, 1), selection])
    yield file("selection", "a saved selection, no layers", _psd(with_selection), exact=quarter.rgb, pillow=False)
    data = _psd(with_selection, packed=True, layers=_psd_layers(1))
    yield file("selection-layers", "a saved selection beside layers", data, exact=quarter.rgb, pillow=False)
    # Photoshop lays what is not opaque on white.
    planes = np.concatenate([over(quarter.rgba, 255), quarter.rgba[:, :, 3:]], axis=2).transpose(2, 0, 1)
    size = {"size": (quarter.width, quarter.height)}
    yield file(
        "opacity", "opacity, which a negative number of layers says", _psd(planes, layers=_psd_layers(-1)), **size
    )
    wide = planes.astype(np.uint16) * 257
    data = _psd(wide, depth=16, layers=_psd_layers(-1, is_wide=True))
    yield file("opacity-16", "opacity of 16 bit, whose layers lie elsewhere", data, **size)
    missing = _psd_resource(1057, struct.pack(">IB", 1, 0) + bytes(12))
    data = _psd(quarter.rgb.transpose(2, 0, 1), resources=_psd_resource(1005, bytes(16)) + missing)
    yield file("no-composite", "saved without its merged picture", data, REFUSED)
    there = _psd_resource(1057, struct.pack(">IB", 1, 1) + bytes(12))
    data = _psd(quarter.rgb.transpose(2, 0, 1), resources=_psd_resource(1005, bytes(15)) + there)
    yield file("composite", "a resource that says it has its merged picture", data, exact=quarter.rgb)
    lie = replaced(data, data.index(struct.pack(">H", 1005)) + 4, b"\xff\xff\xff\xff")
    yield file("resource-lies", "a resource that says it is 4 GB long", lie, exact=quarter.rgb, pillow=False)
    data = _psd(planes, layers=_psd_layers(-1))
    lie = replaced(data, data.index(_psd_layers(-1)) - 4, b"\xff\xff\xff\xf0")
    yield file("layers-lie", "layers that say they are 4 GB long", lie, REFUSED)
    yield file("cmyk", "CMYK, which the decoder does not read", _psd(ink, mode=_PSD_CMYK), REFUSED)
    yield file("truncated-50", "ends at 50 %", raw[: len(raw) // 2], REFUSED)
    planes = half.half.rgb.transpose(2, 0, 1)
    huge = replaced(_psd(planes), 14, struct.pack(">II", 30000, 30000))
    yield file("claims-30000x30000", "claims 30000 x 30000 pixels", huge, REFUSED)
    large = replaced(_psd(planes, packed=True), 14, struct.pack(">II", 20000, 20000))
    yield file("claims-20000x20000", "claims 20000 x 20000 pixels, which the limits allow", large, REFUSED)


# --- TGA --------------------------------------------------------------------------------------------------------------

_TGA_PALETTE, _TGA_COLOR, _TGA_GRAY, _TGA_RUNS = 1, 2, 3, 8


def _tga(content: bytes, kind: int, depth: int, size: tuple[int, int], *, flags: int = 0x20) -> bytes:
    """Writes a TGA around its pixels; 0x20 in the flags says that they go from top to bottom."""
    return struct.pack("<BBBHHBHHHHBB", 0, 0, kind, 0, 0, 0, 0, 0, *size, depth, flags) + content


def _tga_files(photograph: Photograph) -> Iterator[OddFile]:
    def file(name: str, odd: str, data: bytes, expect: str = EMBEDDED, **more: Any) -> OddFile:
        return OddFile(f"tga-{name}.tga", "TGA", odd, data, expect, **more)

    half = photograph.half
    small, gray, size = half.rgb, half.gray, (half.width, half.height)
    bgr = small[:, :, ::-1]
    raw = _tga(bgr.tobytes(), _TGA_COLOR, 24, size)
    yield file("24", "24 bit, from top to bottom", raw, exact=small)
    yield file(
        "bottom-up", "24 bit, from bottom to top", _tga(bgr[::-1].tobytes(), _TGA_COLOR, 24, size, flags=0), exact=small
    )
    pixels = [bytes(pixel) for pixel in bgr.reshape(-1, 3)]
    packets = b"".join(
        bytes([min(128, len(pixels) - start) - 1]) + b"".join(pixels[start : start + 128])
        for start in range(0, len(pixels), 128)
    )
    footer = struct.pack("<II", 0, 0) + b"TRUEVISION-XFILE.\0"
    runs = _tga(packets, _TGA_COLOR | _TGA_RUNS, 24, size) + footer
    yield file("rle", "24 bit in packets (RLE), with TGA 2.0's footer", runs, exact=small)
    rgba = half.rgba[:, :, [2, 1, 0, 3]]
    yield file("32", "32 bit with opacity", _tga(rgba.tobytes(), _TGA_COLOR, 32, size, flags=0x28), exact=small)
    data = _tga(gray.tobytes(), _TGA_GRAY, 8, size)
    yield file("gray", "grayscale", data, exact=as_rgb(gray))
    yield file("truncated-50", "ends at 50 %", raw[: len(raw) // 2], REFUSED)
    yield file("rle-truncated-50", "in packets, ends at 50 %", runs[: len(runs) // 2], REFUSED)
    for width, height in ((60000, 60000), (20000, 20000)):
        odd = f"claims {width} x {height} pixels" + (", which the limits allow" if width == 20000 else "")
        yield file(f"claims-{width}x{height}", odd, replaced(raw[:99], 12, struct.pack("<HH", width, height)), REFUSED)


# --- PNM and PFM ------------------------------------------------------------------------------------------------------


def _pnm_files(photograph: Photograph) -> Iterator[OddFile]:
    def file(name: str, odd: str, data: bytes, expect: str = EMBEDDED, **more: Any) -> OddFile:
        return OddFile(name, "PNM", odd, data, expect, **more)

    half = photograph.half
    small, gray = half.rgb, half.gray
    size = b"%d %d\n" % (half.width, half.height)
    color = b"P6\n" + size + b"255\n" + small.tobytes()
    yield file("pnm-color.ppm", "binary, colour (P6)", color, exact=small)
    yield file("pnm-gray.pgm", "binary, grayscale (P5)", b"P5\n" + size + b"255\n" + gray.tobytes(), exact=as_rgb(gray))
    comments = b"P5 # a comment\n#another\n" + size + b"# and one more\n255\n" + gray.tobytes()
    yield file("pnm-comments.pgm", "comments in the header", comments, exact=as_rgb(gray))
    wide = b"P5\n" + size + b"65535\n" + half.sixteen_bits(gray).astype(">u2").tobytes()
    odd = "16 bit a sample; the high byte counts"
    yield file("pnm-gray-16.pgm", odd, wide, exact=as_rgb(gray), pillow=False)
    tiny = half.half.rgb
    tiny_size = b"%d %d\n" % (tiny.shape[1], tiny.shape[0])
    text = b"P3\n" + tiny_size + b"255\n" + b" ".join(b"%d" % value for value in tiny.ravel()) + b"\n"
    yield file("pnm-ascii.ppm", "as text, colour (P3)", text, exact=tiny)
    green = tiny[:, :, 1]
    text = b"P2\n" + tiny_size + b"255\n" + b" ".join(b"%d" % value for value in green.ravel()) + b"\n"
    yield file("pnm-ascii.pgm", "as text, grayscale (P2)", text, exact=as_rgb(green))
    bits = np.packbits(1 - half.bilevel, axis=1).tobytes()
    yield file("pnm-bits.pbm", "1 bit (P4)", b"P4\n" + size + bits, exact=as_rgb(half.bilevel * 255))
    floats = b"Pf\n%d %d\n-1.0\n" % (tiny.shape[1], tiny.shape[0])
    floats += (tiny[::-1, :, 1] / np.float32(255)).astype("<f4").tobytes()
    yield file("pnm-float.pfm", "floating point (PFM), which the decoder does not read", floats, REFUSED)
    yield file("pnm-truncated-50.ppm", "ends at 50 %", color[: len(color) // 2], REFUSED)
    yield file(
        "pnm-claims-60000x60000.ppm", "claims 60000 x 60000 pixels", b"P6 60000 60000 255\n" + bytes(99), REFUSED
    )
    odd = "claims 20000 x 20000 pixels, which the limits allow"
    yield file("pnm-claims-20000x20000.ppm", odd, b"P6 20000 20000 255\n" + bytes(99), REFUSED)
    yield file(
        "pnm-claims-overflow.ppm", "a width beyond 64 bit", b"P6 99999999999999999999 1 255\n" + bytes(99), REFUSED
    )


# --- HDR and PIC ------------------------------------------------------------------------------------------------------


def _hdr_files(photograph: Photograph) -> Iterator[OddFile]:
    def file(name: str, odd: str, data: bytes, expect: str = EMBEDDED, **more: Any) -> OddFile:
        return OddFile(f"hdr-{name}.hdr", "HDR", odd, data, expect, **more)

    half = photograph.half
    width, height = half.width, half.height
    # The decoder brings light to a screen's scale by the power 1 / 2.2.
    light = (half.rgb / 255.0) ** 2.2
    mantissa, exponent = np.frexp(light.max(axis=2, keepdims=True))
    scale = np.where(light.max(axis=2, keepdims=True) > 0, np.ldexp(256.0, -exponent), 0)
    assert mantissa.max() < 1
    samples = np.concatenate([np.floor(light * scale), exponent + 128.0], axis=2).astype(np.uint8)
    start = b"#?RADIANCE\nFORMAT=32-bit_rle_rgbe\n\n-Y %d +X %d\n"
    rows = b"".join(
        struct.pack(">BBH", 2, 2, width) + b"".join(bytes([width]) + row[:, channel].tobytes() for channel in range(4))
        for row in samples
    )
    packed = start % (height, width) + rows
    yield file("rle", "Radiance, run lengths", packed, near=HALF_PHOTOGRAPH, mean_difference=3.0, pillow=False)
    flat = start % (height, 7) + samples[:, :7].tobytes()
    yield file("flat", "Radiance, 7 pixels wide and thus without run lengths", flat, size=(7, height))
    yield file("truncated-50", "ends at 50 %", packed[: len(packed) // 2], REFUSED)
    for size in (60000, 20000):
        odd = f"claims {size} x {size} pixels" + (", which the limits allow" if size == 20000 else "")
        yield file(f"claims-{size}x{size}", odd, start % (size, size) + bytes(99), REFUSED)
    brackets = start.replace(b"+X", b"+Y") % (height, width) + rows[:999]
    yield file("bad-axes", "two axes of the same name", brackets, REFUSED)


def _pic_files(photograph: Photograph) -> Iterator[OddFile]:
    def file(name: str, odd: str, data: bytes, expect: str = EMBEDDED, **more: Any) -> OddFile:
        return OddFile(f"pic-{name}.pic", "PIC", odd, data, expect, pillow=False, **more)

    small = photograph.half.rgb
    raw, mixed_runs, red_green_blue = 0, 2, 0xE0

    def pic(kind: int, rows: bytes, height: int, width: int) -> bytes:
        start = b"\x53\x80\xf6\x34" + struct.pack(">f80s4sHHfHH", 3.71, b"", b"PICT", width, height, 1, 3, 0)
        return start + bytes([0, 8, kind, red_green_blue]) + rows

    height, width = small.shape[:2]
    whole = pic(raw, small.tobytes(), height, width)
    yield file("raw", "Softimage, uncompressed", whole, exact=small)
    rows = b"".join(bytes([width - 1]) + row.tobytes() for row in small)
    yield file("mixed", "Softimage, run lengths", pic(mixed_runs, rows, height, width), exact=small)
    yield file("truncated-50", "ends at 50 %", whole[: len(whole) // 2], REFUSED)
    yield file("claims-60000x60000", "claims 60000 x 60000 pixels", pic(raw, bytes(99), 60000, 60000), REFUSED)


# --- What is not decoded ----------------------------------------------------------------------------------------------


def _foreign_files(photograph: Photograph) -> Iterator[OddFile]:
    tiny = photograph.half.rgb
    kinds = {
        "jpeg-2000.jp2": ("JPEG 2000", bytes(imagecodecs.jpeg2k_encode(tiny, level=35))),
        "jpeg-xl.jxl": ("JPEG XL", bytes(imagecodecs.jpegxl_encode(tiny, level=80, numthreads=1))),
        "icon.ico": ("Windows icon", saved(Image.fromarray(tiny), "ICO", sizes=[(16, 16)])),
        "quite-ok.qoi": ("QOI", bytes(imagecodecs.qoi_encode(tiny))),
        "texture.dds": ("DDS", saved(Image.fromarray(tiny[:8, :8]), "DDS")),
    }
    for name, (kind, data) in kinds.items():
        yield OddFile(name, "other images", f"a {kind} image, which is not decoded", data, REFUSED)
