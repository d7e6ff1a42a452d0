#!/usr/bin/env python3
"""Embeds random pictures with every model of a folder and holds the vectors against the runtime's own interpreter.

    compare.py [--folder .build/model-families/models] [--only 'keras-*'] [PROGRAM]

Right values are computed once and kept beside the folder. Every model is run with one thread, with two, and isolated,
with several pictures and one of them several times; `info` has to accept what `embed` accepts. The exit status is 1
where a model fails.
"""

from __future__ import annotations

import argparse
import concurrent.futures
import dataclasses
import fnmatch
import hashlib
import json
import os
import pathlib
import re
import subprocess
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Sequence
from typing import Any

import numpy as np

from images import picture_file, plan

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[1]
PROCESSES = 2
SECONDS = 120
NORMALIZATIONS = (((127.5,) * 3, (127.5,) * 3), ((123.675, 116.28, 103.53), (58.395, 57.12, 57.375)))
# Of the largest component. Weights of integers with activations of floats: the paths of the runtime round activations
# each in its own way, so a path's own differences are what can be asked for.
FLOAT_TOLERANCE = 1e-5
MODES = (("1 thread", ["--threads", "1"]), ("2 threads", ["--threads", "2"]), ("isolated", ["--isolate"]))
# For models of others, whose files do not say what their open axes take.
ASSUMED_SIZES = ((64, 64), (40, 48), (96, 80))
LONGEST = 200
# What an output looks like that nothing wrote: of floats and of integers with a zero point.
ZEROS, CONSTANT = "zeros", "one number throughout"


@dataclasses.dataclass(frozen=True)
class Outcome:
    """What became of a model.

    Attributes:
        state: `passed`, `failed`, `refused` as may be, or `skipped`.
        kind: The kind of failure, or the reason of what is skipped.
        detail: What was seen, or the sentence of a refusal.
        worst: The largest difference that was accepted, in parts of the largest component.
        dynamic: Whether weights are integers and activations floats.
    """

    state: str
    kind: str = ""
    detail: str = ""
    worst: float = 0.0
    dynamic: bool = False


class Failure(Exception):  # noqa: N818
    """A model fails, by the kind and what was seen."""


@dataclasses.dataclass(frozen=True)
class Model:
    """A model and what is known of it.

    Attributes:
        path: Its file.
        sizes: Heights and widths of the pictures.
        refusable: Why a refusal is as good as the right vector, if it is.
        mean: What is subtracted, by channel.
        std: What the difference is divided by.
        runs: The further options of each run, which say how outputs become vectors.
    """

    path: pathlib.Path
    sizes: tuple[tuple[int, int], ...]
    refusable: str | None
    mean: tuple[float, ...]
    std: tuple[float, ...]
    runs: tuple[dict[str, str], ...] = ({},)

    @property
    def normalization(self) -> list[str]:
        """The program's options."""
        return ["--mean", ",".join(map(str, self.mean)), "--std", ",".join(map(str, self.std))]


def described(path: pathlib.Path) -> Model | Outcome:
    """Returns what the file beside a model says of it, or what the model itself says."""
    mean, std = NORMALIZATIONS[int(hashlib.sha256(path.stem.encode()).hexdigest(), 16) % 2]
    record = path.with_suffix(".json")
    if record.exists():
        known = json.loads(record.read_text())
        if known["skipped"]:
            return Outcome("skipped", known["skipped"])
        sizes = tuple((h, w) for h, w in known["sizes"])
        return Model(path, sizes, known["refusable"], mean, std, tuple(known.get("runs", ({},))))
    return foreign(path, mean, std)


def foreign(path: pathlib.Path, mean: tuple[float, ...], std: tuple[float, ...]) -> Model | Outcome:
    """Returns what a model of others takes, by its input."""
    from ai_edge_litert import schema_py_generated as schema

    try:
        graph = schema.ModelT.InitFromPackedBuf(path.read_bytes(), 0).subgraphs[0]
        if len(graph.inputs) != 1:
            return Outcome("skipped", f"outside: {len(graph.inputs)} inputs")
        tensor = graph.tensors[graph.inputs[0]]
        shape = [
            int(extent) for extent in (tensor.shapeSignature if tensor.shapeSignature is not None else tensor.shape)
        ]
    except Exception as error:
        return Outcome("skipped", f"outside: not read as a model: {type(error).__name__}")
    if len(shape) != 4 or 3 not in (shape[1], shape[3]):
        return Outcome("skipped", f"outside: the input is of the shape {shape}")
    height, width = shape[1:3] if shape[3] == 3 else shape[2:]
    sizes = ASSUMED_SIZES if -1 in (height, width) else ((height, width),)
    sizes = tuple((height if height > 0 else h, width if width > 0 else w) for h, w in sizes)
    return Model(path, sizes, None, mean, std)


def words_of(run: dict[str, str]) -> list[str]:
    """Returns the options of a run as they are written, to the program and to `right_values.py`."""
    return [word for name, value in run.items() for word in (f"--{name}", value)]


def right_values(model: Model, run: dict[str, str], cache: pathlib.Path) -> dict[str, np.ndarray] | Outcome:
    """Returns what the interpreter gives, computing it where it is not kept.

    Args:
        model: The model.
        run: How it is run.
        cache: The folder of what is kept.
    """
    sizes = [f"{height}x{width}" for height, width in model.sizes]
    state = hashlib.sha256(model.path.read_bytes())
    for source in ("right_values.py", "images.py", "requirements.txt"):
        state.update((HERE / source).read_bytes())
    state.update(repr((sizes, model.mean, model.std, run)).encode())
    kept = cache / f"{state.hexdigest()[:32]}.npz"
    reason = kept.with_suffix(".txt")
    if not kept.exists() and not reason.exists():
        part = kept.with_suffix(f".{os.getpid()}-{id(model)}")
        command = [sys.executable, str(HERE / "right_values.py"), str(model.path), str(part), *sizes, "--mean"]
        command += [*map(str, model.mean), "--std", *map(str, model.std), *words_of(run)]
        try:
            done = subprocess.run(command, capture_output=True, text=True, timeout=SECONDS, check=False)
        except subprocess.TimeoutExpired:
            return Outcome("skipped", "interpreter: no answer")
        if done.returncode in (3, 4):
            reason.write_text(done.stdout.strip().splitlines()[-1])
        elif done.returncode < 0:
            reason.write_text(f"interpreter: ended by signal {-done.returncode}")
        elif done.returncode:
            return Outcome("failed", "the comparison itself", done.stderr.strip()[-400:])
        else:
            part.replace(kept)
    if reason.exists():
        return Outcome("skipped", reason.read_text())
    with np.load(kept) as arrays:
        return dict(arrays)


def call(program: str, *words: str) -> subprocess.CompletedProcess[str]:
    """Runs the program."""
    try:
        done = subprocess.run([program, *words], capture_output=True, text=True, timeout=SECONDS, check=False)
    except subprocess.TimeoutExpired as error:
        raise Failure("no answer", f"{words[0]} took longer than {SECONDS} s") from error
    if done.returncode < 0:
        raise Failure("killed", f"{words[0]} ended by signal {-done.returncode}")
    return done


def sentence(done: subprocess.CompletedProcess[str]) -> str:
    """Returns the error of a run, without the model's path."""
    lines = [line for line in done.stderr.splitlines() if line.strip()]
    text = next((line for line in lines if line.startswith("Error: ")), lines[0] if lines else "no message")
    return re.sub(r"model '[^']*' cannot be used: |model '[^']*': |^Error: |/\S*/", "", text)


def info(program: str, model: Model, options: Sequence[str]) -> str | None:
    """Returns why `info` refuses a model; None where it accepts it."""
    done = call(program, "info", str(model.path), "--json", *options)
    if done.returncode == 0:
        return None
    try:
        unmet = [entry for entry in json.loads(done.stdout)["requirements"] if entry["outcome"] == "NOT MET"]
    except ValueError:
        return sentence(done)
    details = [entry["details"] or entry["summary"] for entry in unmet] or ["no requirement is named"]
    return re.sub(r"model '[^']*' cannot be used: |model '[^']*': ", "", details[0])


def embed(program: str, model: Model, options: Sequence[str], images: Sequence[pathlib.Path]) -> list[Any] | str:
    """Returns a row an image, or the sentence by which the model is refused."""
    arguments = ["--model", str(model.path), "--format", "jsonl", *options, *map(str, images)]
    done = call(program, "embed", *arguments)
    rows = [json.loads(line) for line in done.stdout.splitlines() if line.strip()]
    if not rows:
        return sentence(done)
    if len(rows) != len(images):
        raise Failure("rows missing", f"{len(rows)} rows for {len(images)} images")
    return rows


def kind_of_refusal(text: str) -> str:
    """Returns the kind of failure that a refusal is."""
    return "called damaged" if "damaged" in text else "refused"


def difference(
    ours: list[Any], right: np.ndarray, kernels: np.ndarray | None, dynamic: bool
) -> tuple[str | None, float]:
    """Returns what is wrong with a vector, if anything, and how far it is off in parts of the largest component."""
    if len(ours) != len(right):
        return f"{len(ours)} components, right is {len(right)}", 0
    given = np.array([np.nan if value is None else value for value in ours], np.float64)
    largest = float(np.max(np.abs(right), initial=0)) or 1.0
    if not given.any() and right.any():
        return ZEROS, 1.0
    if np.ptp(given) == 0 and np.ptp(right) > 0:
        return CONSTANT, 1.0
    off = float(np.max(np.abs(given - right), initial=0)) / largest
    tolerance = FLOAT_TOLERANCE
    if dynamic and kernels is not None:
        # The other path's vector is as good, and nothing further from the right one than that path is.
        other = float(np.max(np.abs(given - kernels), initial=0)) / largest
        if other <= tolerance:
            return None, other
    return (None if off <= tolerance else f"off by {off:.2g} of the largest component"), off


def check_rows(rows: Sequence[Any], order: Sequence[int], right: dict[str, np.ndarray], facts: Any, mode: str) -> float:
    """Throws where a row is not what the interpreter gives; returns the largest difference.

    Args:
        rows: What the program wrote.
        order: The number of each row's image.
        right: The right vectors.
        facts: What is known of the model.
        mode: How the program ran.
    """
    worst = 0.0
    for place, (row, number) in enumerate(zip(rows, order, strict=True)):
        where = f"{mode}, image {place + 1} of {len(rows)} ({row.get('width')} x {row.get('height')})"
        if row["status"] != "ok":
            text = row.get("error_message", "no message")
            raise Failure("image fails" if place == 0 else "later image fails", f"{where}: {text}")
        heads = sum(key.startswith(f"vector_{number}_") for key in right)
        if len(row["embeddings"]) != heads:
            raise Failure("heads", f"{where}: {len(row['embeddings'])} heads, right is {heads}")
        for head, embedding in enumerate(row["embeddings"]):
            truth = right[f"vector_{number}_{head}"]
            other = right.get(f"kernels_{number}_{head}")
            wrong, off = difference(embedding["feature_vector"], truth, other, facts["dynamic"])
            if wrong:
                kind = wrong if wrong in (ZEROS, CONSTANT) else "wrong vector"
                raise Failure(kind, f"{where}, head {head}: {wrong}")
            worst = max(worst, off)
    return worst


def check(
    program: str, model: Model, run: dict[str, str], right: dict[str, np.ndarray], pictures: pathlib.Path
) -> Outcome:
    """Runs a model in every mode and compares."""
    facts = json.loads(str(right["facts"]))
    places = plan(model.sizes)
    files = [picture_file(pictures, place) for place in places]
    # A uint8 model takes the bytes as they are.
    options = [*([] if facts["input"] == 3 else model.normalization), *words_of(run)]
    refusal = info(program, model, options)
    worst = 0.0
    for mode, words in MODES:
        order = list(range(len(places)))
        if mode == "isolated":
            # Another image is the first of the session, of another size where sizes are open.
            order = order[1:] + order[:1]
        rows = embed(program, model, [*options, *words], [files[number] for number in order])
        if isinstance(rows, str):
            if refusal is None:
                raise Failure("info accepts, embed refuses", f"{mode}: {rows}")
            if model.refusable and "damaged" not in rows + refusal:
                return Outcome("refused", model.refusable, rows)
            raise Failure(kind_of_refusal(rows), rows)
        if refusal is not None:
            raise Failure("info refuses, embed accepts", refusal)
        worst = max(worst, check_rows(rows, order, right, facts, mode))
    if facts["input"] == 3:
        words = [*model.normalization, *words_of(run)]
        given = embed(program, model, words, files[:1])
        told = info(program, model, words)
        if isinstance(given, str) != (told is not None):
            said = given if isinstance(given, str) else "accepts"
            raise Failure("info and embed disagree on --mean", f"info: {told or 'accepts'}; embed: {said}")
    if "pool" in run:
        unpooled = [*options[: options.index("--pool")], *options[options.index("--pool") + 2 :]]
        given = embed(program, model, unpooled, files[:1])
        if not isinstance(given, str) or "--pool" not in given:
            raise Failure("taken without --pool", given if isinstance(given, str) else "it gives a vector")
    return Outcome("passed", worst=worst, dynamic=facts["dynamic"])


def silent(right: dict[str, np.ndarray]) -> str | None:
    """Returns why right values could not show a fault, where that is so."""
    vectors = [right[key] for key in right if key.startswith("vector_")]
    if not all(np.isfinite(vector).all() for vector in vectors):
        return "not to be compared: the right vector is not finite"
    if not all(vector.any() for vector in vectors):
        return "not to be compared: a right vector is all zeros"
    return None


def outcome(program: str, path: pathlib.Path, cache: pathlib.Path) -> Outcome:
    """Returns what becomes of a model."""
    model = described(path)
    if isinstance(model, Outcome):
        return model
    passed = []
    for run in model.runs:
        right = right_values(model, run, cache)
        if isinstance(right, Outcome):
            return right
        if reason := silent(right):
            return Outcome("skipped", reason)
        try:
            result = check(program, model, run, right, cache)
        except Failure as failure:
            kind, detail = failure.args
            return Outcome("failed", kind, f"{' '.join(words_of(run))}: {detail}" if run else detail)
        if result.state != "passed":
            return result
        passed.append(result)
    return max(passed, key=lambda result: result.worst)


def report(outcomes: dict[str, Outcome], seconds: float) -> None:
    """Prints the failures by kind, what is refused, why cases were skipped, and the counts as the last line."""
    by_state: dict[str, list[str]] = defaultdict(list)
    for name, result in outcomes.items():
        by_state[result.state].append(name)
    for title in ("failed", "refused"):
        kinds = Counter(outcomes[name].kind for name in by_state[title])
        for kind, count in kinds.most_common():
            print(f"\n{title}: {kind} ({count})")
            for name in by_state[title]:
                if outcomes[name].kind == kind:
                    print(f"  {name}\n    {outcomes[name].detail}")
    if by_state["skipped"]:
        print(f"\nskipped ({len(by_state['skipped'])})")
        for name in by_state["skipped"]:
            print(f"  {name}: {outcomes[name].kind[:LONGEST]}")
    passed = [outcomes[name] for name in by_state["passed"]]
    for dynamic, what in ((False, "other models"), (True, "models of integer weights and float activations")):
        worst = max((result.worst for result in passed if result.dynamic == dynamic), default=0.0)
        print(f"\nlargest accepted difference of {what}: {worst:.1e} of the largest component", end="")
    print(f"\n{seconds:.0f} seconds, {len(by_state['refused'])} refused as may be\n")
    # A refusal that may be is a pass.
    passes = len(by_state["passed"]) + len(by_state["refused"])
    print(f"{passes} passed, {len(by_state['failed'])} failed, {len(by_state['skipped'])} skipped")


def main() -> int:
    """Compares as the arguments say; returns the exit status."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--folder", type=pathlib.Path, default=ROOT / ".build/model-families/models")
    parser.add_argument("--only", default="*", help="a glob pattern of names")
    parser.add_argument("--results", type=pathlib.Path, help="also write the outcomes as JSON")
    parser.add_argument("program", nargs="?", default=str(ROOT / ".build/release/image-embedder"))
    options = parser.parse_args()
    begin = time.monotonic()
    cache = ROOT / ".build/model-families/right-values"
    cache.mkdir(parents=True, exist_ok=True)
    files = {
        path.relative_to(options.folder).with_suffix("").as_posix(): path for path in options.folder.rglob("*.tflite")
    }
    # Cases without a model are those that the converter refused.
    for record in options.folder.glob("*.json"):
        files.setdefault(record.stem, record.with_suffix(".tflite"))
    names = sorted(name for name in files if fnmatch.fnmatch(name, options.only))
    if not names:
        sys.exit(f"no models in {options.folder}: run make_models.py, or name another --folder")
    with concurrent.futures.ThreadPoolExecutor(PROCESSES) as pool:
        results = pool.map(lambda name: outcome(options.program, files[name], cache), names)
        outcomes = dict(zip(names, results, strict=True))
    report(outcomes, time.monotonic() - begin)
    if options.results:
        records = {name: dataclasses.asdict(result) for name, result in outcomes.items()}
        options.results.write_text(json.dumps(records, indent=1))
    return 1 if any(result.state == "failed" for result in outcomes.values()) else 0


if __name__ == "__main__":
    sys.exit(main())
