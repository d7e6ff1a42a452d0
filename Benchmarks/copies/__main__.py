"""Measures how well copies of photographs are found, and how well perceptual hashes find them.

Makes a set of changed copies from a folder of photographs that shows nothing twice, runs
`image-embedder duplicates` and four perceptual hashes over it, and prints tables in Markdown:

    python3 Benchmarks/copies PHOTOGRAPHS --work .build/copies
"""

from __future__ import annotations

import argparse
import json
import random
import subprocess
import time
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import changes
import imagehash
import numpy
from PIL import Image, ImageOps

Pair = frozenset[str]
ENDINGS = {".jpg", ".jpeg", ".png", ".webp", ".tif", ".tiff", ".bmp"}
HASHES = {
    "gradient (dHash)": imagehash.dhash,
    "pHash": imagehash.phash,
    "aHash": imagehash.average_hash,
    "wHash": imagehash.whash,
}
PRECISION = 0.999
"""What a hash's distance is chosen for: as many copies as are found at this precision."""


def make_set(photographs: Path, folder: Path) -> None:
    """Writes the originals and their copies, unless they are there."""
    if (folder / "complete").exists():
        return
    folder.mkdir(parents=True, exist_ok=True)
    files = sorted(file for file in photographs.rglob("*") if file.suffix.lower() in ENDINGS)
    for number, file in enumerate(files):
        source = folder / f"{number:04}-original.jpg"
        changes.original(file, source)
        for index, name in enumerate(changes.NAMES):
            # A generator of its own for each file, so that a further change leaves the others alone.
            rng = random.Random(f"{number} {name}")
            changes.change(name, source, folder / f"{number:04}-{index:02}", rng)
    (folder / "complete").touch()


def truth(names: list[str]) -> Iterator[tuple[str, Pair]]:
    """The pairs of an original and each of its copies, with the change."""
    by_stem = {name.split(".")[0]: name for name in names}
    for stem, name in by_stem.items():
        number, change = stem.split("-")
        if change != "original":
            original = by_stem[f"{number}-original"]
            yield changes.NAMES[int(change)], frozenset((original, name))


def is_copy(pair: Pair) -> bool:
    """Whether two files of the set were made of one photograph."""
    return len({name.split("-")[0] for name in pair}) == 1


def found_by_us(program: Path, folder: Path, store: Path) -> tuple[dict[Pair, str], list[float]]:
    """The pairs that the program finds, with their tiers, and the seconds of two runs in a row."""
    if not store.exists():
        subprocess.run([program, "embed", folder, "--output", store], check=True)
        # What the first run learns of the pictures is to be measured.
    seconds = []
    for _ in range(2):
        start = time.monotonic()
        output = subprocess.run(
            [program, "duplicates", store, "--json"], check=True, capture_output=True
        ).stdout
        seconds.append(time.monotonic() - start)
    pairs = {}
    for line in output.splitlines():
        item = json.loads(line)
        if "a" in item:
            pairs[frozenset((Path(item["a"]).name, Path(item["b"]).name))] = item["tier"]
    return pairs, seconds


def found_by_hash(name: str, files: list[Path]) -> set[Pair]:
    """The pairs that a hash finds at the greatest distance at which it still is precise."""
    bits = []
    for file in files:
        with Image.open(file) as image:
            bits.append(HASHES[name](ImageOps.exif_transpose(image)).hash.flatten())
    matrix = numpy.array(bits).astype(numpy.int32)
    ones = matrix.sum(axis=1)
    distances = ones[:, None] + ones[None, :] - 2 * matrix @ matrix.T
    best: set[Pair] = set()
    for distance in range(0, 21):
        rows, columns = numpy.nonzero(numpy.triu(distances <= distance, 1))
        pairs = {
            frozenset((files[a].name, files[b].name))
            for a, b in zip(rows.tolist(), columns.tolist(), strict=True)
        }
        if precision(pairs) < PRECISION:
            break
        best = pairs
    return best


def precision(pairs: set[Pair]) -> float:
    """The share of pairs that are copies; 1 for none."""
    return sum(map(is_copy, pairs)) / len(pairs) if pairs else 1.0


def recalls(pairs: set[Pair], wanted: list[tuple[str, Pair]]) -> dict[str, float]:
    """The share of each change's copies that were found beside their originals."""
    hits: dict[str, list[bool]] = defaultdict(list)
    for change, pair in wanted:
        hits[change].append(pair in pairs)
    return {change: sum(found) / len(found) for change, found in hits.items()}


def main() -> None:
    """Runs everything."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("photographs", type=Path, help="a folder of photographs")
    parser.add_argument("--work", type=Path, default=Path(".build/copies"))
    parser.add_argument("--program", type=Path, default=Path(".build/release/image-embedder"))
    parser.add_argument("--no-hashes", action="store_true", help="run ours alone")
    arguments = parser.parse_args()

    folder = arguments.work / "set"
    make_set(arguments.photographs, folder)
    files = sorted(file for file in folder.iterdir() if file.suffix in ENDINGS)
    wanted = list(truth([file.name for file in files]))
    ours, seconds = found_by_us(arguments.program, folder, arguments.work / "store")
    copies = {pair for pair, tier in ours.items() if tier in ("bytes", "pixels", "copies")}
    finders = {"image-embedder": copies}
    if not arguments.no_hashes:
        finders |= {name: found_by_hash(name, files) for name in HASHES}

    print(f"{len(files)} pictures of {len(files) - len(wanted)} photographs;", end=" ")
    print(f"first run {seconds[0]:.1f} s, second run {seconds[1]:.1f} s\n")
    print("| change |", " | ".join(finders), "|")
    print("|---|" + "---:|" * len(finders))
    tables = [recalls(pairs, wanted) for pairs in finders.values()]
    for change in changes.NAMES:
        print(f"| {change} |", " | ".join(f"{table[change]:.3f}" for table in tables), "|")
    means = [sum(table.values()) / len(table) for table in tables]
    print("| **all changes** |", " | ".join(f"**{mean:.3f}**" for mean in means), "|")
    shares = [f"{precision(pairs):.4f} of {len(pairs)}" for pairs in finders.values()]
    print("| precision of pairs |", " | ".join(shares), "|")
    unsure = {pair for pair, tier in ours.items() if tier == "unsure"}
    print(f"\n{len(unsure)} pairs are unsure, of which {sum(map(is_copy, unsure))} are copies.")
    for pair in sorted(map(sorted, (pair for pair in copies if not is_copy(pair)))):
        print("not a copy:", *pair)
    (arguments.work / "ours.json").write_text(
        json.dumps([[*sorted(pair), tier] for pair, tier in ours.items()], indent=0)
    )


if __name__ == "__main__":
    main()
