"""Programs in which something is used after its end: each is told so, and the interpreter lives."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

BEGINNING = r"""
import gc, os, sys
import numpy as np
from image_embedder import Embedder
from image_embedder.task import vision

model, picture = sys.argv[1:]
pixels = np.arange(144, dtype=np.uint8).reshape(6, 8, 3)

def tell(use):
    try:
        use()
        line = "used"
    except Exception as error:
        line = f"{type(error).__name__}: {error}"
    os.write(1, f"{line}\n".encode())  # whole, beside another process

class Cycle:
    # Its finalizer uses what the garbage collector may have ended before.
    def __init__(self, embedder):
        self.itself = self
        self.embedder = embedder
        self.batch = self.embedder.embed_batch([pixels] * 500)
        next(self.batch)
        self.image = vision.TensorImage.create_from_file(picture)
        self.sum = self.image.buffer.sum()

    def __del__(self):
        tell(lambda: self.embedder.embed(pixels))
        tell(lambda: self.embedder.embed(picture))
        tell(lambda: self.embedder.embed_batch([pixels]))
        tell(lambda: self.embedder.dimension)
        tell(lambda: self.embedder.model_sha256)
        tell(lambda: repr(self.embedder))
        tell(lambda: next(self.batch))
        assert self.image.buffer.sum() == self.sum
"""

PROGRAMS = {
    "the garbage collector": """
for _ in range(3):
    cycle = Cycle(Embedder(model))
    del cycle
    gc.collect()
""",
    "another thread": """
import threading
cycles = [Cycle(Embedder(model)) for _ in range(3)]
del cycles
thread = threading.Thread(target=gc.collect)
thread.start()
thread.join()
""",
    "at exit": "cycle = Cycle(Embedder(model))",
    "a forked child": r"""
import warnings
warnings.simplefilter("ignore")
cycle = Cycle(Embedder(model))
del cycle
child = os.fork()
gc.collect()
if child == 0:
    os.write(1, b"the child lives\n")
    sys.exit()
assert os.waitpid(child, 0)[1] == 0
""",
    "at exit, of what a module keeps": """
class Last:
    def __init__(self):
        self.embedder = Embedder(model)
    def __del__(self):
        tell(lambda: self.embedder.embed(picture))
        tell(lambda: Embedder(model))
last = Last()
sys.last = Last()
import builtins
builtins.last = Last()
""",
    "at exit, a batch in work": """
import itertools
large = np.zeros((1000, 1000, 3), np.uint8)
def begin():
    batch = Embedder().embed_batch(large for _ in itertools.count())
    next(batch)
    return batch
batch = begin()
sys.batch = begin()
# One that nothing ends.
import ctypes
ctypes.pythonapi.Py_IncRef(ctypes.py_object(begin()))
""",
    "at exit, threads that go on": """
import itertools, threading
large = np.zeros((1000, 1000, 3), np.uint8)
embedder = Embedder()
begun = threading.Barrier(3)
def one_by_one():
    embedder.embed(large)
    begun.wait()
    while True:
        embedder.embed(large)
def many():
    for result in embedder.embed_batch(large for _ in itertools.count()):
        if result.index == 0:
            begun.wait()
for work in (one_by_one, many):
    threading.Thread(target=work, daemon=True).start()
begun.wait()
""",
}


@pytest.mark.parametrize("name", PROGRAMS)
def test_what_has_ended_says_so(name: str, models: Path, photographs: Path) -> None:
    process = subprocess.run(
        [
            sys.executable,
            "-c",
            BEGINNING + PROGRAMS[name] + '\nos.write(1, b"alive\\n")\n',
            str(models / "identity_uint8_8x6.tflite"),
            str(photographs / "chelsea.png"),
        ],
        capture_output=True,
        text=True,
        timeout=300,
        env=dict(os.environ),
        check=False,
    )
    assert process.returncode == 0, process.stderr
    assert "Traceback" not in process.stderr, process.stderr
    lines = process.stdout.splitlines()
    assert "alive" in lines
    if "Cycle(" in PROGRAMS[name]:
        # What a finalizer may have found open still, it could use.
        told = [line for line in lines if line.startswith("InvalidArgumentError")]
        assert set(told) <= {"InvalidArgumentError: the embedder is closed; an open one is needed"}
        assert told or name == "at exit"
