#!/usr/bin/env python3
"""Makes the pictures that are measured on, out of the photographs that scripts/setup fetches.

    pictures.py PHOTOGRAPHS FOLDER

Each picture is a piece of a photograph, cut, turned over, coloured and grained by chance. The chance is the same in
every run, so that everybody measures the same. Runs in a Python that has Pillow and NumPy.
"""

from __future__ import annotations

import pathlib
import shutil
import sys

import numpy as np
from PIL import Image, ImageEnhance

PHOTOGRAPHS = (
    "astronaut.png",
    "chelsea.png",
    "coffee.png",
    "hubble_deep_field.jpg",
    "ihc.png",
    "motorcycle_left.png",
    "motorcycle_right.png",
    "rocket.jpg",
)
SMALL, LARGE = (500, 375), (4000, 3000)
SMALL_COUNT, LARGE_COUNT, FRAME_COUNT = 500, 40, 200
QUALITY = 90
# Grain as a camera's sensor leaves it: without it a picture that was made larger has nothing for a decoder to do.
SMALL_GRAIN, LARGE_GRAIN = 3.0, 8.0
SEED = 20230613


def piece(photograph: Image.Image, size: tuple[int, int], chance: np.random.Generator) -> Image.Image:
    """Cuts a piece with the wanted shape out of a photograph, and varies it.

    Args:
        photograph: The photograph.
        size: The wanted width and height.
        chance: Where chance comes from.

    Returns:
        The piece.
    """
    largest = min(photograph.width / size[0], photograph.height / size[1])
    scale = largest * chance.uniform(0.75, 1.0)
    width, height = size[0] * scale, size[1] * scale
    left = chance.uniform(0, photograph.width - width)
    top = chance.uniform(0, photograph.height - height)
    result = photograph.resize(size, Image.Resampling.BICUBIC, box=(left, top, left + width, top + height))
    if chance.random() < 0.5:
        result = result.transpose(Image.Transpose.FLIP_LEFT_RIGHT)
    for enhancer in (ImageEnhance.Brightness, ImageEnhance.Contrast, ImageEnhance.Color):
        result = enhancer(result).enhance(chance.uniform(0.8, 1.2))
    return result


def grained(picture: Image.Image, strength: float, chance: np.random.Generator) -> Image.Image:
    """Adds grain.

    Args:
        picture: The picture.
        strength: The grain's standard deviation, in levels.
        chance: Where chance comes from.

    Returns:
        The picture with grain.
    """
    tile = chance.normal(0, strength, (512, 512, 3))
    repeats = (-(-picture.height // 512), -(-picture.width // 512), 1)
    grain = np.tile(tile, repeats)[: picture.height, : picture.width]
    levels = np.asarray(picture, np.float32) + grain.astype(np.float32)
    return Image.fromarray(levels.clip(0, 255).round().astype(np.uint8))


def make(photographs: pathlib.Path, folder: pathlib.Path) -> None:
    """Makes all pictures.

    Args:
        photographs: The folder of the photographs.
        folder: The folder to make, with `small`, `large` and `frames` inside.
    """
    sources = [Image.open(photographs / name).convert("RGB") for name in PHOTOGRAPHS]
    for name in ("small", "large", "frames"):
        (folder / name).mkdir(parents=True)
    for index in range(SMALL_COUNT):
        chance = np.random.default_rng((SEED, 0, index))
        picture = grained(piece(sources[index % len(sources)], SMALL, chance), SMALL_GRAIN, chance)
        # Subsampling 2 is 4:2:0, what cameras and web sites write.
        picture.save(folder / f"small/{index:04d}.jpg", quality=QUALITY, subsampling=2)
        if index < FRAME_COUNT:
            (folder / f"frames/{index:04d}.rgb").write_bytes(picture.tobytes())
    for index in range(LARGE_COUNT):
        chance = np.random.default_rng((SEED, 1, index))
        picture = grained(piece(sources[index % len(sources)], LARGE, chance), LARGE_GRAIN, chance)
        picture.save(folder / f"large/{index:04d}.jpg", quality=QUALITY, subsampling=2)


def main() -> None:
    """Makes the pictures beside the folder that is wanted, and moves them there when they are whole."""
    photographs, folder = map(pathlib.Path, sys.argv[1:])
    unfinished = folder.with_name(f".{folder.name}.unfinished")
    shutil.rmtree(unfinished, ignore_errors=True)
    make(photographs, unfinished)
    unfinished.rename(folder)


if __name__ == "__main__":
    main()
