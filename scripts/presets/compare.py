#!/usr/bin/env python3
"""Compares the ways of decoding and the presets: time, likeness, and how little a picture's size matters.

    compare.py [--model NAME] [--rounds N] [EXECUTABLE]       (default: .build/release/image-embedder)

Takes the photographs that scripts/setup fetches and writes the tables of docs/decoding-and-presets.md to the standard
output.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from PIL import Image

ROOT = Path(__file__).resolve().parents[2]
CACHE = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
PHOTOGRAPHS = CACHE / "image-embedder" / "photographs-0.26.0"
NAMES = [
    "astronaut.png",
    "brick.png",
    "camera.png",
    "chelsea.png",
    "coffee.png",
    "coins.png",
    "grass.png",
    "gravel.png",
    "hubble_deep_field.jpg",
    "ihc.png",
    "motorcycle_left.png",
    "retina.jpg",
    "rocket.jpg",
]
PRESETS = ["task-library-v1", "antialiased-v1"]
Way = tuple[str, str]
WAYS: list[Way] = [(decode, preset) for preset in PRESETS for decode in ("exact", "fast")]
LARGE_PIXELS = 12_000_000


class Embedder:
    """The command line with a model."""

    def __init__(self, executable: Path, model: str, folder: Path) -> None:
        """Remembers what to run, and a folder for its outputs."""
        self._command = [str(executable), "embed", "--model", model, "--output", str(folder / "vectors.npy")]
        self._vectors = folder / "vectors.npy"

    def run(self, files: Sequence[Path], decode: str, preset: str, *more: str) -> float:
        """Embeds files, with more options if need be, and returns the processor seconds of the whole run."""
        options = ["--decode", decode, "--preset", preset, *more]
        process = os.posix_spawn(self._command[0], [*self._command, *options, *map(str, files)], os.environ)
        _, status, usage = os.wait4(process, 0)
        if status != 0:
            sys.exit(f"{self._command[0]} ended with status {os.waitstatus_to_exitcode(status)}")
        return usage.ru_utime + usage.ru_stime

    def vectors(self, files: Sequence[Path], decode: str, preset: str) -> np.ndarray:
        """Returns the vectors of files, float64 [files, components], each of length 1."""
        self.run(files, decode, preset)
        vectors = np.load(self._vectors).astype(np.float64)
        unit: np.ndarray = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
        return unit


def photograph(name: str) -> Image.Image:
    """Returns a photograph as RGB."""
    return Image.open(PHOTOGRAPHS / name).convert("RGB")


def enlarged(picture: Image.Image) -> Image.Image:
    """Returns a picture of the same shape with twelve megapixels."""
    factor = (LARGE_PIXELS / (picture.width * picture.height)) ** 0.5
    return picture.resize((round(picture.width * factor), round(picture.height * factor)), Image.Resampling.LANCZOS)


def write_jpegs(folder: Path) -> dict[str, list[Path]]:
    """Writes every photograph as JPEG at quality 90, as it is and enlarged.

    Args:
        folder: Where to.

    Returns:
        The files by the name of the set.
    """
    sets: dict[str, list[Path]] = {"as they are": [], "12 megapixels": []}
    for name in NAMES:
        picture = photograph(name)
        for (title, files), version in zip(sets.items(), (picture, enlarged(picture)), strict=True):
            files.append(folder / f"{Path(name).stem} {title}.jpg")
            version.save(files[-1], quality=90)
    return sets


def measure(
    embedder: Embedder, files: Sequence[Path], rounds: int, ways: Sequence[Way] = WAYS, *more: str
) -> dict[Way, float]:
    """Measures ways of decoding and presets, in turns.

    Args:
        embedder: What is measured.
        files: What it embeds.
        rounds: How often; the least time counts, which other programs disturbed least.
        ways: What is compared.
        more: More options.

    Returns:
        The milliseconds of processor time of one image, without those of starting and of loading the model.
    """
    # All files once and four times: what is left of the difference is images.
    runs = [(way, repeats) for way in ways for repeats in (1, 4)]
    seconds = dict.fromkeys(runs, float("inf"))
    for _ in range(rounds):
        for way, repeats in runs:
            elapsed = embedder.run([*files] * repeats, *way, *more)
            seconds[way, repeats] = min(seconds[way, repeats], elapsed)
    return {way: (seconds[way, 4] - seconds[way, 1]) / (3 * len(files)) * 1e3 for way in ways}


def compare_ways(embedder: Embedder, folder: Path, rounds: int) -> None:
    """Prints time and likeness of every way of decoding with every preset."""
    print("| JPEG files | `--decode` | `--preset` | ms an image | cosine to exact, same preset: mean, least |", end="")
    print(" cosine to the defaults: mean, least |\n|---|---|---|---|---|---|")
    for title, files in write_jpegs(folder).items():
        times = measure(embedder, files, rounds)
        vectors = {way: embedder.vectors(files, *way) for way in WAYS}
        for decode, preset in WAYS:
            cells = [title, decode, preset, f"{times[decode, preset]:.1f}"]
            for base in (("exact", preset), WAYS[0]):
                cosines = (vectors[decode, preset] * vectors[base]).sum(axis=1)
                is_same = base == (decode, preset)
                cells.append("" if is_same else f"{cosines.mean():.4f}, {cosines.min():.4f}")
            print("| " + " | ".join(cells) + " |")


def compare_frames(embedder: Embedder, folder: Path, rounds: int) -> None:
    """Prints what the presets take for frames that need no decoding."""
    print("| raw RGB frames | `--preset` | ms a frame |\n|---|---|---|")
    for width, height, count in ((500, 375, 50), (4000, 3000, 4)):
        frame = folder / "frame.rgb"
        frame.write_bytes(photograph("coffee.png").resize((width, height)).tobytes())
        ways = [("exact", preset) for preset in PRESETS]
        times = measure(embedder, [frame] * count, rounds, ways, "--raw", f"rgb:{width}x{height}")
        for way in ways:
            print(f"| {width} x {height} | {way[1]} | {times[way]:.2f} |")


def compare_sizes(embedder: Embedder, folder: Path) -> None:
    """Prints how like a picture is to itself at a half, a quarter and an eighth of its size."""
    print("| photographs | reduced by | `--preset` | half | quarter | eighth |\n|---|---|---|---|---|---|")
    for title in ("as they are", "12 megapixels"):
        cosines: dict[tuple[Image.Resampling, str], list[np.ndarray]] = {}
        for name in NAMES:
            picture = photograph(name) if title == "as they are" else enlarged(photograph(name))
            for reducing in (Image.Resampling.LANCZOS, Image.Resampling.BOX):
                files = []
                for divisor in (1, 2, 4, 8):
                    size = (round(picture.width / divisor), round(picture.height / divisor))
                    files.append(folder / f"{divisor}.ppm")
                    (picture if divisor == 1 else picture.resize(size, reducing)).save(files[-1])
                for preset in PRESETS:
                    vectors = embedder.vectors(files, "exact", preset)
                    cosines.setdefault((reducing, preset), []).append(vectors[1:] @ vectors[0])
        for (reducing, preset), rows in cosines.items():
            table = np.array(rows)
            cells = [f"{mean:.4f}, {least:.4f}" for mean, least in zip(table.mean(0), table.min(0), strict=True)]
            print("| " + " | ".join([title, reducing.name.capitalize(), preset, *cells]) + " |")


def main() -> None:
    """Runs the comparisons."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("executable", nargs="?", type=Path, default=ROOT / ".build/release/image-embedder")
    parser.add_argument("--model", default="efficientnet-lite0", help="a built-in model or a file")
    parser.add_argument("--rounds", type=int, default=3, help="how often each time is measured")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        embedder = Embedder(arguments.executable.resolve(), arguments.model, folder)
        compare_ways(embedder, folder, arguments.rounds)
        print()
        compare_frames(embedder, folder, arguments.rounds)
        print()
        compare_sizes(embedder, folder)


if __name__ == "__main__":
    main()
