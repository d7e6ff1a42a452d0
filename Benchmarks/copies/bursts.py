"""Counts the pairs of frames of videos that are taken for copies.

    python3 Benchmarks/copies/bursts.py --work .build/copies VIDEO...

Takes two series of up to 31 frames from each video: over its first 400 frames, at most five frames apart, and
one or two frames apart from one place on. No two frames of a series are copies, unless nothing has moved.
"""

from __future__ import annotations

import argparse
import json
import shutil
import subprocess
from pathlib import Path

import cv2

COUNT = 31


def frames(video: Path) -> tuple[list[object], float]:
    """The first 400 frames, and how many a second has."""
    capture = cv2.VideoCapture(str(video))
    found: list[object] = []
    while len(found) < 400:
        is_read, frame = capture.read()
        if not is_read:
            break
        found.append(frame)
    return found, capture.get(cv2.CAP_PROP_FPS)


def copies(series: list[object], folder: Path, program: Path) -> int:
    """The pairs of a series that the program takes for copies."""
    shutil.rmtree(folder, ignore_errors=True)
    (folder / "frames").mkdir(parents=True)
    for number, frame in enumerate(series):
        cv2.imwrite(str(folder / "frames" / f"{number:02}.jpg"), frame, [cv2.IMWRITE_JPEG_QUALITY, 92])
    subprocess.run([program, "embed", folder / "frames", "--output", folder / "store"], check=True, capture_output=True)
    output = subprocess.run([program, "duplicates", folder / "store", "--json"], check=True, capture_output=True).stdout
    pairs = [line for line in map(json.loads, output.splitlines()) if "a" in line]
    return sum(pair["tier"] in ("bytes", "pixels", "copies") for pair in pairs)


def main() -> None:
    """Runs everything."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("videos", type=Path, nargs="+")
    parser.add_argument("--work", type=Path, default=Path(".build/copies"))
    parser.add_argument("--program", type=Path, default=Path(".build/release/image-embedder"))
    arguments = parser.parse_args()
    totals = [0, 0]
    for video in arguments.videos:
        all_frames, rate = frames(video)
        apart = max(1, min(5, len(all_frames) // COUNT))
        step = 1 if rate < 16 else 2
        start = min(60, max(0, len(all_frames) - COUNT * step))
        for series in (all_frames[::apart][:COUNT], all_frames[start::step][:COUNT]):
            folder = arguments.work / "bursts" / video.stem
            count, total = copies(series, folder, arguments.program), len(series) * (len(series) - 1) // 2
            print(f"{video.name}: {count} of {total} pairs")
            totals = [totals[0] + count, totals[1] + total]
    print(f"all: {totals[0]} of {totals[1]} pairs")


if __name__ == "__main__":
    main()
