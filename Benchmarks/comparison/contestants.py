"""Who takes part, and how each is run."""

from __future__ import annotations

import abc
import dataclasses
import json
import os
import pathlib
import statistics
from collections.abc import Iterator
from typing import NamedTuple

import processes
from environments import ONNXRUNTIME, OPENVINO, PILLOW_LITERT, Environment
from models import FLOAT, INT8, ONNX, SINGLE_PRECISION, model_path
from workloads import CACHE, FRAME_LAYOUT, HERE, Workload

ROOT = HERE.parents[1]
PROGRAM = ROOT / ".build/release/image-embedder"
LIBRARY = ROOT / ".build/library/release/libimageembedder.so"
ROOFLINE = ROOT / ".build/comparison/roofline"
LITERT = pathlib.Path(os.environ.get("IMAGE_EMBEDDER_LITERT", CACHE / "litert-2.3.0/libLiteRt.so"))
OPENVINO_LIBRARY = pathlib.Path(
    os.environ.get("IMAGE_EMBEDDER_OPENVINO", CACHE / "openvino-2026.3.1/libopenvino_c.so.2631")
)
MODEL_SIDE = 224
CORES = len(os.sched_getaffinity(0))
OURS, PEER, BOUND = "ours", "peer", "bound"
# The value of `--accelerator`, and in keys what stands in place of the model's name.
ACCELERATED = "openvino"
# The value of `--precision` that is not the default's, which a processor must have.
COARSE = "bfloat16"
TITLES = {
    "tflite-support": "tflite-support",
    "mediapipe": "MediaPipe",
    "pillow-litert": "Pillow + LiteRT",
    "openvino": "OpenVINO pipeline",
    "onnxruntime": "ONNX Runtime pipeline",
}
# How often the model alone is run: enough for a steady figure.
RUN_COUNT, QUICK_RUN_COUNT = 200, 30


class Measurement(NamedTuple):
    """What embedding some images took, without what comes before the first.

    Attributes:
        images: How many.
        seconds: From the first vector to the last.
        cpu_seconds: The processor time of all threads and processes in between.
    """

    images: int
    seconds: float
    cpu_seconds: float


@dataclasses.dataclass(frozen=True)
class Contestant(abc.ABC):
    """One way to turn images into vectors.

    Attributes:
        key: Its short name.
        title: Its name for readers.
        workers: How many images it works on at a time.
    """

    key: str
    title: str
    workers: int = 1

    @property
    @abc.abstractmethod
    def group(self) -> str:
        """Whether it is `ours`, a `peer`, or a `bound` that nobody can beat."""

    @property
    def cores(self) -> int:
        """How many cores it can keep busy."""
        return self.workers

    def takes(self, workload: Workload) -> bool:
        """Returns whether it can embed a workload's images."""
        return True

    @abc.abstractmethod
    def command(self, workload: Workload) -> list[str]:
        """Returns the command that embeds all of a workload's images."""

    def first_command(self, workload: Workload) -> list[str] | None:
        """Returns the command that prints the vector of the first image, None if there is none."""
        return None

    def measure(self, workload: Workload) -> Measurement:
        """Embeds all of a workload's images.

        Args:
            workload: The images.

        Returns:
            What it took.
        """
        return Measurement(**json.loads(processes.run(self.command(workload)).output))


@dataclasses.dataclass(frozen=True)
class Ours(Contestant):
    """The command line.

    Attributes:
        model: A built-in model.
        decode: `exact` or `fast`.
        scratch: A folder for output.
        accelerator: What computes the model.
        precision: The numbers that it computes in.
    """

    model: str = FLOAT
    decode: str = "exact"
    scratch: pathlib.Path = pathlib.Path()
    accelerator: str = "cpu"
    precision: str = "float32"

    group = OURS

    def takes(self, workload: Workload) -> bool:
        """Returns whether it can embed a workload's images."""
        return self.decode == "exact" or not workload.is_frames

    def command(self, workload: Workload) -> list[str]:
        """Returns the command that embeds all of a workload's images."""
        inputs = workload.paths if workload.is_frames else [str(workload.folder)]
        return [*self._command(workload, inputs), *self._output]

    def first_command(self, workload: Workload) -> list[str] | None:
        """Returns the command that prints the vector of the first image, None if there is none."""
        return self._command(workload, workload.paths[:1]) if self.cores == 1 else None

    def measure(self, workload: Workload) -> Measurement:
        """Embeds all of a workload's images.

        The program does not say when its first vector is ready. So it runs again with one image for each worker, and
        what that takes is subtracted with those images.

        Args:
            workload: The images.

        Returns:
            What it took.
        """
        first = [*self._command(workload, workload.paths[: self.workers]), *self._output]
        starts = [processes.run(first) for _ in range(3)]
        whole = processes.run(self.command(workload))
        return Measurement(
            len(workload.paths) - self.workers,
            whole.seconds - statistics.median(start.seconds for start in starts),
            whole.cpu_seconds - statistics.median(start.cpu_seconds for start in starts),
        )

    @property
    def _output(self) -> list[str]:
        return ["--format", "npy", "--output", str(self.scratch / "vectors.npy")]

    def _command(self, workload: Workload, inputs: list[str]) -> list[str]:
        options = ["--model", self.model, "--threads", str(self.workers)]
        if self.decode != "exact":
            options += ["--decode", self.decode]
        if self.accelerator != "cpu":
            options += ["--accelerator", self.accelerator]
        if self.precision != "float32":
            options += ["--precision", self.precision]
        if workload.is_frames:
            options += ["--raw", FRAME_LAYOUT]
        return [str(PROGRAM), "embed", *inputs, *options]


@dataclasses.dataclass(frozen=True)
class OursInPython(Contestant):
    """The Python package, on the library that `make library` builds.

    Attributes:
        python: A Python that has NumPy.
        accelerator: What computes the model.
    """

    python: pathlib.Path = pathlib.Path()
    accelerator: str = "cpu"

    group = OURS

    def takes(self, workload: Workload) -> bool:
        """Returns whether it can embed a workload's images."""
        # Where decoding takes longer Python has even less to do.
        return workload.key == "small"

    def command(self, workload: Workload) -> list[str]:
        """Returns the command that embeds all of a workload's images."""
        variables = [f"PYTHONPATH={ROOT / 'python/src'}", f"IMAGE_EMBEDDER_LIBRARY={LIBRARY}"]
        program = [str(self.python), str(HERE / "ours_in_python.py"), str(model_path(FLOAT))]
        return ["env", *variables, *program, self.accelerator, str(self.workers), *workload.paths]


@dataclasses.dataclass(frozen=True)
class Peer(Contestant):
    """A library for Python.

    Attributes:
        library: The library's name in libraries.py.
        python: A Python that has it.
        threads: The threads of one inference.
        draft: Whether JPEG files may be decoded to a smaller size.
        model: The float model in the form that the library reads.
        streams: How many inferences its own queue runs at a time; 1 for none.
    """

    library: str = ""
    python: pathlib.Path = pathlib.Path()
    threads: int = 1
    draft: bool = False
    model: pathlib.Path = pathlib.Path()
    streams: int = 1

    group = PEER

    @property
    def cores(self) -> int:
        """How many cores it can keep busy."""
        return self.workers * self.threads * self.streams

    def takes(self, workload: Workload) -> bool:
        """Returns whether it can embed a workload's images."""
        # The small pictures are too small for it to make a difference.
        return not self.draft or workload.key == "large"

    def command(self, workload: Workload) -> list[str]:
        """Returns the command that embeds all of a workload's images."""
        return [*self._command, *workload.paths]

    def first_command(self, workload: Workload) -> list[str] | None:
        """Returns the command that prints the vector of the first image, None if there is none."""
        return [*self._command, "--first", workload.paths[0]] if self.cores == 1 else None

    @property
    def _command(self) -> list[str]:
        numbers = {"--processes": self.workers, "--threads": self.threads, "--streams": self.streams}
        options = [text for option, number in numbers.items() for text in (option, str(number))]
        options += ["--draft"] if self.draft else []
        return [str(self.python), str(HERE / "peer.py"), self.library, str(self.model), *options]


@dataclasses.dataclass(frozen=True)
class Bound(Contestant):
    """The libraries underneath, in plain C: decoding, the model's run, or one after the other.

    Attributes:
        model: The model to run, empty for none.
        decode: `exact`, `fast`, or empty for none.
        threads: The threads of one inference.
        run_count: How often the model is run if nothing is decoded.
        engine: What runs it, `litert` or `openvino`; the latter has the float model only.
    """

    model: str = ""
    decode: str = ""
    threads: int = 1
    run_count: int = RUN_COUNT
    engine: str = "litert"

    group = BOUND

    @property
    def cores(self) -> int:
        """How many cores it can keep busy."""
        return self.workers * self.threads

    def takes(self, workload: Workload) -> bool:
        """Returns whether it can embed a workload's images."""
        return not (self.decode and workload.is_frames)

    def command(self, workload: Workload) -> list[str]:
        """Returns the command that does as much work as a workload is."""
        count = len(workload.paths) if self.decode else self.run_count
        command = [str(ROOFLINE), "--workers", str(self.workers), "--threads", str(self.threads), "--count", str(count)]
        if self.engine == "openvino":
            command += ["--openvino", str(OPENVINO_LIBRARY), "--model", str(SINGLE_PRECISION)]
        elif self.model:
            command += ["--library", str(LITERT), "--model", str(model_path(self.model))]
        if self.decode == "fast":
            command += ["--cover", str(MODEL_SIDE)]
        return command + (workload.paths if self.decode else [])


def all_contestants(peers: dict[str, Environment], scratch: pathlib.Path, is_quick: bool) -> list[Contestant]:
    """Lists who takes part; what is compared stands side by side, so that it also runs so.

    Args:
        peers: The peers that are installed.
        scratch: A folder for output.
        is_quick: Whether this is a dry run.

    Returns:
        The contestants.
    """
    result: list[Contestant] = []
    run_count = QUICK_RUN_COUNT if is_quick else RUN_COUNT
    has_openvino = OPENVINO_LIBRARY.exists()
    for workers in dict.fromkeys((1, CORES)):
        result += _ours_and_bounds(workers, scratch, run_count)
        if PILLOW_LITERT.name in peers:
            at_work = "1 thread" if workers == 1 else f"{workers} threads"
            python = peers[PILLOW_LITERT.name].python
            title = f"Image Embedder, `embed_batch` in Python, {at_work}"
            result.append(OursInPython(f"python-{FLOAT}-{workers}", title, workers, python))
            if has_openvino:
                title = f"Image Embedder, OpenVINO, `embed_batch` in Python, {at_work}"
                result.append(OursInPython(f"python-{ACCELERATED}-{workers}", title, workers, python, ACCELERATED))
        if has_openvino:
            result += _ours_and_bounds_with_openvino(workers, scratch, run_count)
        for name, environment in peers.items():
            result += _peers(name, environment.python, workers)
    return result


def _ours_and_bounds(workers: int, scratch: pathlib.Path, run_count: int) -> Iterator[Contestant]:
    at_work = "1 thread" if workers == 1 else f"{workers} threads"
    for decode, model, name in (("exact", FLOAT, ""), ("fast", FLOAT, ", `--decode fast`"), ("exact", INT8, ", int8")):
        both = f"decoding ({decode}), then {'int8' if model == INT8 else 'float'} model"
        yield Bound(f"both-{decode}-{model}-{workers}", f"{both}, {at_work}", workers, model, decode)
        title = f"Image Embedder{name}, {at_work}"
        yield Ours(f"ours-{decode}-{model}-{workers}", title, workers, model, decode, scratch)
        if model == FLOAT:
            yield Bound(f"decode-{decode}-{workers}", f"decoding ({decode}) only, {at_work}", workers, "", decode)
        if decode == "exact":
            title = f"{'int8' if model == INT8 else 'float'} model only, {at_work}"
            yield Bound(f"run-{model}-{workers}", title, workers, model, run_count=run_count)
    if workers > 1:
        title = f"float model only, 1 run at a time on {at_work}"
        yield Bound(f"run-{FLOAT}-inner", title, 1, FLOAT, threads=workers, run_count=run_count)


def _ours_and_bounds_with_openvino(workers: int, scratch: pathlib.Path, run_count: int) -> Iterator[Contestant]:
    at_work = "1 thread" if workers == 1 else f"{workers} threads"
    has_model = SINGLE_PRECISION.exists()
    for decode, name in (("exact", ""), ("fast", ", `--decode fast`")):
        if has_model:
            key, both = f"both-{decode}-{ACCELERATED}-{workers}", f"decoding ({decode}), then float model with OpenVINO"
            yield Bound(key, f"{both}, {at_work}", workers, FLOAT, decode, engine=ACCELERATED)
        title = f"Image Embedder, OpenVINO{name}, {at_work}"
        yield Ours(f"ours-{decode}-{ACCELERATED}-{workers}", title, workers, FLOAT, decode, scratch, ACCELERATED)
    # Other vectors: nothing that is promised counts it.
    key, title = f"ours-exact-{ACCELERATED}-{COARSE}-{workers}", f"Image Embedder, OpenVINO in {COARSE}, {at_work}"
    yield Ours(key, title, workers, FLOAT, "exact", scratch, ACCELERATED, COARSE)
    if has_model:
        title = f"float model with OpenVINO only, {at_work}"
        yield Bound(f"run-{ACCELERATED}-{workers}", title, workers, FLOAT, run_count=run_count, engine=ACCELERATED)


def _peers(name: str, python: pathlib.Path, workers: int) -> Iterator[Contestant]:
    title = TITLES[name]
    model = {OPENVINO.name: SINGLE_PRECISION, ONNXRUNTIME.name: ONNX}.get(name, model_path(FLOAT))
    at_work = "1 process" if workers == 1 else f"{workers} processes"
    peer = Peer(f"{name}-{workers}", f"{title}, {at_work}", workers, name, python, model=model)
    alone = dataclasses.replace(peer, key=f"{name}-inner", workers=1)
    yield peer
    if name in (PILLOW_LITERT.name, OPENVINO.name, ONNXRUNTIME.name):
        yield dataclasses.replace(
            peer, key=f"{name}-draft-{workers}", title=f"{title}, draft mode, {at_work}", draft=True
        )
    if workers > 1 and name == OPENVINO.name:
        inner = f"{title}, 1 process, {workers} streams"
        yield dataclasses.replace(alone, title=inner, streams=workers)
        inner = f"{title}, draft mode, 1 process, {workers} streams"
        yield dataclasses.replace(alone, key=f"{name}-draft-inner", title=inner, streams=workers, draft=True)
    elif workers > 1 and name != "mediapipe":
        yield dataclasses.replace(alone, title=f"{title}, 1 process, {workers} threads", threads=workers)
