#!/usr/bin/env python3
"""Embeds image files with Image Embedder's Python package and says how long that took, in one line of JSON.

    ours_in_python.py MODEL ACCELERATOR WORKERS INPUT...

The files are embedded twice over, so that there are a thousand where there are five hundred. The time goes from the
moment when the model is loaded and every worker has run it, to the last vector.
"""

from __future__ import annotations

import json
import resource
import sys
import time

import image_embedder

WARM_UP_COUNT = 10


def processor_seconds() -> float:
    """Returns the processor time of this process so far."""
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


def main() -> None:
    """Measures."""
    model, accelerator, workers, *inputs = sys.argv[1:]
    inputs *= 2
    embedder = image_embedder.Embedder(model, accelerator=accelerator)
    for _ in embedder.embed_batch(inputs[:WARM_UP_COUNT], workers=int(workers)):
        pass
    start, cpu_start = time.perf_counter(), processor_seconds()
    vectors = [result.embedding for result in embedder.embed_batch(inputs, workers=int(workers))]
    seconds, cpu_seconds = time.perf_counter() - start, processor_seconds() - cpu_start
    print(json.dumps({"images": len(vectors), "seconds": seconds, "cpu_seconds": cpu_seconds}), flush=True)


if __name__ == "__main__":
    main()
