#!/usr/bin/env python3
"""Makes small ONNX models with random weights and converts them by `onnx2tf`, in an environment of its own.

    onnx_models.py [--output .build/model-families/onnx-models]

`compare.py --folder` then takes the folder.
"""

from __future__ import annotations

import argparse
import json
import pathlib
import subprocess
import sys
import tempfile
import zlib

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

OUTPUT = pathlib.Path(__file__).resolve().parents[2] / ".build/model-families/onnx-models"
HEIGHT, WIDTH = 16, 20
POOLED = [{"pool": "mean"}, {"pool": "max"}, {"pool": "flatten"}]
# The further options of `onnx2tf`, and the runs.
CASES: dict[str, tuple[str, list[str], list[dict[str, str]]]] = {
    "map": ("map", [], POOLED),
    # The input stays as ONNX has it, the map does not.
    "map-of-channels-first-input": ("map", ["-k", "image"], [{**run, "layout": "nhwc"} for run in POOLED]),
    "pooled": ("pooled", [], [{}]),
    "vector": ("vector", [], [{}]),
}
SHAPES = {"map": [1, 6, 4, 5], "pooled": [1, 6, 1, 1], "vector": [1, 6]}
# `onnx2tf` fetches pictures of this name to try a model with, unless they are there.
SAMPLES = "calibration_image_sample_data_20x128x128x3_float32.npy"


def network(end: str) -> onnx.ModelProto:
    """Returns two convolutions with an end: their map, its means, or these as a vector."""
    generator = np.random.default_rng(zlib.crc32(end.encode()))

    def weights(name: str, *shape: int) -> onnx.TensorProto:
        values = generator.normal(0, 1 / np.sqrt(np.prod(shape[1:])), shape)
        return numpy_helper.from_array(values.astype(np.float32), name)

    options = {"pads": [1, 1, 1, 1], "strides": [2, 2]}
    nodes = [
        helper.make_node("Conv", ["image", "first"], ["convolved"], **options),
        helper.make_node("Relu", ["convolved"], ["positive"]),
        helper.make_node("Conv", ["positive", "second"], ["map"], **options),
        helper.make_node("GlobalAveragePool", ["map"], ["pooled"]),
        helper.make_node("Flatten", ["pooled"], ["vector"]),
    ]
    graph = helper.make_graph(
        nodes[: 3 + list(SHAPES).index(end)],
        end,
        [helper.make_tensor_value_info("image", TensorProto.FLOAT, [1, 3, HEIGHT, WIDTH])],
        [helper.make_tensor_value_info(end, TensorProto.FLOAT, SHAPES[end])],
        [weights("first", 4, 3, 3, 3), weights("second", 6, 4, 3, 3)],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9)
    onnx.checker.check_model(model)
    return model


def convert(end: str, options: list[str]) -> bytes:
    """Returns the TFLite model of a network."""
    tool = pathlib.Path(sys.executable).with_name("onnx2tf")
    with tempfile.TemporaryDirectory(prefix="model-families-") as name:
        folder = pathlib.Path(name)
        np.save(folder / SAMPLES, np.random.default_rng(7).random((20, 128, 128, 3), np.float32))
        onnx.save(network(end), str(folder / "network.onnx"))
        command = [str(tool), "-i", "network.onnx", "-o", "converted", "-n", *options]
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
        if done.returncode:
            sys.exit(f"onnx2tf ended with {done.returncode}: {done.stderr[-1500:]}")
        return (folder / "converted/network_float32.tflite").read_bytes()


def main() -> None:
    """Converts every case."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--output", type=pathlib.Path, default=OUTPUT)
    output = parser.parse_args().output
    output.mkdir(parents=True, exist_ok=True)
    for name, (end, options, runs) in CASES.items():
        (output / f"onnx-{name}.tflite").write_bytes(convert(end, options))
        record = {"sizes": [(HEIGHT, WIDTH)], "refusable": None, "skipped": None, "runs": runs}
        (output / f"onnx-{name}.json").write_text(json.dumps(record, indent=1))
        print(f"made onnx-{name}", flush=True)


if __name__ == "__main__":
    main()
