#!/usr/bin/env python3
"""Writes the odd files: one small photograph in every format and with every defect that users' folders hold.

    make_odd_files.py [--photographs DIR] [--output DIR]

README.md beside this script says what it needs. The files and `manifest.json`, which says what each is and what is
expected of it, go to Tests/TestSupport/Fixtures/OddFiles.
"""

from __future__ import annotations

import argparse
import hashlib
import importlib.metadata
import io
import itertools
import json
import math
import os
import pathlib
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import numpy as np
from PIL import Image, ImageOps
from pillow_heif import register_heif_opener

from heif_files import heif_files
from jpeg_files import jpeg_files
from not_images import not_images
from odd_file import REFUSED, Also, OddFile, Photograph
from other_files import other_files
from png_files import png_files
from raster_files import bmp_files, gif_files, webp_files
from tiff_files import tiff_files

ROOT = pathlib.Path(__file__).resolve().parents[2]
CACHE = pathlib.Path(os.environ.get("XDG_CACHE_HOME") or pathlib.Path.home() / ".cache")
ORIGINAL = "chelsea.png"
MOST_BYTES = 1_000_000
# What a decoder's mistake would exceed by far.
MOST_DIFFERENCE = 8.0


def make(photograph: Photograph) -> Iterator[OddFile]:
    """Makes all files, grouped by format.

    Args:
        photograph: What they show.

    Yields:
        The files.
    """
    makers = (
        png_files,
        jpeg_files,
        webp_files,
        gif_files,
        bmp_files,
        tiff_files,
        heif_files,
        other_files,
        not_images,
    )
    return itertools.chain.from_iterable(maker(photograph) for maker in makers)


def pillow_pixels(data: bytes) -> np.ndarray:
    """Decodes an image with Pillow.

    Args:
        data: The file's bytes.

    Returns:
        The upright RGB pixels; opacity is dropped.
    """
    with Image.open(io.BytesIO(data)) as image:
        # Pillow turns TIFF's 7 and 8 when it opens them, and forgets that it did.
        upright = ImageOps.exif_transpose(image)
        if upright.mode == "P" and "transparency" in upright.info:
            upright = upright.convert("RGBA")
        return np.asarray(upright.convert("RGB")).astype(np.int16)


def entry(file: OddFile, files: dict[str, OddFile]) -> dict[str, Any]:
    """Describes a file, after a check that an independent decoder sees what we say is in it.

    Args:
        file: The file.
        files: All files by name.

    Returns:
        Its entry in the manifest.
    """
    result: dict[str, Any] = {
        "name": file.name,
        "format": file.format,
        "odd": file.odd,
        "bytes": len(file.data),
        "expect": file.expect,
    }
    pixels = reference_pixels(file, files)
    if pixels:
        result["reference_pixels"] = pixels
    if file.also:
        result["also"] = [also_entry(also) for also in file.also]
    return result


def reference_pixels(file: OddFile, files: dict[str, OddFile]) -> dict[str, Any] | None:
    """Says what a decoder should see in a file.

    Args:
        file: The file.
        files: All files by name.

    Returns:
        The manifest's field; None for a file without a picture.
    """
    if file.exact is not None:
        if file.pillow and (difference := differences(file, file.exact).max()):
            raise RuntimeError(f"{file.name}: Pillow sees other pixels, up to {difference} away")
        return exact_pixels(file.exact)
    if file.near is not None:
        target = files[file.near].exact
        if target is None:
            raise RuntimeError(f"{file.name}: {file.near} has no exact pixels")
        height, width = target.shape[:2]
        return {"width": width, "height": height, "close_to": file.near, **tolerance(file, target)}
    if file.size is not None:
        return {"width": file.size[0], "height": file.size[1]}
    if file.expect != REFUSED:
        raise RuntimeError(f"{file.name}: nothing says what it shows")
    return None


def differences(file: OddFile, target: np.ndarray) -> np.ndarray:
    """Holds what Pillow sees in a file against what should be in it.

    Args:
        file: The file.
        target: The expected pixels.

    Returns:
        How far each value is away.
    """
    seen = pillow_pixels(file.data)
    if seen.shape != target.shape:
        raise RuntimeError(f"{file.name}: Pillow sees {seen.shape}, not {target.shape}")
    return np.abs(seen - target)


def tolerance(file: OddFile, target: np.ndarray) -> dict[str, Any]:
    """Says how far a decoder may be from the picture that a file must resemble.

    Args:
        file: The file.
        target: The picture.

    Returns:
        The field for the manifest.
    """
    if file.largest_difference is not None:
        if file.pillow and differences(file, target).max() > file.largest_difference:
            raise RuntimeError(f"{file.name}: Pillow sees other pixels")
        return {"largest_difference": file.largest_difference}
    if file.mean_difference is None:
        measured = float(differences(file, target).mean())
        if not file.pillow or measured > MOST_DIFFERENCE:
            raise RuntimeError(f"{file.name}: {measured:.1f} from {file.near}")
        return {"mean_difference": math.ceil((1.25 * measured + 0.5) * 10) / 10}
    if file.pillow and differences(file, target).mean() > file.mean_difference:
        raise RuntimeError(f"{file.name}: Pillow sees other pixels")
    return {"mean_difference": file.mean_difference}


def exact_pixels(pixels: np.ndarray) -> dict[str, Any]:
    """Describes pixels that are known.

    Args:
        pixels: uint8 of shape [height, width, 3].

    Returns:
        The manifest's field.
    """
    height, width = pixels.shape[:2]
    content = np.ascontiguousarray(pixels, np.uint8).tobytes()
    return {"width": width, "height": height, "sha256": hashlib.sha256(content).hexdigest()}


def also_entry(also: Also) -> dict[str, Any]:
    """Describes what becomes of a file under other options.

    Args:
        also: The options and the result.

    Returns:
        An element of the manifest's field `also`.
    """
    result: dict[str, Any] = {"options": list(also.options), "expect": also.expect}
    if also.exact is not None:
        result["reference_pixels"] = exact_pixels(also.exact)
    return result


def tools() -> dict[str, str]:
    """Names what the files were made with.

    Returns:
        Versions by name.
    """
    packages = ("imagecodecs", "numpy", "pillow", "pillow-heif", "tifffile")
    versions = {name: importlib.metadata.version(name) for name in packages}
    done = subprocess.run(["cjpeg", "-version"], capture_output=True, text=True, check=True)
    versions["cjpeg"] = (done.stderr or done.stdout).split(" (")[0].strip()
    return versions


def main() -> None:
    """Writes the files and their manifest."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--photographs", type=pathlib.Path, default=CACHE / "image-embedder/photographs-0.26.0")
    parser.add_argument("--output", type=pathlib.Path, default=ROOT / "Tests/TestSupport/Fixtures/OddFiles")
    paths = parser.parse_args()

    register_heif_opener()
    made = list(make(Photograph.read(paths.photographs / ORIGINAL)))
    files = {file.name: file for file in made}
    if len(files) != len(made):
        sys.exit("two files have the same name")
    entries = [entry(file, files) for file in made]

    paths.output.mkdir(parents=True, exist_ok=True)
    for old in paths.output.iterdir():
        if old.name not in files and old.name != "README.md":
            old.unlink()
    for file in made:
        (paths.output / file.name).write_bytes(file.data)
    manifest = {
        "generator": "scripts/odd-files/make_odd_files.py",
        "photograph": f"{ORIGINAL} of scikit-image 0.26.0, scaled",
        "tools": tools(),
        "files": entries,
    }
    text = json.dumps(manifest, indent=1, ensure_ascii=False)
    (paths.output / "manifest.json").write_text(text + "\n")
    total = sum(len(file.data) for file in made)
    print(f"{len(made)} files, {total:,} bytes")
    if total > MOST_BYTES:
        sys.exit(f"that is more than {MOST_BYTES:,} bytes")


if __name__ == "__main__":
    main()
