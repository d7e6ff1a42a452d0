#!/usr/bin/env python3
"""Converts a model of every operator family, in two processes; what is there already stays.

    make_models.py [--output .build/model-families/models] [--only 'keras-conv-*'] [--again] [--list]

Beside NAME.tflite there is NAME.json, which says what to embed with it, or why there is no model. A model is made anew
when the modules here that make it have changed, or the versions of the packages.
"""

from __future__ import annotations

import argparse
import concurrent.futures
import fnmatch
import hashlib
import importlib
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import time
from collections import Counter

from case import Case, NotConvertible

HERE = pathlib.Path(__file__).resolve().parent
OUTPUT = HERE.parents[1] / ".build/model-families/models"
PROCESSES = 2
# The longest conversion takes half a minute on two busy cores.
SECONDS = 400
# Each with the modules that what it makes depends on.
MODULES = {
    "keras_layers": ("conversion",),
    "keras_vectors": ("conversion", "keras_layers"),
    "tensorflow_functions": ("conversion",),
    "torch_modules": (),
    "keras_networks": ("conversion", "keras_layers"),
    "keras_forms": ("conversion", "form_case", "keras_layers", "keras_networks", "keras_vectors"),
    "torch_forms": ("form_case", "torch_modules"),
}


def digest(module: str) -> str:
    """Returns what stands for the state of what makes a module's models."""
    names = [f"{module}.py", "case.py", "requirements.txt", *(f"{other}.py" for other in MODULES[module])]
    return hashlib.sha256(b"\0".join((HERE / name).read_bytes() for name in names)).hexdigest()


def write(path: pathlib.Path, content: bytes) -> None:
    """Writes a file that is there whole or not at all."""
    part = path.with_name(f".{path.name}.{os.getpid()}")
    part.write_bytes(content)
    part.replace(path)


def describe(output: pathlib.Path, case: Case, module: str, skipped: str | None = None) -> None:
    """Writes what there is to know of a case beside its model."""
    known = {key: value for key, value in vars(case).items() if key not in ("name", "convert")}
    record = {**known, "skipped": skipped, "made_by": digest(module)}
    write(output / f"{case.name}.json", json.dumps(record, indent=1).encode())


def is_there(output: pathlib.Path, name: str, state: str) -> bool:
    """Returns whether a case was converted, or found not to be convertible, by what is there now."""
    record = output / f"{name}.json"
    if not record.exists():
        return False
    known = json.loads(record.read_text())
    return known["made_by"] == state and bool(known["skipped"] or (output / f"{name}.tflite").exists())


def work(module: str, names: list[str], output: pathlib.Path) -> None:
    """Converts cases of one module in this process, printing each name before it begins."""
    by_name = {case.name: case for case in importlib.import_module(module).cases()}
    for name in names:
        print(f"begin {name}", flush=True)
        skipped = None
        try:
            write(output / f"{name}.tflite", by_name[name].convert())
        except NotConvertible as error:
            skipped = str(error)
        except Exception as error:
            print(f"wrong {name}", flush=True)
            print(f"{name}: {type(error).__name__}: {str(error)[:1500]}", file=sys.stderr, flush=True)
            continue
        describe(output, by_name[name], module, skipped)
        print(f"{'skipped' if skipped else 'made'} {name}", flush=True)


def convert(module: str, names: list[str], output: pathlib.Path) -> Counter[str]:
    """Converts cases in processes of their own: a converter that dies takes one case with it.

    Args:
        module: The module whose cases they are.
        names: The cases.
        output: The folder for the models.

    Returns:
        How many were made, skipped and wrong.
    """
    counts: Counter[str] = Counter()
    left = list(names)
    while left:
        command = [sys.executable, __file__, "--worker", module, "--output", str(output)]
        # What a converter that was killed leaves of its work goes with this folder.
        with tempfile.TemporaryDirectory(prefix="model-families-") as scratch:
            environment = os.environ | {"TF_CPP_MIN_LOG_LEVEL": "3", "CUDA_VISIBLE_DEVICES": "-1", "TMPDIR": scratch}
            try:
                done = subprocess.run(
                    command, input="\n".join(left), env=environment, capture_output=True, text=True, timeout=SECONDS * 3
                )
                text, errors, why = done.stdout, done.stderr, f"the converter ended with {done.returncode}"
            except subprocess.TimeoutExpired as expired:
                text, errors = (str(part or b"", "utf-8", "replace") for part in (expired.stdout, expired.stderr))
                why = "the converter took too long"
        begun = [
            line.split() for line in text.splitlines() if line.startswith(("begin ", "made ", "skipped ", "wrong "))
        ]
        ended = {name: what for what, name in begun if what != "begin"}
        counts.update(ended.values())
        for line in errors.splitlines():
            if any(line.startswith(f"{name}: ") for name, what in ended.items() if what == "wrong"):
                print(line, file=sys.stderr, flush=True)
        left = [name for name in left if name not in ended]
        died = [name for what, name in begun if what == "begin" and name not in ended]
        if died:
            # Only the name counts of a case that is skipped; its module is not for this process to import.
            describe(output, Case(died[0], lambda: b"", ()), module, why)
            counts["skipped"] += 1
            left.remove(died[0])
        elif left:
            print(f"{module}: {why}: {errors[-1500:]}", file=sys.stderr, flush=True)
            counts["wrong"] += len(left)
            break
    return counts


def names_of(module: str) -> list[str]:
    """Returns the names of a module's cases, as a process of its own says them."""
    environment = os.environ | {"TF_CPP_MIN_LOG_LEVEL": "3", "CUDA_VISIBLE_DEVICES": "-1"}
    command = [sys.executable, __file__, "--names", module]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit(f"{module} cannot be read: {done.stderr[-2000:]}")
    return [line.removeprefix("case ") for line in done.stdout.splitlines() if line.startswith("case ")]


def main() -> int:
    """Converts what is not there yet; returns the exit status, 1 where a case is wrong."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--output", type=pathlib.Path, default=OUTPUT)
    parser.add_argument("--only", default="*", help="a glob pattern of names")
    parser.add_argument("--again", action="store_true", help="convert also what is there")
    parser.add_argument("--list", action="store_true", help="print the names and convert nothing")
    parser.add_argument("--worker", help=argparse.SUPPRESS)
    parser.add_argument("--names", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.worker:
        work(options.worker, sys.stdin.read().split(), options.output)
        return 0
    if options.names:
        for case in importlib.import_module(options.names).cases():
            print(f"case {case.name}")
        return 0

    begin = time.monotonic()
    options.output.mkdir(parents=True, exist_ok=True)
    with concurrent.futures.ThreadPoolExecutor(PROCESSES) as pool:
        names = dict(zip(MODULES, pool.map(names_of, MODULES), strict=True))
        everything = [name for part in names.values() for name in part]
        twice = [name for name, count in Counter(everything).items() if count > 1]
        if twice:
            sys.exit(f"two cases have the name {twice[0]}: rename one")
        if options.list:
            print("\n".join(everything))
            return 0
        # Models of cases that are no more would be compared for ever.
        if options.only == "*":
            for path in options.output.glob("*.*"):
                if path.suffix in (".json", ".tflite", ".npz") and path.stem not in everything:
                    path.unlink()
        futures = []
        for module, all_of_it in names.items():
            state = digest(module)
            wanted = [name for name in all_of_it if fnmatch.fnmatch(name, options.only)]
            missing = [name for name in wanted if options.again or not is_there(options.output, name, state)]
            size = 12
            batches = [missing[start : start + size] for start in range(0, len(missing), size)]
            futures += [pool.submit(convert, module, batch, options.output) for batch in batches]
        counts: Counter[str] = Counter()
        for future in concurrent.futures.as_completed(futures):
            counts += future.result()
    seconds = time.monotonic() - begin
    print(f"{len(everything)} cases: {counts['made']} made, {counts['skipped']} skipped by the converters,", end=" ")
    print(f"{counts['wrong']} wrong, the rest was there; {seconds:.0f} seconds")
    return 1 if counts["wrong"] else 0


if __name__ == "__main__":
    sys.exit(main())
