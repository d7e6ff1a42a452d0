#!/usr/bin/env python3
"""Embeds images with one of the peers and says how long that took, in one line of JSON.

    peer.py LIBRARY MODEL [--processes N] [--threads N] [--streams N] [--draft] [--first] INPUT...

An input that ends in .rgb is a decoded frame; frames are read before the clock starts, and handed over as arrays. The
time goes from the moment when every process has its model loaded and has run it, to the last vector or the end of 5
seconds. With --first the vector of the first input is printed and nothing is measured: the caller takes the time from
the start of the process.
"""

from __future__ import annotations

import argparse
import functools
import json
import multiprocessing
import os
import resource
import sys
import time
from collections.abc import Iterator
from typing import Any, Callable, NamedTuple

import numpy as np

from libraries import LIBRARIES, QUEUES

WARM_UP_COUNT = 5
# A slow peer need not embed everything for its pace to be known.
LONGEST_SECONDS = 5.0
# A process that fails before the others are ready would keep them waiting.
SECONDS_TO_LOAD = 120.0
# Of the frames that pictures.py makes.
FRAME_SHAPE = (375, 500, 3)
# What must not be destroyed before the process ends.
KEPT: list[Any] = []


class Share(NamedTuple):
    """What one process did.

    Attributes:
        images: How many images it embedded.
        start: The clock when it began, the same clock in all processes.
        end: The clock when it ended.
        cpu_seconds: The processor time in between, of all its threads.
    """

    images: int
    start: float
    end: float
    cpu_seconds: float


def prepare(options: argparse.Namespace) -> Callable[[Any], np.ndarray]:
    """Loads the model.

    Args:
        options: The command line.

    Returns:
        What turns an input into a vector.
    """
    extra = {"draft": True} if options.draft else {}
    library = LIBRARIES[options.library](options.model, options.threads, **extra)
    return library.embed_frame if options.inputs[0].endswith(".rgb") else library.embed_file


def read(path: str) -> Any:
    """Reads an input as far as it is read before the clock starts.

    Args:
        path: The path of the input.

    Returns:
        The pixels of a frame; of a file only the path.
    """
    return np.fromfile(path, np.uint8).reshape(FRAME_SHAPE) if path.endswith(".rgb") else path


def processor_seconds() -> float:
    """Returns the processor time of this process so far."""
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


def work(options: argparse.Namespace, take: Callable[[], int], wait: Callable[[], object]) -> Share:
    """Embeds what no other process has taken.

    Args:
        options: The command line.
        take: Gives the number of the next input that nobody has taken.
        wait: Waits until all processes are ready.

    Returns:
        What this process did.
    """
    embed = prepare(options)
    inputs = [read(path) for path in options.inputs]
    for index in range(WARM_UP_COUNT):
        embed(inputs[index % len(inputs)])
    vectors = []
    wait()
    start, cpu_start = time.perf_counter(), processor_seconds()
    while (index := take()) < len(inputs) and time.perf_counter() - start < LONGEST_SECONDS:
        vectors.append(embed(inputs[index]))
    return Share(len(vectors), start, time.perf_counter(), processor_seconds() - cpu_start)


def work_alone(options: argparse.Namespace) -> list[Share]:
    """Embeds everything in this process.

    Args:
        options: The command line.

    Returns:
        What it did.
    """
    return [work(options, functools.partial(next, iter(range(len(options.inputs) + 1))), lambda: None)]


def work_in_queue(options: argparse.Namespace) -> list[Share]:
    """Embeds everything in this process, through the library's own queue.

    Args:
        options: The command line.

    Returns:
        What it did.
    """
    extra = {"draft": True} if options.draft else {}
    embed_all = QUEUES[options.library](options.model, options.streams, **extra)
    KEPT.append(embed_all)
    inputs = [read(path) for path in options.inputs]
    embed_all(inputs[index % len(inputs)] for index in range(WARM_UP_COUNT))
    start, cpu_start = time.perf_counter(), processor_seconds()

    def until_late() -> Iterator[Any]:
        for item in inputs:
            if time.perf_counter() - start >= LONGEST_SECONDS:
                return
            yield item

    vectors = embed_all(until_late())
    return [Share(len(vectors), start, time.perf_counter(), processor_seconds() - cpu_start)]


def work_together(options: argparse.Namespace) -> list[Share]:
    """Embeds everything in several processes, each of which takes the next input when it is free.

    Args:
        options: The command line.

    Returns:
        What each did.
    """
    context = multiprocessing.get_context("fork")
    barrier = context.Barrier(options.processes, timeout=SECONDS_TO_LOAD)
    counter, shares = context.Value("i", 0), context.SimpleQueue()

    def take() -> int:
        with counter.get_lock():
            index = int(counter.value)
            counter.value = index + 1
        return index

    def run() -> None:
        shares.put(work(options, take, barrier.wait))

    # Nothing was imported yet that could not be forked, and no thread runs.
    processes = [context.Process(target=run) for _ in range(options.processes)]
    for process in processes:
        process.start()
    for process in processes:
        process.join()
        if process.exitcode != 0:
            for other in processes:
                other.terminate()
            sys.exit(f"a process ended with status {process.exitcode}")
    return [shares.get() for _ in processes]


def main() -> None:
    """Measures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("library", choices=LIBRARIES)
    parser.add_argument("model")
    parser.add_argument("inputs", nargs="+")
    parser.add_argument("--processes", type=int, default=1)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--streams", type=int, default=1)
    parser.add_argument("--draft", action="store_true")
    parser.add_argument("--first", action="store_true")
    options = parser.parse_args()
    if options.first:
        vector = prepare(options)(read(options.inputs[0]))
        print(json.dumps(np.asarray(vector, np.float64).tolist()), flush=True)
        return
    if options.streams > 1:
        shares = work_in_queue(options)
    else:
        shares = work_alone(options) if options.processes == 1 else work_together(options)
    result = {
        "images": sum(share.images for share in shares),
        "seconds": max(share.end for share in shares) - min(share.start for share in shares),
        "cpu_seconds": sum(share.cpu_seconds for share in shares),
    }
    print(json.dumps(result), flush=True)
    # OpenVINO's queue, when it is destroyed, now and then waits for a thread that waits for Python's lock: for ever.
    os._exit(0)


if __name__ == "__main__":
    main()
