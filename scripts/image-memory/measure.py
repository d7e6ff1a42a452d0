#!/usr/bin/env python3
"""Measures the memory that decoding takes, and writes the table of docs/image-formats.md to the standard output.

    measure.py [--photographs DIR] [EXECUTABLE]       (default: .build/release/image-embedder)

One photograph of 24 megapixels is saved in every form and embedded by a process of its own with a model whose vector
is the small picture. What counts is the process's largest resident memory, less that of a picture of a few pixels in
the same format, by pixel. `requirements.txt` beside this script says what it needs.
"""

from __future__ import annotations

import argparse
import io
import os
import pathlib
import struct
import subprocess
import sys
import tempfile
from collections.abc import Callable
from typing import Any

import imagecodecs
import numpy as np
import pillow_heif
import tifffile
from PIL import Image

ROOT = pathlib.Path(__file__).resolve().parents[2]
CACHE = pathlib.Path(os.environ.get("XDG_CACHE_HOME") or pathlib.Path.home() / ".cache")
MODEL = ROOT / "Tests/TestSupport/Fixtures/Models/identity_uint8_32x24.tflite"
SIZE = (6000, 4000)
SMALL = (96, 64)
# What the documentation promises for every pixel of --max-pixels.
MOST_BYTES = 32


def pillow(kind: str, mode: str = "RGB", **options: Any) -> Callable[[np.ndarray], bytes]:
    """Saves with Pillow.

    Args:
        kind: Pillow's name of the format.
        mode: The kind of pixels.
        **options: Pillow's options.

    Returns:
        What turns RGBA pixels into a file.
    """

    def save(rgba: np.ndarray) -> bytes:
        file = io.BytesIO()
        image = Image.fromarray(rgba) if mode == "RGBA" else Image.fromarray(rgba[:, :, :3]).convert(mode)
        image.save(file, kind, **options)
        return file.getvalue()

    return save


def wide(samples: np.ndarray, bits: int = 16) -> np.ndarray:
    """Widens 8-bit samples.

    Args:
        samples: uint8.
        bits: How many bits the result has.

    Returns:
        uint16.
    """
    return samples.astype(np.uint16) * 257 >> (16 - bits)


def avif(bits: int, channels: int) -> Callable[[np.ndarray], bytes]:
    """Saves AVIF of more than 8 bits, 4:4:4.

    Args:
        bits: 10 or 12.
        channels: 3 or 4.

    Returns:
        What turns RGBA pixels into a file.
    """
    options: dict[str, Any] = {"level": 70, "bitspersample": bits, "speed": 10, "numthreads": 1}
    return lambda rgba: bytes(imagecodecs.avif_encode(wide(rgba[:, :, :channels], bits), **options))


def heic(mode: str, **options: Any) -> Callable[[np.ndarray], bytes]:
    """Saves HEIC.

    Args:
        mode: pillow-heif's name of the kind of pixels.
        **options: Its options.

    Returns:
        What turns RGBA pixels into a file.
    """

    def save(rgba: np.ndarray) -> bytes:
        samples = rgba if mode.startswith("RGBA") else np.ascontiguousarray(rgba[:, :, :3])
        samples = wide(samples) if mode.endswith("16") else samples
        file = io.BytesIO()
        size = (rgba.shape[1], rgba.shape[0])
        settings = {"quality": 50, "enc_params": {"preset": "ultrafast"}, **options}
        pillow_heif.encode(mode, size, samples.tobytes(), file, **settings)
        return file.getvalue()

    return save


def tiff(channels: int, bits: int = 8, **options: Any) -> Callable[[np.ndarray], bytes]:
    """Saves TIFF, by default as one strip.

    Args:
        channels: 3 or 4.
        bits: 8 or 16.
        **options: tifffile's options.

    Returns:
        What turns RGBA pixels into a file.
    """

    def save(rgba: np.ndarray) -> bytes:
        samples = rgba[:, :, :channels]
        file = io.BytesIO()
        settings = {"compression": "zlib", "photometric": "rgb", "rowsperstrip": rgba.shape[0], **options}
        tifffile.imwrite(file, wide(samples) if bits == 16 else samples, **settings)
        return file.getvalue()

    return save


def psd(rgba: np.ndarray) -> bytes:
    """Saves a Photoshop document without layers.

    Args:
        rgba: The pixels.

    Returns:
        The file.
    """
    height, width = rgba.shape[:2]
    header = b"8BPS" + struct.pack(">H6xHIIHH", 1, 3, height, width, 8, 3)
    return header + bytes(14) + rgba[:, :, :3].transpose(2, 0, 1).tobytes()


FORMS: dict[str, Callable[[np.ndarray], bytes]] = {
    "JPEG, baseline": pillow("JPEG", quality=90),
    "JPEG, progressive, 4:4:4": pillow("JPEG", quality=90, progressive=True, subsampling=0),
    "JPEG, progressive, CMYK": pillow("JPEG", "CMYK", quality=90, progressive=True, subsampling=0),
    "PNG": pillow("PNG", compress_level=1),
    "PNG, 16 bit with opacity": lambda rgba: bytes(imagecodecs.png_encode(wide(rgba), level=1)),
    "WebP, lossy": pillow("WEBP", quality=80, method=0),
    "WebP, lossless with opacity": pillow("WEBP", "RGBA", lossless=True, method=0, quality=10),
    "GIF": pillow("GIF", "P"),
    "BMP": pillow("BMP"),
    "PNM": pillow("PPM"),
    "TGA": pillow("TGA"),
    "PSD": psd,
    "TIFF, strips": tiff(3, rowsperstrip=16),
    "TIFF, one strip": tiff(3),
    "TIFF, one strip of 16 bit with opacity": tiff(4, 16, extrasamples=["unassalpha"]),
    "HEIC": heic("RGB"),
    "HEIC, grid": heic("RGB", tile_size=512),
    "HEIC, 10 bit, 4:4:4, with opacity": heic("RGBA;16", chroma=444),
    "AVIF": pillow("AVIF", quality=60, speed=10),
    "AVIF, gray": pillow("AVIF", "L", quality=60, speed=10, subsampling="4:0:0"),
    "AVIF, 4:4:4": pillow("AVIF", quality=60, speed=10, subsampling="4:4:4"),
    "AVIF, film grain": pillow("AVIF", quality=60, speed=10, advanced={"film-grain-test": "4"}),
    "AVIF, 12 bit, 4:4:4, with opacity": avif(12, 4),
}


def peak(program: pathlib.Path, path: pathlib.Path) -> int:
    """Embeds a file.

    Args:
        program: The program.
        path: The file.

    Returns:
        The most bytes that the process had in memory.
    """
    command = [str(program), "embed", str(path), "--model", str(MODEL), "--threads", "1"]
    # A new process counts the memory of the one that it was forked from, so that has to be a small one.
    done = subprocess.run([sys.executable, "-c", _MEASURE, *command], capture_output=True, text=True, check=True)
    status, kilobytes = map(int, done.stdout.split())
    if status != 0:
        sys.exit(f"{path.name} is not embedded: {done.stderr}")
    return kilobytes * 1024


_MEASURE = """
import os, subprocess, sys
process = subprocess.Popen(sys.argv[1:], stdout=subprocess.DEVNULL)
_, status, usage = os.wait4(process.pid, 0)
print(status, usage.ru_maxrss)
"""


def main() -> None:
    """Measures every form."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--photographs", type=pathlib.Path, default=CACHE / "image-embedder/photographs-0.26.0")
    parser.add_argument("program", nargs="?", type=pathlib.Path, default=ROOT / ".build/release/image-embedder")
    options = parser.parse_args()
    photograph = Image.open(options.photographs / "chelsea.png").convert("RGB")

    def pixels(size: tuple[int, int]) -> np.ndarray:
        rgb = np.asarray(photograph.resize(size, Image.Resampling.BICUBIC))
        return np.dstack([rgb, np.full(rgb.shape[:2], 200, np.uint8)])

    large, small = pixels(SIZE), pixels(SMALL)
    print("| form | file, bytes a pixel | memory, bytes a pixel |\n|---|---|---|")
    for name, save in FORMS.items():
        with tempfile.TemporaryDirectory() as folder:
            path = pathlib.Path(folder) / name
            path.write_bytes(save(small))
            base = peak(options.program, path)
            path.write_bytes(save(large))
            count = SIZE[0] * SIZE[1]
            file = path.stat().st_size / count
            # The file itself is in memory as well, and is no matter of decoding.
            memory = (peak(options.program, path) - base) / count - file
        print(f"| {name} | {file:.2f} | {memory:.1f} |", flush=True)
        if memory > MOST_BYTES:
            sys.exit(f"{name} takes more than {MOST_BYTES} bytes a pixel")


if __name__ == "__main__":
    main()
