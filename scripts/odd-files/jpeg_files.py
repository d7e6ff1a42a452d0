"""JPEG files. Most are made by libjpeg-turbo's own `cjpeg` and `jpegtran`; the damage is done byte by byte."""

from __future__ import annotations

import itertools
import random
import struct
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from typing import Any

import imagecodecs
import numpy as np
from PIL import Image

import exif
from odd_file import (
    EMBEDDED,
    GRAY_PHOTOGRAPH,
    HALF_PHOTOGRAPH,
    PHOTOGRAPH,
    REFUSED,
    WARNED,
    Also,
    OddFile,
    Photograph,
    replaced,
    saved,
    stored,
)

SOI, EOI = b"\xff\xd8", b"\xff\xd9"
APP0, APP1, APP2, APP14, DQT, DHT, SOS = 0xE0, 0xE1, 0xE2, 0xEE, 0xDB, 0xC4, 0xDA
_SOF = frozenset(range(0xC0, 0xD0)) - {DHT, 0xC8, 0xCC}
_QUALITY = "90"
_TRUNCATED = (Also(("--allow-truncated",), WARNED),)
# Small files with little loss that Pillow refuses, or turns otherwise.
_UNREAD: dict[str, Any] = {"pillow": False, "mean_difference": 3.4}


def jpeg_files(photograph: Photograph) -> Iterator[OddFile]:
    """Makes the JPEG files.

    Args:
        photograph: What they show.

    Yields:
        The files.
    """
    yield from _codings(photograph)
    yield from _colours(photograph.half)
    yield from _orientations(photograph.half)
    yield from _segments(photograph.half)
    yield from _oddities(photograph)
    yield from _scans(photograph)
    yield from _truncations(photograph)
    yield from _damages(photograph)


# --- The tools --------------------------------------------------------------------------------------------------------


def cjpeg(picture: np.ndarray, *options: str) -> bytes:
    """Encodes a picture with libjpeg-turbo's program.

    Args:
        picture: RGB or gray, uint8.
        *options: The program's options.

    Returns:
        The JPEG.
    """
    command = ["cjpeg", "-quality", _QUALITY, "-optimize", *options]
    return subprocess.run(command, input=saved(picture, "PPM"), capture_output=True, check=True).stdout


def fine(picture: np.ndarray) -> bytes:
    """Encodes a small picture so that little of it is lost.

    Args:
        picture: RGB, uint8.

    Returns:
        The JPEG.
    """
    return cjpeg(picture, "-sample", "1x1", "-quality", "95")


def jpegtran(data: bytes, *options: str) -> bytes:
    """Recodes a JPEG without loss.

    Args:
        data: The JPEG.
        *options: The program's options.

    Returns:
        The new JPEG.
    """
    return subprocess.run(["jpegtran", *options], input=data, capture_output=True, check=True).stdout


def complaint(data: bytes) -> str:
    """Asks libjpeg-turbo what is wrong with a JPEG.

    Args:
        data: The file's bytes.

    Returns:
        What `djpeg` writes to its standard error; empty for nothing.
    """
    done = subprocess.run(["djpeg", "-ppm"], input=data, capture_output=True, check=False)
    return done.stderr.decode(errors="replace").strip()


def decoded(data: bytes) -> bytes:
    """Decodes a JPEG with libjpeg-turbo's program.

    Args:
        data: The JPEG.

    Returns:
        A PPM of what can be seen, however damaged.
    """
    return subprocess.run(["djpeg", "-ppm"], input=data, capture_output=True, check=False).stdout


def segment(marker: int, content: bytes) -> bytes:
    """Writes a segment.

    Args:
        marker: The marker's second byte.
        content: What follows the length.

    Returns:
        The segment.
    """
    return struct.pack(">BBH", 0xFF, marker, len(content) + 2) + content


def segments(data: bytes) -> Iterator[tuple[int, int, int]]:
    """Walks through a JPEG's segments up to the first scan.

    Args:
        data: The JPEG.

    Yields:
        The marker's second byte, where the segment begins and where it ends.
    """
    offset = 2
    while True:
        marker, length = data[offset + 1], struct.unpack_from(">H", data, offset + 2)[0]
        yield marker, offset, offset + 2 + length
        if marker == SOS:
            return
        offset += 2 + length


def find(data: bytes, markers: Sequence[int] | frozenset[int]) -> tuple[int, int]:
    """Finds a segment.

    Args:
        data: The JPEG.
        markers: Any of these.

    Returns:
        Where it begins and where it ends.
    """
    return next((begin, end) for marker, begin, end in segments(data) if marker in markers)


def inserted(data: bytes, extra: bytes, before: int | None = None) -> bytes:
    """Inserts bytes between two segments.

    Args:
        data: The JPEG.
        extra: What to insert.
        before: The marker in front of which it goes; None for right after the start.

    Returns:
        The new JPEG.
    """
    offset = 2 if before is None else find(data, [before])[0]
    return data[:offset] + extra + data[offset:]


def split_scans(data: bytes) -> list[bytes]:
    """Takes a JPEG of several scans apart.

    Args:
        data: The JPEG.

    Returns:
        What stands in front of the first scan's own tables, then each scan with its tables; the end marker is left out.
    """
    parts, begin, offset = [], 0, 2
    while (marker := data[offset + 1]) != EOI[1]:
        if marker == DHT and begin == 0:
            parts, begin = [data[:offset]], offset
        offset += 2 + struct.unpack_from(">H", data, offset + 2)[0]
        if marker == SOS:
            # In the data a marker's first byte stands in front of a zero, or of a restart marker.
            while data[offset] != 0xFF or data[offset + 1] == 0 or 0xD0 <= data[offset + 1] <= 0xD7:
                offset += 1
            parts.append(data[begin:offset])
            begin = offset
    return parts


def resized(data: bytes, width: int, height: int) -> bytes:
    """Changes the size that a JPEG claims.

    Args:
        data: The JPEG.
        width: The new width.
        height: The new height.

    Returns:
        The JPEG, else unchanged.
    """
    return replaced(data, find(data, _SOF)[0] + 5, struct.pack(">HH", height, width))


def exif_segment(block: bytes) -> bytes:
    """Wraps EXIF data for a JPEG.

    Args:
        block: The data from its TIFF header on.

    Returns:
        The segment.
    """
    return segment(APP1, b"Exif\0\0" + block)


# --- The files --------------------------------------------------------------------------------------------------------


def _file(name: str, odd: str, data: bytes, expect: str = EMBEDDED, **more: Any) -> OddFile:
    if expect != REFUSED and "size" not in more:
        more.setdefault("near", HALF_PHOTOGRAPH)
    return OddFile(f"jpeg-{name}.jpg", "JPEG", odd, data, expect, **more)


def _codings(photograph: Photograph) -> Iterator[OddFile]:
    rgb = photograph.rgb
    for name, sampling in {"444": "1x1", "422": "2x1", "420": "2x2", "440": "1x2", "411": "4x1", "410": "4x2"}.items():
        yield _file(name, f"baseline, 4:{name[1]}:{name[2]}", cjpeg(rgb, "-sample", sampling), near=PHOTOGRAPH)
    yield _file(
        "mixed-sampling",
        "each component sampled differently (2x2, 2x1, 1x2)",
        cjpeg(rgb, "-sample", "2x2,2x1,1x2"),
        near=PHOTOGRAPH,
        pillow=False,
        mean_difference=6.0,
    )
    gray = photograph.gray
    yield _file("gray", "grayscale, 4:0:0", cjpeg(gray, "-grayscale"), near=GRAY_PHOTOGRAPH)
    yield _file(
        "gray-2x2",
        "grayscale whose one component has the sampling factors 2x2",
        cjpeg(gray, "-grayscale", "-sample", "2x2"),
        near=GRAY_PHOTOGRAPH,
    )
    plain = cjpeg(rgb)
    yield _file("progressive", "progressive, 4:2:0", jpegtran(plain, "-progressive"), near=PHOTOGRAPH)
    yield _file(
        "progressive-gray",
        "progressive grayscale",
        jpegtran(cjpeg(gray, "-grayscale"), "-progressive"),
        near=GRAY_PHOTOGRAPH,
    )
    yield _file("arithmetic", "arithmetic coding", jpegtran(plain, "-arithmetic"), near=PHOTOGRAPH)
    yield _file(
        "restart",
        "a restart marker after every second block of 16x16",
        jpegtran(plain, "-restart", "2B"),
        near=PHOTOGRAPH,
    )
    yield _file(
        "quality-1", "coarsest quantization", cjpeg(rgb, "-quality", "1"), near=PHOTOGRAPH, mean_difference=40.0
    )
    yield _file(
        "12-bit",
        "12 bits a sample, which the decoder's 8-bit build does not read",
        bytes(
            imagecodecs.jpeg8_encode(photograph.half.sixteen_bits(photograph.half.rgb) >> 4, level=90, bitspersample=12)
        ),
        REFUSED,
    )
    yield _file(
        "lossless",
        "lossless coding (SOF3), which the decoder does not read",
        bytes(imagecodecs.jpeg8_encode(rgb[:24, :32].copy(), lossless=True)),
        REFUSED,
    )


def _colours(photograph: Photograph) -> Iterator[OddFile]:
    rgb, ink = photograph.rgb, photograph.ink
    yield _file("rgb", "coded as RGB (Adobe transform 0)", cjpeg(rgb, "-rgb"))
    cmyk = saved(Image.fromarray(ink, "CMYK"), "JPEG", quality=92)
    yield _file("cmyk", "CMYK, inverted as Adobe writes it", cmyk)
    ycck = bytes(imagecodecs.jpeg8_encode(255 - ink, level=92, colorspace="CMYK", outcolorspace="YCCK"))
    yield _file("ycck", "YCCK (CMYK through YCbCr), inverted as Adobe writes it", ycck)
    begin, end = find(cmyk, [APP14])
    odd = "CMYK without Adobe's marker, inverted all the same, as everybody reads it"
    yield _file("cmyk-unmarked", odd, cmyk[:begin] + cmyk[end:])


def _orientations(photograph: Photograph) -> Iterator[OddFile]:
    for orientation in range(1, 9):
        order = exif.BIG if orientation % 2 == 0 else exif.LITTLE
        pixels = stored(photograph.rgb, orientation)
        block = exif_segment(exif.exif_block(orientation, order))
        behind, odd = None, ""
        if orientation in (4, 5):
            behind, odd = DQT, ", after JFIF"
        if orientation == 5:
            # A camera's XMP sits in the same kind of segment as EXIF.
            xmp = segment(APP1, b'http://ns.adobe.com/xap/1.0/\0<x:xmpmeta xmlns:x="adobe:ns:meta/"/>')
            block, odd = xmp + block, ", after JFIF and XMP"
        words = "little-endian" if order == exif.LITTLE else "big-endian"
        also: tuple[Also, ...] = ()
        if orientation == 6:
            also = (Also(("--no-exif",), EMBEDDED),)
        data = inserted(fine(pixels), block, behind)
        yield _file(f"orientation-{orientation}", f"EXIF orientation {orientation}, {words}{odd}", data, also=also)


def _oddities(photograph: Photograph) -> Iterator[OddFile]:
    plain = fine(photograph.half.rgb)
    _, end = find(plain, [SOS])
    data = replaced(plain, end - 2, b"\0")
    yield _file("scan-parameters", "a baseline scan that claims to end with coefficient 0", data, WARNED)
    begin, end = find(plain, [APP0])
    adobe = segment(APP14, b"Adobe" + struct.pack(">HHHB", 100, 0, 0, 2))
    data = plain[:begin] + adobe + plain[end:]
    yield _file("adobe-transform-2", "three components with Adobe's transform for four", data, WARNED)
    yield _file("jfif-version", "JFIF version 9", replaced(plain, begin + 9, b"\x09"), WARNED)
    broken = segment(DHT, b"\0" + b"\xff" * 16)
    yield _file(
        "odd-ending", "a broken segment behind the picture's data", plain[:-2] + broken + EOI, WARNED, **_UNREAD
    )


def _scans(photograph: Photograph) -> Iterator[OddFile]:
    small = photograph.half
    head, *scans = split_scans(jpegtran(fine(small.rgb), "-progressive"))
    swapped = head + scans[1] + scans[0] + b"".join(scans[2:]) + EOI
    yield _file("progression-order", "progressive, the first scan behind the second", swapped, WARNED)
    # The sixth scan brings a bit of the luma that the last adds the next one to.
    lacking = head + b"".join(scans[:5] + scans[6:]) + EOI
    yield _file("progression-gap", "progressive, a scan between two others is missing", lacking, REFUSED)
    cut = head + b"".join(scans[:-1])
    yield _file("truncated-between-scans", "progressive, ends in front of its last scan", cut, REFUSED, also=_TRUNCATED)
    with tempfile.NamedTemporaryFile("w") as script:
        script.write("0;\n1;\n2;\n")
        script.flush()
        single = jpegtran(fine(small.rgb), "-scans", script.name)
    yield _file("three-scans", "baseline, a scan for each component", single)
    head, *scans = split_scans(single)
    yield _file("missing-scan", "baseline, one of three scans is missing", head + scans[0] + scans[1] + EOI, REFUSED)
    yield _file("three-scans-missing-eoi", "the same, the end marker is missing", single[:-2], WARNED, **_UNREAD)
    arithmetic = jpegtran(fine(small.rgb), "-arithmetic")
    odd = "arithmetic coding, the end marker is missing, so that zeros may be too"
    yield _file("arithmetic-missing-eoi", odd, arithmetic[:-2], REFUSED, also=_TRUNCATED)


def _segments(photograph: Photograph) -> Iterator[OddFile]:
    plain = fine(photograph.rgb)
    sideways = fine(stored(photograph.rgb, 6))
    thumbnail = cjpeg(stored(photograph.rgb[::4, ::4], 3), "-quality", "50")
    block = exif.exif_block(6, exif.BIG, thumbnail=thumbnail, thumbnail_orientation=3)
    yield _file(
        "exif-thumbnail",
        "EXIF orientation 6, and a thumbnail with orientation 3",
        inserted(sideways, exif_segment(block)),
    )
    forms = {
        "slong": (exif.SLONG, 1, "as SLONG"),
        "long": (exif.LONG, 1, "as LONG"),
        "sshort": (exif.SSHORT, 1, "as SSHORT"),
        "byte": (exif.BYTE, 1, "as BYTE"),
        "two": (exif.SHORT, 2, "and another one"),
        "three": (exif.SHORT, 3, "and two others, behind the directory"),
        "wrong-count": (exif.SHORT, 6, "with a count of 6"),
    }
    for name, (kind, count, odd) in forms.items():
        block = exif.header(exif.BIG) + exif.orientation_directory(6, kind, count, exif.BIG, elsewhere=name == "three")
        data = inserted(sideways, exif_segment(block))
        more = {} if kind != exif.BYTE and count == 1 else _UNREAD
        yield _file(f"orientation-{name}", f"EXIF orientation 6 {odd}", data, **more)
    for value in (0, 9):
        data = inserted(plain, exif_segment(exif.exif_block(value)))
        yield _file(f"orientation-{value}", f"EXIF orientation {value}, which means nothing", data)
    beyond = exif.header(first_directory=0xFFFFFFF0)
    yield _file("exif-directory-beyond", "EXIF whose directory lies outside", inserted(plain, exif_segment(beyond)))
    endless = exif.header() + b"\xff\xff" + b"\x77" * 40
    yield _file(
        "exif-endless-directory", "EXIF that claims 65535 entries and ends", inserted(plain, exif_segment(endless))
    )
    looped = exif.header() + exif.directory([(exif.COMPRESSION, exif.SHORT, 6)], following=8)
    yield _file("exif-directory-loop", "EXIF whose directory follows itself", inserted(plain, exif_segment(looped)))
    yield _file("exif-empty", "an EXIF segment without content", inserted(plain, segment(APP1, b"Exif\0\0")))
    profile = bytes(itertools.islice(itertools.cycle(range(251)), 24_000))
    pieces = [profile[:16_000], profile[16_000:]]
    chunks = b"".join(
        segment(APP2, b"ICC_PROFILE\0" + bytes([number, len(pieces)]) + piece) for number, piece in enumerate(pieces, 1)
    )
    yield _file("huge-icc", "24,000 bytes that are no ICC profile, in two segments for one", inserted(plain, chunks))
    yield _file("fill-bytes", "fill bytes (FF) in front of markers", inserted(plain, b"\xff" * 7, DQT))
    comment = segment(0xFE, b"<?php echo 1; ?>\0" + b"%n%s" * 8)
    yield _file("comment", "a comment with code in it", inserted(plain, comment))
    yield _file("extraneous", "60 stray bytes between segments", inserted(plain, b"\x11" * 60, DHT), WARNED)
    yield _file("junk-before-eoi", "300 stray bytes between the scan and its end", _junk_before_eoi(plain), WARNED)
    yield _file("junk-after-eoi", "1,000 bytes after the end", plain + random.Random(1).randbytes(1000))
    second = cjpeg(stored(255 - photograph.rgb, 3), "-quality", "50")
    yield _file("two-images", "a second JPEG behind the first, as cameras append previews", plain + second)


def _junk_before_eoi(data: bytes) -> bytes:
    assert data.endswith(EOI)
    return data[:-2] + b"\x2a" * 300 + EOI


def _truncations(photograph: Photograph) -> Iterator[OddFile]:
    plain = cjpeg(photograph.rgb)
    progressive = jpegtran(plain, "-progressive")
    sof = find(plain, _SOF)[0]
    yield _file("truncated-in-header", "ends inside the frame header", plain[: sof + 7], REFUSED)
    yield _file("truncated-after-soi", "nothing but the first four bytes", plain[:4], REFUSED)
    for name, data in {"50": plain, "progressive-50": progressive}.items():
        half = data[: len(data) // 2]
        yield _file(f"truncated-{name}", "ends at 50 %", half, REFUSED, also=_TRUNCATED)
    whole = {"pillow": False, "near": PHOTOGRAPH, "mean_difference": 4.0}
    yield _file("missing-last-byte", "the last byte is missing", plain[:-1], WARNED, **whole)
    yield _file("missing-eoi", "the end marker is missing", plain[:-2], WARNED, **whole)
    yield _file("progressive-missing-eoi", "the same of a progressive file", progressive[:-2], WARNED, **whole)
    odd = "the last bytes of the picture's data are missing"
    yield _file("truncated-at-the-end", odd, plain[:-4], REFUSED, also=_TRUNCATED)
    zeros = plain[: len(plain) // 2] + b"\0" * (len(plain) - len(plain) // 2)
    yield _file("zeros-from-50", "zeros from 50 % on, as a broken download leaves", zeros, REFUSED)


def _damages(photograph: Photograph) -> Iterator[OddFile]:
    plain = cjpeg(photograph.rgb)
    small = cjpeg(photograph.half.rgb)
    scan = find(plain, [SOS])[1]
    middle = scan + (len(plain) - scan) // 2
    damaged = {
        "corrupt-scan": ("40 bytes of the scan overwritten", _overwritten(plain, middle)),
        "marker-in-scan": ("a stray start of a frame inside the scan", replaced(plain, middle, b"\xff\xc0\0\x04")),
    }
    restarted = jpegtran(plain, "-restart", "2B")
    third = restarted.index(b"\xff\xd2")
    damaged["corrupt-restart"] = ("a restart marker out of order", replaced(restarted, third, b"\xff\xd6"))
    for name, (odd, data) in damaged.items():
        if not complaint(data):
            raise RuntimeError(f"jpeg-{name}: libjpeg-turbo takes it")
        yield _file(name, odd, data, REFUSED)
    unseen = {
        "corrupt-unseen": ("", EMBEDDED, "a bit of the scan flipped, which the format has no means to notice"),
        "corrupt-ends-early": ("extraneous bytes", WARNED, "a bit of the scan flipped, so that the picture ends early"),
    }
    for name, (words, expect, odd) in unseen.items():
        data = _flipped(plain, scan, words)
        yield _file(name, odd, data, expect, size=(photograph.width, photograph.height))
    begin, end = find(small, [DQT])
    yield _file("no-quantization", "no quantization table", small[:begin] + small[end:], REFUSED)
    begin, _ = find(small, [DHT])
    yield _file(
        "bad-huffman", "a Huffman table with more codes than fit", replaced(small, begin + 5, b"\xff" * 16), REFUSED
    )
    begin, _ = find(small, _SOF)
    yield _file("no-components", "a frame without components", replaced(small, begin + 9, b"\0"), REFUSED)
    yield _file("segment-length-0", "a segment whose length is 0", replaced(small, begin + 2, b"\0\0"), REFUSED)
    yield _file("zero-width", "a width of 0", resized(small, 0, photograph.height), REFUSED)
    yield _file(
        "zero-height", "a height of 0, to be given after the scan (DNL)", resized(small, photograph.width, 0), REFUSED
    )
    for width, height in ((65535, 65535), (65500, 65500), (32768, 32768), (20000, 20000)):
        name = f"claims-{width}x{height}"
        odd = f"claims {width} x {height} pixels" + (", which the limits allow" if width == 20000 else "")
        yield _file(name, odd, resized(small, width, height), REFUSED)
    yield _file("883-scans", "a legal progressive image of 1024 x 1024 pixels in 883 scans", _many_scans(), REFUSED)


def _overwritten(data: bytes, offset: int) -> bytes:
    """Overwrites 40 bytes of a scan with noise that makes no Huffman code."""
    for seed in range(100):
        noise = bytes(min(byte, 0xFE) for byte in random.Random(seed).randbytes(40))
        changed = replaced(data, offset, noise)
        if "bad Huffman code" in complaint(changed):
            return changed
    raise RuntimeError("libjpeg-turbo takes all noise")


def _flipped(data: bytes, scan: int, words: str) -> bytes:
    """Flips the first bit from the scan's middle on that makes libjpeg-turbo say these words, or say nothing."""
    sound = decoded(data)
    for offset, bit in itertools.product(range(scan + (len(data) - scan) // 2, len(data) - 2), range(8)):
        changed = replaced(data, offset, bytes([data[offset] ^ 1 << bit]))
        said = complaint(changed)
        is_marker = b"\xff" in changed[offset - 1 : offset + 2]
        if not is_marker and (words in said if words else not said) and decoded(changed) != sound:
            return changed
    raise RuntimeError(f"no bit makes libjpeg-turbo say {words!r}")


def _many_scans() -> bytes:
    """Writes a gray image, each bit of each coefficient in a scan of its own."""
    size, blocks = 1024, 1024 // 8 * 1024 // 8
    frame = struct.pack(">BHHB", 8, size, size, 1) + bytes([1, 0x11, 0])
    # One code of one bit each: "no difference" for the DC, "the next 16384 blocks are empty" for the AC.
    tables = b"".join(bytes([kind]) + b"\x01" + b"\0" * 15 + bytes([symbol]) for kind, symbol in ((0, 0), (0x10, 0xE0)))
    data = SOI + segment(DQT, b"\0" + b"\1" * 64) + segment(0xC2, frame) + segment(DHT, tables)
    assert blocks == 1 << 14

    def scan(band: int, high: int, low: int, content: bytes) -> bytes:
        return segment(SOS, bytes([1, 1, 0, band, band, high << 4 | low])) + content

    data += scan(0, 0, 0, b"\0" * (blocks // 8))
    for low in range(13, -1, -1):
        for band in range(1, 64):
            data += scan(band, 0 if low == 13 else low + 1, low, b"\0\x01")
    return data + EOI
