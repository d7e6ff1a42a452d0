#!/usr/bin/env python3
"""Breaks models in three ways and has the command line embed an image with each, in its own process and isolated.

    scripts/hostile-models/campaign.py --count 10000

With `--isolate` nothing may end the program by a signal or keep it longer than the timeout; that is an error of this
script. Without it, what still does is kept in the folder of findings. Python 3.9 or newer, no packages.
"""

from __future__ import annotations

import argparse
import collections
import concurrent.futures
import dataclasses
import pathlib
import random
import subprocess
import sys
import tempfile
import time
import zlib
from typing import Counter, Dict, List, Optional, Tuple

from mutations import KINDS, Base

ROOT = pathlib.Path(__file__).resolve().parents[2]
FIXTURES = ROOT / "Tests/TestSupport/Fixtures"
# Name and weight: small models run in a few milliseconds, the large one is what users have.
BASES: Dict[str, int] = {
    "Structure/operators": 12,
    "Structure/sparse": 3,
    "Models/identity_uint8_8x6": 1,
    "Models/identity_float_8x6": 1,
    "Models/identity_int8_8x6": 2,
    "Models/heads_abc": 3,
    "Models/constant_3_4": 2,
    "Models/dynamic_float": 1,
    "Models/float_in_int8_out": 1,
    "Models/metadata_rich": 1,
    # What is edited before the runtime gets it.
    "Graphs/open_batch": 1,
    "Graphs/rest_computed": 1,
    "Graphs/two_heads_of_open_batch": 1,
    "Graphs/dense_on_open_size": 2,
    "Graphs/convolution_of_open_size": 1,
    "Graphs/slice_of_open_size": 1,
    "Graphs/mirror_pad_of_open_size": 1,
    "Graphs/pooled_in_the_run": 1,
    "Graphs/one_tensor_twice": 1,
    "Graphs/signature_of_one_output": 1,
    "Graphs/second_subgraph": 1,
}
BUILT_IN = ("Models/efficientnet-lite0-int8.tflite", 2)
OUTCOMES = ("refused", "ran", "crashed", "hung")


@dataclasses.dataclass(frozen=True)
class Settings:
    """What every run has in common.

    Attributes:
        program: The command line.
        image: The image to embed.
        timeout: The most seconds of one run.
        modes: Which of `isolated` and `in process` are run.
        findings: Where models that ended the program are kept.
        accelerator: What runs the models.
    """

    program: str
    image: str
    timeout: float
    modes: Tuple[str, ...]
    findings: pathlib.Path
    accelerator: str


def bases() -> List[Base]:
    """Returns the sound models, each as often as its weight says."""
    result: List[Base] = []
    for name, weight in BASES.items():
        result.extend([Base(name, (FIXTURES / f"{name}.tflite").read_bytes())] * weight)
    result.extend([Base(BUILT_IN[0], (ROOT / BUILT_IN[0]).read_bytes())] * BUILT_IN[1])
    return result


def outcome(model: pathlib.Path, mode: str, settings: Settings) -> str:
    """Embeds the image with a model.

    Args:
        model: The model's file.
        mode: `isolated` or `in process`.
        settings: What every run has in common.

    Returns:
        One of `OUTCOMES`; a crash with the signal's number.
    """
    command = [settings.program, "embed", "--model", str(model), settings.image, "--threads", "1"]
    command += ["--accelerator", settings.accelerator]
    if mode == "isolated":
        command.append("--isolate")
    try:
        done = subprocess.run(command, capture_output=True, timeout=settings.timeout, check=False)
    except subprocess.TimeoutExpired:
        return "hung"
    if done.returncode < 0:
        return f"crashed ({-done.returncode})"
    return "ran" if done.returncode == 0 else "refused"


def attack(base: Base, kind: str, seed: int, settings: Settings) -> Tuple[str, Dict[str, str]]:
    """Breaks a model and runs it.

    Args:
        base: The sound model.
        kind: The way of breaking it.
        seed: What makes this case different from the others.
        settings: What every run has in common.

    Returns:
        The way, and the outcome of each mode.
    """
    content = KINDS[kind](base, random.Random(seed))
    with tempfile.TemporaryDirectory(prefix="hostile-") as folder:
        path = pathlib.Path(folder) / "model.tflite"
        path.write_bytes(content)
        outcomes = {mode: outcome(path, mode, settings) for mode in settings.modes}
        bad = [mode for mode, what in outcomes.items() if what not in ("refused", "ran")]
        if bad:
            settings.findings.mkdir(parents=True, exist_ok=True)
            name = f"{kind.replace(' ', '-')}-{seed}-{pathlib.Path(base.name).stem}.tflite"
            (settings.findings / name).write_bytes(minimised(content, base.content, path, bad[0], settings))
            print(f"{name}: {outcomes}", file=sys.stderr, flush=True)
    return kind, outcomes


def minimised(content: bytes, sound: bytes, path: pathlib.Path, mode: str, settings: Settings) -> bytes:
    """Takes back every change of a model without which it still ends the program.

    Args:
        content: The broken model.
        sound: The model that it was made of.
        path: Where to write what is tried.
        mode: `isolated` or `in process`.
        settings: What every run has in common.

    Returns:
        The model with what is left of the changes.
    """
    if len(content) != len(sound):
        return content
    for position in [place for place, byte in enumerate(content) if byte != sound[place]]:
        tried = content[:position] + sound[position : position + 1] + content[position + 1 :]
        path.write_bytes(tried)
        if outcome(path, mode, settings) not in ("refused", "ran"):
            content = tried
    return content


def run(count: int, first_seed: int, settings: Settings, workers: int) -> Dict[Tuple[str, str], Counter[str]]:
    """Runs the campaign.

    Args:
        count: How many models, of all ways together.
        first_seed: The number of the first case.
        settings: What every run has in common.
        workers: How many run at once.

    Returns:
        How often each outcome came, by way and mode.
    """
    table: Dict[Tuple[str, str], Counter[str]] = collections.defaultdict(collections.Counter)
    sound = bases()
    # Truncations say the least, so there are fewer of them.
    ways = ["byte flips"] * 4 + ["truncations"] + ["hostile values"] * 5
    with concurrent.futures.ThreadPoolExecutor(workers) as pool:
        futures = [
            pool.submit(attack, sound[zlib.crc32(b"%d" % seed) % len(sound)], ways[seed % len(ways)], seed, settings)
            for seed in range(first_seed, first_seed + count)
        ]
        for future in concurrent.futures.as_completed(futures):
            kind, outcomes = future.result()
            for mode, what in outcomes.items():
                table[kind, mode][what] += 1
    return table


def report(table: Dict[Tuple[str, str], Counter[str]], seconds: float) -> str:
    """Returns the figures as a Markdown table."""
    lines = ["| mutation | mode | models | refused | ran | crashed | hung |", "|---|---|---|---|---|---|---|"]
    for (kind, mode), counts in sorted(table.items()):
        crashed = sum(number for what, number in counts.items() if what.startswith("crashed"))
        figures = [sum(counts.values()), counts["refused"], counts["ran"], crashed, counts["hung"]]
        lines.append(f"| {kind} | {mode} | " + " | ".join(f"{figure:,}" for figure in figures) + " |")
    return "\n".join([*lines, "", f"{seconds:.0f} seconds"])


def main(arguments: Optional[List[str]] = None) -> int:
    """Runs the campaign as the arguments say.

    Args:
        arguments: The arguments, by default the program's.

    Returns:
        The exit status: 1 where an isolated run was ended by a signal or hung.
    """
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--count", type=int, default=10_000, help="how many models (default: 10000)")
    parser.add_argument("--seed", type=int, default=0, help="the number of the first (default: 0)")
    parser.add_argument("--workers", type=int, default=2, help="how many run at once (default: 2)")
    parser.add_argument("--timeout", type=float, default=40, help="the most seconds of a run (default: 40)")
    parser.add_argument("--mode", choices=("both", "isolated", "in process"), default="both")
    parser.add_argument("--program", default=str(ROOT / ".build/release/image-embedder"))
    parser.add_argument("--image", default=str(FIXTURES / "OddFiles/bmp-24.bmp"))
    parser.add_argument("--findings", type=pathlib.Path, default=ROOT / ".build/hostile-models")
    parser.add_argument("--accelerator", default="cpu", help="what runs the models (default: cpu)")
    options = parser.parse_args(arguments)
    modes = ("in process", "isolated") if options.mode == "both" else (options.mode,)
    settings = Settings(options.program, options.image, options.timeout, modes, options.findings, options.accelerator)
    start = time.monotonic()
    table = run(options.count, options.seed, settings, options.workers)
    print(report(table, time.monotonic() - start))
    failed = any(
        what not in ("refused", "ran") for (_, mode), counts in table.items() if mode == "isolated" for what in counts
    )
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
