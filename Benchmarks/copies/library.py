"""Times `image-embedder duplicates` over a library of 10,000 photographs of 500 x 375 pixels, and how it was made.

    python3 Benchmarks/copies/library.py .build/copies/photographs --work .build/copies

Makes the library from the photographs of `collect.py`: different parts of them, turned into other pictures by
their place, size, side and tone, and one in twenty a copy of an earlier one. Embeds it with and without
`--thumbnails`, looks for duplicates twice in each store, and prints a table in Markdown.
"""

from __future__ import annotations

import argparse
import json
import random
import shutil
import subprocess
import time
from collections import Counter
from multiprocessing import Pool
from pathlib import Path

import changes
from PIL import Image, ImageEnhance, ImageOps

SIZE = (500, 375)
COPY_SHARE = 20
"""One file in so many is a copy."""
EDITS = ["JPEG of quality 75", "the same bytes", "metadata only", "halved", "cropped by 10 %", "turned by 90", "darker"]


def photograph(image: Image.Image, number: int, turn: int, target: Path) -> None:
    """Writes a picture of its own: a part of a photograph, in a way that no other number has.

    Each photograph is taken nearly whole, then in a grid of four parts and in one of nine; the same parts again
    are other pictures once they are blended with themselves, turned or mirrored.
    """
    rng = random.Random(f"library {number}")
    columns, place = [(1, 0), *((2, place) for place in range(4)), *((3, place) for place in range(9))][turn % 14]
    width = min(image.width, image.height * SIZE[0] / SIZE[1]) * {1: 0.9, 2: 0.5, 3: 0.35}[columns]
    height = width * SIZE[1] / SIZE[0]
    across, down = place % columns, place // columns
    x = (image.width - width) * (across / (columns - 1) if columns > 1 else 0.5)
    y = (image.height - height) * (down / (columns - 1) if columns > 1 else 0.5)
    image = image.resize(SIZE, Image.Resampling.LANCZOS, box=(x, y, x + width, y + height))
    if turn >= 14:
        image = Image.blend(image, image.transpose(Image.Transpose.ROTATE_180), 0.45)
    if turn >= 28:
        image = ImageOps.mirror(Image.blend(image, ImageOps.mirror(image), 0.3))
    image = ImageEnhance.Color(image).enhance(rng.uniform(0.6, 1.3))
    image.save(target, quality=88)


def write_parts(arguments: tuple[Path, range, int, Path]) -> None:
    """Writes all pictures that are made of one photograph."""
    source, numbers, source_count, folder = arguments
    with Image.open(source) as opened:
        image = ImageOps.exif_transpose(opened).convert("RGB")
    for number in numbers:
        if number % COPY_SHARE != COPY_SHARE - 1:
            photograph(image, number, number // source_count, folder / f"{number:05}.jpg")


def make(photographs: Path, folder: Path, count: int) -> None:
    """Writes the library, unless it is there: each twentieth is a copy of the one before."""
    if (folder / "complete").exists():
        return
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    sources = sorted(photographs.iterdir())
    tasks = [
        (source, range(place, count, len(sources)), len(sources), folder) for place, source in enumerate(sources)
    ]
    with Pool() as pool:
        pool.map(write_parts, tasks, chunksize=1)
    for number in range(COPY_SHARE - 1, count, COPY_SHARE):
        edit = EDITS[number // COPY_SHARE % len(EDITS)]
        source, target = folder / f"{number - 1:05}.jpg", folder / f"{number:05}"
        changes.change(edit, source, target, random.Random(f"copy {number}"))
    (folder / "complete").touch()


def timed(*command: str | Path) -> tuple[float, bytes]:
    """The seconds that a command takes, and what it prints."""
    start = time.monotonic()
    output = subprocess.run(command, check=True, capture_output=True).stdout
    return time.monotonic() - start, output


def main() -> None:
    """Runs everything."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("photographs", type=Path, help="the folder that collect.py made")
    parser.add_argument("--work", type=Path, default=Path(".build/copies"))
    parser.add_argument("--program", type=Path, default=Path(".build/release/image-embedder"))
    parser.add_argument("--count", type=int, default=10_000)
    arguments = parser.parse_args()

    folder = arguments.work / "library"
    make(arguments.photographs, folder, arguments.count)
    print("| | embed | first duplicates | second duplicates |")
    print("|---|---:|---:|---:|")
    for name, options in (("without", []), ("with", ["--thumbnails"])):
        store = arguments.work / f"library-{name}"
        shutil.rmtree(store, ignore_errors=True)
        embedding, _ = timed(arguments.program, "embed", folder, "--output", store, *options)
        runs = [timed(arguments.program, "duplicates", store, "--json") for _ in range(2)]
        seconds = " | ".join(f"{value:.1f} s" for value in (embedding, runs[0][0], runs[1][0]))
        print(f"| {name} `--thumbnails` | {seconds} |")
        tiers = Counter(line["tier"] for line in map(json.loads, runs[1][1].splitlines()) if "a" in line)
    print("\nPairs:", ", ".join(f"{count} {tier}" for tier, count in sorted(tiers.items())))


if __name__ == "__main__":
    main()
