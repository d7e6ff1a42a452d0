#!/usr/bin/env python3
"""Says how near OpenVINO's convolutions of 1 x 1 come to the fastest product of two matrices, on one core.

    arithmetic_limit.py MODEL [--rounds 30]

A convolution of 1 x 1 is a product of two matrices. Prints the part of the model's products that are of such
convolutions, how many operations a second OpenVINO reaches in them by its own clock, and how many NumPy's BLAS (OpenBLAS)
reaches in a product of 1024 x 1024 matrices. The model is one of single precision; `make benchmark` makes one in
.build/comparison and the environment, .build/comparison/openvino, that this runs in.
"""

from __future__ import annotations

import argparse
import os
import statistics
import time

# Before NumPy loads its BLAS.
os.environ["OPENBLAS_NUM_THREADS"] = "1"

import numpy as np
import openvino

SIDE = 1024


def products(model: openvino.Model) -> dict[str, int]:
    """Counts the products of each convolution, by its name.

    Args:
        model: The model.

    Returns:
        How many numbers are multiplied with a weight; those of 1 x 1 have names that end in " 1x1".
    """
    counts = {}
    for operator in model.get_ordered_ops():
        kind = operator.get_type_name()
        if kind not in ("Convolution", "GroupConvolution"):
            continue
        # A group's weights have one axis more in front.
        weights = list(operator.input(1).get_shape())[1 if kind == "Convolution" else 2 :]
        suffix = " 1x1" if kind == "Convolution" and weights[1:] == [1, 1] else ""
        counts[operator.get_friendly_name() + suffix] = int(np.prod(operator.output(0).get_shape()) * np.prod(weights))
    return counts


def convolution_seconds(model: openvino.Model, rounds: int) -> float:
    """Measures what OpenVINO takes for all convolutions of 1 x 1 of one inference.

    Args:
        model: The model.
        rounds: How many inferences.

    Returns:
        The median of the seconds.
    """
    options = {"INFERENCE_PRECISION_HINT": "f32", "INFERENCE_NUM_THREADS": 1, "NUM_STREAMS": 1, "PERF_COUNT": True}
    request = openvino.Core().compile_model(model, "CPU", options).create_infer_request()
    shape = list(model.input(0).get_shape())
    request.set_input_tensor(openvino.Tensor(np.random.default_rng(7).uniform(-1, 1, shape).astype(np.float32)))
    samples = []
    for _ in range(rounds):
        request.infer()
        parts = [part for part in request.profiling_info if part.node_type == "Convolution" and "1x1" in part.exec_type]
        samples.append(sum(part.real_time.total_seconds() for part in parts))
    return statistics.median(samples)


def product_seconds(rounds: int) -> float:
    """Measures a product of two matrices of SIDE x SIDE.

    Args:
        rounds: How many products.

    Returns:
        The least of the seconds, which is what the processor can do.
    """
    matrix = np.random.default_rng(7).uniform(-1, 1, (SIDE, SIDE)).astype(np.float32)
    samples = []
    for _ in range(rounds):
        start = time.perf_counter()
        np.matmul(matrix, matrix)
        samples.append(time.perf_counter() - start)
    return min(samples)


def main() -> None:
    """Measures, and prints three lines."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("model")
    parser.add_argument("--rounds", type=int, default=30)
    options = parser.parse_args()
    model = openvino.Core().read_model(options.model)
    counts = products(model)
    pointwise = sum(count for name, count in counts.items() if name.endswith(" 1x1"))
    print(f"products in convolutions of 1 x 1: {pointwise / sum(counts.values()):.0%} of those in all convolutions")
    # A product and a sum each.
    print(f"OpenVINO: {2 * pointwise / convolution_seconds(model, options.rounds) / 1e9:.0f} GFLOP/s")
    print(f"OpenBLAS: {2 * SIDE**3 / product_seconds(options.rounds) / 1e9:.0f} GFLOP/s")


if __name__ == "__main__":
    main()
