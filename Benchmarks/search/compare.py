"""Compares the search among a million rows with FAISS, usearch and a plain read of memory.

All search the same rows in one process, in turns. A plain read adds up as many bytes as the search file has, on
as many threads. Answers are held against cosines of the float32 rows by NumPy.
"""

import argparse
import ctypes
import json
import os
import statistics
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import faiss
import numpy as np
from image_embedder import _abi
from image_embedder._search import Index as OurIndex
from image_embedder._store import Store
from numpy.typing import NDArray
from usearch.index import MetricKind, search

Vectors = NDArray[np.float32]


class OneThread(OurIndex):
    """An index that searches on one thread."""

    def __init__(self, folder: Path) -> None:
        """Opens it."""
        self._store = _abi.make("ie_store_open", os.fsencode(folder))
        self.count = _abi.library().ie_store_count(self._store.pointer)
        options = _abi.sized(_abi.IndexOptions)
        options.thread_count = 1
        self._index = _abi.make("ie_index_open", self._store.pointer, ctypes.byref(options))


def seconds(work: Callable[[], Any], by_processor: bool) -> float:
    """How long some work takes; by the processor's time it does not matter what else runs."""
    clock = time.process_time if by_processor else time.perf_counter
    start = clock()
    work()
    return clock() - start


def reader(byte_count: int, thread_count: int) -> Callable[[], None]:
    """A plain read of memory, in C on the pages that the system gives for large arrays."""
    words = np.ones(byte_count // 8, np.uint64)
    source = Path(__file__).with_name("read.c")
    built = Path(os.environ.get("TMPDIR", "/tmp")) / f"read-{os.getuid()}.so"
    if os.system(f"cc -O3 -mavx2 -shared -fPIC -o {built} {source}") != 0:
        raise RuntimeError(f"{source} cannot be compiled")
    read = ctypes.CDLL(str(built)).read_plainly
    read.restype, read.argtypes = ctypes.c_uint64, [ctypes.c_void_p, ctypes.c_size_t]
    share = len(words) // thread_count
    ctypes.CDLL(None).madvise(ctypes.c_void_p(words.ctypes.data & -4096), ctypes.c_size_t(words.nbytes), 14)
    words[:] = 1

    def work() -> None:
        threads = [
            threading.Thread(target=read, args=(words.ctypes.data + 8 * share * number, share))
            for number in range(thread_count)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    return work


def brute_force(store: Store, queries: Vectors, k: int) -> list[list[int]]:
    """The nearest rows by NumPy: all cosines in float32, those near the k-th again as the library has it."""
    units = queries / np.linalg.norm(queries, axis=1, keepdims=True)
    kept_rows = np.zeros((len(queries), 0), np.int64)
    kept_cosines = np.zeros((len(queries), 0), np.float32)
    start = 0
    for part in store.parts:
        rows = np.asarray(part)
        cosines = units @ (rows / np.linalg.norm(rows, axis=1, keepdims=True)).T
        best = np.argpartition(-cosines, 4 * k, axis=1)[:, : 4 * k]
        kept_rows = np.concatenate([kept_rows, best + start], axis=1)
        kept_cosines = np.concatenate([kept_cosines, np.take_along_axis(cosines, best, 1)], axis=1)
        order = np.argpartition(-kept_cosines, 4 * k - 1, axis=1)[:, : 4 * k]
        kept_rows = np.take_along_axis(kept_rows, order, 1)
        kept_cosines = np.take_along_axis(kept_cosines, order, 1)
        start += len(rows)

    def dot(u: Vectors, v: Vectors) -> float:
        return float(np.cumsum((u * v).astype(np.float64))[-1])

    answers = []
    for query, rows in zip(queries, kept_rows):
        norm = dot(query, query)
        exact = [
            (-dot(query, row) / np.sqrt(norm * dot(row, row)), number)
            for number, row in ((int(number), store[int(number)]) for number in rows)
        ]
        answers.append([number for _, number in sorted(exact)[:k]])
    return answers


def main() -> None:
    """Measures, and prints a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("store", type=Path)
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--recall-queries", type=int, default=1000)
    parser.add_argument("--processor-time", action="store_true")
    options = parser.parse_args()
    k = 10
    cores = len(os.sched_getaffinity(0))
    queries = np.load(options.store.with_suffix(".queries.npy"))
    store = Store(options.store)
    Store(options.store).search(queries[0], k)
    _abi.library()

    opening = []
    for _ in range(options.rounds):
        start = time.perf_counter()
        OneThread(options.store)
        opening.append(time.perf_counter() - start)
    file = options.store / "derived/search.int8"
    byte_count = file.stat().st_size
    print(f"{len(store)} rows of {store.heads[0]}, file of {byte_count / 1e9:.2f} GB, {cores} cores")
    print(f"opening: {statistics.median(opening) * 1e3:.1f} ms")

    ours = {1: OneThread(options.store), cores: OurIndex(options.store, 0)}
    units = queries / np.linalg.norm(queries, axis=1, keepdims=True)
    faiss_index = faiss.IndexScalarQuantizer(store.heads[0], faiss.ScalarQuantizer.QT_8bit, faiss.METRIC_INNER_PRODUCT)
    rows_of_usearch = np.empty((len(store), store.heads[0]), np.int8)
    start = 0
    for part in store.parts:
        rows = np.asarray(part) / np.linalg.norm(part, axis=1, keepdims=True)
        if start == 0:
            faiss_index.train(rows)
        faiss_index.add(rows)
        scale = 127 / np.abs(rows).max(axis=1, keepdims=True)
        rows_of_usearch[start : start + len(rows)] = np.rint(rows * scale)
        start += len(rows)

    def search_ours(threads: int, number: int) -> None:
        ours[threads].search([queries[number]], k, None, None)

    def search_faiss(threads: int, number: int) -> None:
        faiss.omp_set_num_threads(threads)
        faiss_index.search(units[number : number + 1], k)

    def search_usearch(threads: int, number: int) -> None:
        query = np.rint(units[number] * 127 / np.abs(units[number]).max()).astype(np.int8)
        search(rows_of_usearch, query[None], k, MetricKind.Cos, exact=True, threads=threads)

    figures: dict[str, float] = {}
    for threads in sorted({1, cores}):
        plain = reader(byte_count, threads)
        contestants: dict[str, Callable[[int], None]] = {
            "plain read": lambda number, plain=plain: plain(),
            "image-embedder": lambda number, threads=threads: search_ours(threads, number),
            "FAISS SQ8": lambda number, threads=threads: search_faiss(threads, number),
            "usearch exact int8": lambda number, threads=threads: search_usearch(threads, number),
        }
        for number in range(3):
            for work in contestants.values():
                work(number)
        times: dict[str, list[float]] = {name: [] for name in contestants}
        for number in range(options.rounds):
            for name, work in contestants.items():
                times[name].append(seconds(lambda w=work, n=number: w(n), options.processor_time))
        for name, found in times.items():
            figures[f"{name}, {threads} threads"] = statistics.median(found)
            low, middle, high = statistics.quantiles(found, n=4)
            print(
                f"{threads} threads  {name:20} {middle * 1e3:7.1f} ms ({low * 1e3:.1f} to"
                f" {high * 1e3:.1f}), {byte_count / middle / 1e9:.1f} GB/s"
            )
    batch = queries[:64]
    start_time = time.perf_counter()
    ours[cores].search(list(batch), k, None, None)
    print(f"64 queries at once: {(time.perf_counter() - start_time) / 64 * 1e3:.1f} ms a query")

    chosen = queries[: options.recall_queries]
    expected = brute_force(store, chosen, k)
    found = [[answer.row for answer in answers] for answers in ours[cores].search(list(chosen), k, None, None)]
    equal = sum(a == b for a, b in zip(expected, found))
    print(f"answers equal to float32 brute force: {equal} of {len(chosen)} queries")
    print(json.dumps(figures))


if __name__ == "__main__":
    main()
