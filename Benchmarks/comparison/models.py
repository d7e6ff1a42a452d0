"""The float model in the forms that OpenVINO and ONNX Runtime read, with the same numbers in all of them."""

from __future__ import annotations

import pathlib
import subprocess
from collections.abc import Sequence

from environments import ENVIRONMENTS, OPENVINO, ROOT, Environment, UnavailableError

FLOAT, INT8 = "efficientnet-lite0", "efficientnet-lite0-int8"
SINGLE_PRECISION = ENVIRONMENTS / f"{FLOAT}-float32.tflite"
ONNX = ENVIRONMENTS / f"{FLOAT}.onnx"
MAKER = pathlib.Path(__file__).resolve().parent / "single_precision.py"


def model_path(name: str) -> pathlib.Path:
    """Returns the file of a built-in model."""
    return ROOT / f"Models/{name}.tflite"


def make_single_precision(openvino: Environment) -> None:
    """Makes the model that OpenVINO reads, unless it is there.

    Args:
        openvino: OpenVINO's Python, which has what reads and writes TFLite files.

    Raises:
        UnavailableError: It cannot be made.
    """
    _make(SINGLE_PRECISION, model_path(FLOAT), [str(openvino.python), str(MAKER)])


def make_onnx(onnxruntime: Environment) -> None:
    """Makes the model that ONNX Runtime reads, unless it is there.

    Args:
        onnxruntime: ONNX Runtime's Python, which has the converter.

    Raises:
        UnavailableError: It cannot be made.
    """
    if not SINGLE_PRECISION.exists():
        raise UnavailableError(f"its model is made of the one of {OPENVINO.name}, which is not there")
    _make(ONNX, SINGLE_PRECISION, [str(onnxruntime.python.with_name("tflite2onnx"))])


def _make(target: pathlib.Path, source: pathlib.Path, command: Sequence[str]) -> None:
    """Runs what makes a model of another, where that is newer or there is none yet."""
    if target.exists() and target.stat().st_mtime >= source.stat().st_mtime:
        return
    target.unlink(missing_ok=True)
    # The ending says what it is, so it stays.
    unfinished = target.with_name(f"unfinished-{target.name}")
    unfinished.unlink(missing_ok=True)
    done = subprocess.run([*command, str(source), str(unfinished)], capture_output=True, text=True)
    if done.returncode != 0 or not unfinished.exists():
        lines = done.stderr.strip().splitlines() or ["it wrote nothing"]
        raise UnavailableError(f"{target.name} cannot be made: {lines[-1]}")
    unfinished.rename(target)
