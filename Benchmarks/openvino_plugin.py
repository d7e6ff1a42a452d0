#!/usr/bin/env python3
"""Holds LiteRT's own OpenVINO plugin against OpenVINO itself and against LiteRT's interpreter, alternating.

    openvino_plugin.py MODEL [--rounds 30]

Needs ai-edge-litert 2.3.0, openvino 2026.3.1 and NumPy. Both are asked for single precision. The model is one of real
numbers that OpenVINO reads itself; comparison/single_precision.py makes one of a model with weights of half precision.
Prints the median time of an image, and the largest difference from the interpreter's vector as a part of its largest
component. Bind it to one core (taskset -c 0), since no number of threads reaches the plugin.
"""

from __future__ import annotations

import argparse
import statistics
import time
from typing import Callable

import numpy as np
import openvino
from ai_edge_litert.compiled_model import CompiledModel
from ai_edge_litert.hardware_accelerator import HardwareAccelerator
from ai_edge_litert.intel_openvino_options import IntelOpenVinoGraphBackend
from ai_edge_litert.interpreter import Interpreter
from ai_edge_litert.options import Options


def interpreter(model: str, image: np.ndarray) -> Callable[[], np.ndarray]:
    """Returns what runs the model by LiteRT's interpreter."""
    runner = Interpreter(model, num_threads=1)
    runner.allocate_tensors()
    runner.set_tensor(runner.get_input_details()[0]["index"], image)

    def run() -> np.ndarray:
        runner.invoke()
        return runner.get_tensor(runner.get_output_details()[0]["index"]).ravel()

    return run


def plugin(model: str, image: np.ndarray, count: int) -> Callable[[], np.ndarray]:
    """Returns what runs the model by LiteRT's plugin, for an output of `count` components."""
    options = Options(hardware_accelerators=HardwareAccelerator.NPU | HardwareAccelerator.CPU)
    options.intel_openvino_options.graph_backend = IntelOpenVinoGraphBackend.CPU
    options.intel_openvino_options.configs_map = {"INFERENCE_PRECISION_HINT": "f32"}
    compiled = CompiledModel.from_file(model, options=options)
    inputs, outputs = compiled.create_input_buffers(0), compiled.create_output_buffers(0)

    def run() -> np.ndarray:
        inputs[0].write(image)
        compiled.run_by_index(0, inputs, outputs)
        return outputs[0].read(count, np.float32)

    return run


def openvino_itself(model: str, image: np.ndarray) -> Callable[[], np.ndarray]:
    """Returns what runs the model by OpenVINO, as we do."""
    settings = {"INFERENCE_NUM_THREADS": 1, "NUM_STREAMS": 1, "ENABLE_CPU_PINNING": False,
                "INFERENCE_PRECISION_HINT": "f32"}
    core = openvino.Core()
    request = core.compile_model(core.read_model(model), "CPU", settings).create_infer_request()

    def run() -> np.ndarray:
        request.infer([image])
        return request.get_output_tensor(0).data.ravel()

    return run


def main() -> None:
    """Measures, and prints a line for each."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("model")
    parser.add_argument("--rounds", type=int, default=30)
    options = parser.parse_args()
    probe = Interpreter(options.model)
    shape = [abs(extent) for extent in probe.get_input_details()[0]["shape"]]
    image = np.random.default_rng(7).uniform(-1, 1, shape).astype(np.float32)

    reference = interpreter(options.model, image)
    expected = reference().copy()
    runs = {"interpreter": reference, "plugin": plugin(options.model, image, expected.size),
            "openvino": openvino_itself(options.model, image)}
    milliseconds: dict[str, list[float]] = {name: [] for name in runs}
    for _ in range(options.rounds):
        for name, run in runs.items():
            start = time.perf_counter()
            run()
            milliseconds[name].append((time.perf_counter() - start) * 1e3)
    for name, run in runs.items():
        difference = np.abs(run() - expected).max() / np.abs(expected).max()
        print(f"{name:12} {statistics.median(milliseconds[name]):7.2f} ms an image, {difference:.1e} off")


if __name__ == "__main__":
    main()
