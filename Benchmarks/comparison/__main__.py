"""Compares the speed of Image Embedder with that of other libraries, on this machine and in one run.

    python3 Benchmarks/comparison [--quick] [--rounds N] [--output FOLDER] [--workload KEY]... [--contestant PATTERN]...

Writes results.json, README.md and images-per-second.svg into the folder; --page writes the latter two anew from the
first. --memory instead embeds 20,000 images in one process, by each --accelerator on each number of --threads, and
prints how its memory grows. `make benchmark` builds what this needs.
Needs Python 3.9 and nothing else; pip installs the peers, each into an environment of its own.
"""

from __future__ import annotations

import argparse
import fnmatch
import json
import os
import pathlib
import sys
import tempfile
import time
from collections.abc import Sequence
from typing import Any

import contestants
import machine
import memory
import models
from environments import (
    ENVIRONMENTS,
    MEDIAPIPE,
    ONNXRUNTIME,
    OPENVINO,
    PILLOW_LITERT,
    TFLITE_SUPPORT,
    Environment,
    UnavailableError,
    prepare,
)
from measuring import Results
from page import page
from plot import plot
from workloads import WORKLOADS, make_pictures

DOCUMENTS = contestants.ROOT / "docs/benchmarks"


def arguments() -> argparse.Namespace:
    """Reads the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    add = parser.add_argument
    add("--quick", action="store_true", help="a dry run with a few images")
    add("--rounds", type=int, help="how often all take their turn (default: 3, in a dry run 1)")
    add("--workload", action="append", choices=[workload.key for workload in WORKLOADS], help="only this one")
    add("--contestant", action="append", metavar="PATTERN", help="only those whose key matches, such as ours-*-1")
    add("--output", type=pathlib.Path, help=f"the folder to write (default: {DOCUMENTS}, else one in .build)")
    add("--page", action="store_true", help="measure nothing, write the page anew from results.json")
    add("--memory", action="store_true", help="watch the memory of one process instead")
    add("--accelerator", action="append", choices=["cpu", contestants.ACCELERATED], help="of that (default: cpu)")
    add("--threads", action="append", type=int, help=f"of that (default: {contestants.CORES})")
    result = parser.parse_args()
    result.rounds = result.rounds or (1 if result.quick else 3)
    if not result.output:
        # Some of the contestants make no page.
        part = ENVIRONMENTS / "part" if result.contestant else DOCUMENTS
        result.output = ENVIRONMENTS / "quick" if result.quick else part
    return result


def install_peers(patterns: Sequence[str]) -> tuple[dict[str, Environment], dict[str, str]]:
    """Installs the peers.

    Args:
        patterns: What the wanted contestants' keys match; none for all contestants.

    Returns:
        Those that are there, and why the others are not.
    """
    peers, unavailable = {}, {}
    make_models = {OPENVINO.name: models.make_single_precision, ONNXRUNTIME.name: models.make_onnx}
    for requirements in (TFLITE_SUPPORT, MEDIAPIPE, PILLOW_LITERT, OPENVINO, ONNXRUNTIME):
        name = requirements.name
        # The pictures and the models are made by two of them.
        is_wanted = not patterns or any(pattern.startswith((name, "*")) for pattern in patterns)
        if not is_wanted and name not in (PILLOW_LITERT.name, OPENVINO.name):
            continue
        try:
            environment = prepare(requirements)
            if requirements.name in make_models:
                make_models[requirements.name](environment)
            peers[requirements.name] = environment
        except UnavailableError as error:
            unavailable[requirements.name] = str(error)
            print(f"{requirements.name} is left out: {error}", file=sys.stderr)
    if not contestants.OPENVINO_LIBRARY.exists():
        missing = f"{contestants.OPENVINO_LIBRARY} is not there; run scripts/setup openvino"
        unavailable["Image Embedder with OpenVINO"] = missing
        print(f"Image Embedder with OpenVINO is left out: {missing}", file=sys.stderr)
    return peers, unavailable


def measure(options: argparse.Namespace, peers: dict[str, Environment], scratch: pathlib.Path) -> dict[str, Any]:
    """Measures all workloads.

    Args:
        options: The command line.
        peers: The peers that take part.
        scratch: A folder for what is needed only meanwhile.

    Returns:
        The results, by the workloads' keys.
    """
    entrants = contestants.all_contestants(peers, scratch, options.quick)
    if options.contestant:
        patterns = options.contestant
        entrants = [one for one in entrants if any(fnmatch.fnmatch(one.key, pattern) for pattern in patterns)]
    result = {}
    for workload in WORKLOADS:
        if not options.workload or workload.key in options.workload:
            short = workload.shortened(scratch)
            results = Results(short if options.quick else workload, short, entrants)
            start = time.perf_counter()
            print(f"{workload.title}: warming up", file=sys.stderr)
            results.warm_up()
            for index in range(options.rounds):
                print(f"{workload.title}: round {index + 1} of {options.rounds}", file=sys.stderr)
                results.measure()
            print(f"{workload.title}: {time.perf_counter() - start:.0f} s", file=sys.stderr)
            result[workload.key] = results.content
    return result


def write(results: dict[str, Any], folder: pathlib.Path) -> None:
    """Writes the page and the picture.

    Args:
        results: The content of `results.json`.
        folder: Where they go.
    """
    (folder / "README.md").write_text("\n".join(page(results)) + "\n")
    (folder / "images-per-second.svg").write_text("\n".join(plot(results["workloads"])) + "\n")


def command(options: argparse.Namespace) -> str:
    """Spells the command that measured.

    Args:
        options: What it was told.

    Returns:
        The command.
    """
    if options.contestant:
        return "python3 " + " ".join(["Benchmarks/comparison", *sys.argv[1:]])
    return "make benchmark" + (" QUICK=1" if options.quick else "")


def earlier_workloads(options: argparse.Namespace, described: dict[str, Any]) -> dict[str, Any]:
    """Reads what was measured before, so that one kind of images can be measured anew.

    Contestants are only held against each other within one kind of images, whose rounds are of one run.

    Args:
        options: The command's.
        described: This machine.

    Returns:
        The results by the workloads' keys; nothing where they are another machine's.
    """
    path = options.output / "results.json"
    if not path.exists():
        return {}
    earlier = json.loads(path.read_text())
    is_same = earlier["machine"].get("processor") == described.get("processor")
    return earlier["workloads"] if is_same and earlier["rounds"] == options.rounds else {}


def main() -> int:
    """Compares.

    Returns:
        The exit status: 1 where a contestant failed or memory grew.
    """
    options = arguments()
    if options.page:
        write(json.loads((options.output / "results.json").read_text()), options.output)
        return 0
    described = machine.description()
    peers, unavailable = install_peers(options.contestant or [])
    if PILLOW_LITERT.name not in peers:
        sys.exit(f"the pictures cannot be made: {unavailable[PILLOW_LITERT.name]}")
    make_pictures(peers[PILLOW_LITERT.name].python)
    if options.memory:
        runs = [
            memory.watch(accelerator, threads)
            for accelerator in options.accelerator or ["cpu"]
            for threads in options.threads or [contestants.CORES]
        ]
        return 0 if all(runs) else 1
    if described["load"] > 0.5:
        print(f"other programs run (load {described['load']}): figures will not be steady", file=sys.stderr)
    with tempfile.TemporaryDirectory() as scratch:
        workloads = measure(options, peers, pathlib.Path(scratch))
    if options.workload:
        workloads = {**earlier_workloads(options, described), **workloads}
    results = {
        "machine": described,
        "command": command(options),
        "is_quick": options.quick,
        "rounds": options.rounds,
        "peers": {name: environment.versions for name, environment in peers.items()},
        "unavailable": unavailable,
        "workloads": workloads,
    }
    options.output.mkdir(parents=True, exist_ok=True)
    (options.output / "results.json").write_text(json.dumps(results, indent=1, ensure_ascii=False) + "\n")
    write(results, options.output)
    print(os.path.relpath(options.output / "README.md"))
    failed = [title for workload in workloads.values() for title in workload["failures"]]
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
