#!/usr/bin/env python3
"""Measures the interpreter of ai-edge-litert on one image at a time and on several at once, alternating.

    fixed_batch.py MODEL [--batch 8] [--threads 1] [--rounds 30]

The model's batch must be open or one that the runtime can change. Prints the median time of an image either way.
"""

from __future__ import annotations

import argparse
import statistics
import time

import numpy as np
from ai_edge_litert.interpreter import Interpreter


def main() -> None:
    """Measures, and prints two lines."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("model")
    parser.add_argument("--batch", type=int, default=8)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--rounds", type=int, default=30)
    options = parser.parse_args()

    interpreters: dict[int, Interpreter] = {}
    for batch in (1, options.batch):
        interpreter = Interpreter(options.model, num_threads=options.threads)
        details = interpreter.get_input_details()[0]
        side = [224 if extent < 0 else extent for extent in details["shape_signature"][1:]]
        interpreter.resize_tensor_input(details["index"], [batch, *side])
        interpreter.allocate_tensors()
        generator = np.random.default_rng(7)
        pixels = generator.uniform(-1, 1, (batch, *side)) * (100 if details["dtype"] != np.float32 else 1)
        interpreter.set_tensor(details["index"], pixels.astype(details["dtype"]))
        interpreters[batch] = interpreter

    milliseconds: dict[int, list[float]] = {batch: [] for batch in interpreters}
    for round_number in range(options.rounds + 1):
        for batch, interpreter in interpreters.items():
            start = time.perf_counter()
            for _ in range(options.batch // batch):
                interpreter.invoke()
            taken = (time.perf_counter() - start) * 1e3 / options.batch
            # The first round is for nothing.
            if round_number:
                milliseconds[batch].append(taken)
    for batch, times in milliseconds.items():
        print(f"{batch} at a time: {statistics.median(times):.2f} ms an image")


if __name__ == "__main__":
    main()
