from __future__ import annotations

import array
import itertools
import mmap
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Callable

import numpy as np
import pytest
from conftest import pixels

from image_embedder import Embedder, EmbedderError, _images

# More than are ever taken ahead of the results.
MANY = 200


def test_results_come_in_order_with_the_errors_between(small: Embedder, photographs: Path) -> None:
    chelsea = photographs / "chelsea.png"
    images: list[Any] = [
        chelsea,
        "no/such/file.png",
        pixels(),
        chelsea.read_bytes(),
        b"broken",
        None,
        "a\0b",
        np.zeros((2, 2)),
        str(chelsea),
    ]
    results = list(small.embed_batch(images))
    assert [result.index for result in results] == list(range(9))
    assert [result.ok for result in results] == [bool(int(c)) for c in "101100001"]
    assert [type(result.error).__mro__[-5:-3] for result in results if result.error]
    assert isinstance(results[1].error, FileNotFoundError)
    assert isinstance(results[4].error, ValueError)
    assert isinstance(results[5].error, TypeError)
    assert results[0].path == chelsea
    assert results[2].path is None
    assert (results[0].width, results[0].height) == (451, 300)
    for index in (0, 3, 8):
        np.testing.assert_array_equal(results[index].embedding, small.embed(chelsea))
    np.testing.assert_array_equal(results[2].embedding, small.embed(pixels()))
    assert results[1].embedding is None
    assert "no/such" in repr(results[1])
    assert "144" in repr(results[0])


def test_ten_thousand_broken_files_are_ten_thousand_errors(small: Embedder) -> None:
    images = (b"broken" if index % 2 else f"no/such/{index}" for index in range(10_000))
    codes = [getattr(result.error, "code", "") for result in small.embed_batch(images)]
    assert codes == ["NOT_FOUND", "INVALID_ARGUMENT"] * 5_000
    assert small.embed(pixels()).size == 144


def test_an_endless_source_is_taken_only_as_far_as_results_are(small: Embedder) -> None:
    taken = itertools.count()

    def images() -> Iterator[Any]:
        while True:
            next(taken)
            yield pixels()

    results = small.embed_batch(images(), workers=2)
    assert next(taken) == 0
    for _ in range(3):
        assert next(results).ok
    assert next(taken) < MANY
    results.close()  # type: ignore[attr-defined]


def test_large_images_in_memory_are_not_heaped_up(small: Embedder) -> None:
    taken: list[int] = []

    def images() -> Iterator[Any]:
        for index in range(MANY):
            taken.append(index)
            yield np.zeros((4_000, 4_000, 3), np.uint8)

    results = small.embed_batch(images(), workers=1)
    next(results)
    assert len(taken) < 8


def test_an_array_may_be_used_again_at_once(small: Embedder) -> None:
    frame = np.zeros((6, 8, 3), np.uint8)

    def images() -> Iterator[Any]:
        for value in range(100):
            frame[:] = value
            yield frame

    for value, result in enumerate(small.embed_batch(images())):
        assert result.embedding is not None
        assert set(result.embedding) == {value}


def test_memory_that_cannot_be_written_to_is_kept(small: Embedder) -> None:
    def images() -> Iterator[Any]:
        for _ in range(MANY):
            image = pixels()[::-1][::-1]
            image.flags.writeable = False
            yield image

    expected = small.embed(pixels())
    for result in small.embed_batch(images()):
        np.testing.assert_array_equal(result.embedding, expected)


VIEWS: dict[str, Callable[[Any], Any]] = {
    "itself": lambda frame: frame,
    "a sliding window": lambda frame: np.lib.stride_tricks.sliding_window_view(frame, (6, 8, 3))[
        0, 0, 0
    ],
    "as_strided": lambda frame: np.lib.stride_tricks.as_strided(frame, writeable=False),
    "a broadcast": lambda frame: np.broadcast_to(frame, frame.shape),
    "a broadcast row": lambda frame: np.broadcast_to(frame[:1], frame.shape),
    "a read-only memory": lambda frame: np.frombuffer(
        memoryview(frame).toreadonly(), np.uint8
    ).reshape(frame.shape),
    "a view of a view": lambda frame: _read_only(_read_only(frame[:])[:]),
    "a crop": lambda frame: _read_only(frame[1:5, 2:7]),
    "a mirror image": lambda frame: _read_only(frame[:, ::-1]),
    "by __array_interface__": lambda frame: np.asarray(Interface(frame)),
    "by DLPack": lambda frame: np.from_dlpack(frame),
    "of ctypes": lambda frame: _read_only(np.ctypeslib.as_array(np.ctypeslib.as_ctypes(frame))),
    "a matrix of its own": lambda frame: _read_only(frame.view(Frame)),
    "a gray channel": lambda frame: _read_only(frame[:, :, 1]),
}


class Frame(np.ndarray):
    """An array of another package."""


class Interface:
    """Describes the memory of an array as one that cannot be written to."""

    def __init__(self, array: Any) -> None:
        self.array = array
        self.__array_interface__ = {
            **array.__array_interface__,
            "data": (array.ctypes.data, True),
        }


def _read_only(array: Any) -> Any:
    array.flags.writeable = False
    return array


@pytest.mark.parametrize("view", VIEWS.values(), ids=VIEWS)
def test_a_buffer_that_changes_is_copied_however_it_is_seen(
    view: Callable[[Any], Any], small: Embedder
) -> None:
    frame = np.zeros((6, 8, 3), np.uint8)
    frames = np.random.default_rng(3).integers(0, 256, (100, 6, 8, 3), np.uint8)

    def images() -> Iterator[Any]:
        for picture in frames:
            frame[:] = picture
            yield view(frame)
            # Whatever it is that was made read-only, the frame is the camera's.
            frame.flags.writeable = True

    for result, picture in zip(small.embed_batch(images()), frames):
        # A picture of its own, seen in the same way.
        expected = small.embed(np.array(view(picture)))
        picture.flags.writeable = True
        np.testing.assert_array_equal(result.embedding, expected)


def _bytearray(byte_count: int) -> tuple[Any, Any]:
    memory = bytearray(byte_count)
    return memory, memory


def _memoryview(byte_count: int) -> tuple[Any, Any]:
    memory = bytearray(byte_count)
    return memory, memoryview(memory).toreadonly()


def _slice(byte_count: int) -> tuple[Any, Any]:
    memory = bytearray(byte_count + 10)
    return memoryview(memory)[10:], memoryview(memory)[10:].toreadonly()


def _array(byte_count: int) -> tuple[Any, Any]:
    memory = array.array("B", bytes(byte_count))
    return memory, memoryview(memory).toreadonly()


def _mapped(byte_count: int) -> tuple[Any, Any]:
    memory = mmap.mmap(-1, byte_count)
    return memory, memory


def _mapped_file(byte_count: int) -> tuple[Any, Any]:
    """Returns a file that is mapped twice: what is written by one map is read by the other."""
    with tempfile.TemporaryFile() as file:
        file.truncate(byte_count)
        writes = mmap.mmap(file.fileno(), byte_count)
        return writes, mmap.mmap(file.fileno(), byte_count, access=mmap.ACCESS_READ)


def _arrow(byte_count: int) -> tuple[Any, Any]:
    """Returns a buffer of Arrow's over memory of somebody else, which it takes for constant."""
    arrow = pytest.importorskip("pyarrow")
    memory = np.zeros(byte_count, np.uint8)
    return memory, arrow.foreign_buffer(memory.ctypes.data, byte_count, memory)


MEMORIES = [
    _bytearray,
    _memoryview,
    _slice,
    _array,
    _mapped,
    _mapped_file,
    _arrow,
]


@pytest.mark.parametrize("make", MEMORIES, ids=[make.__name__[1:] for make in MEMORIES])
def test_memory_of_any_kind_that_changes_is_copied(
    make: Callable[[int], tuple[Any, Any]], small: Embedder
) -> None:
    memory, seen = make(6 * 8 * 3)
    frames = np.random.default_rng(3).integers(0, 256, (100, 6, 8, 3), np.uint8)

    def images() -> Iterator[Any]:
        for picture in frames:
            np.frombuffer(memory, np.uint8)[:144] = picture.ravel()
            yield _read_only(np.frombuffer(seen, np.uint8, 144).reshape(6, 8, 3))

    for result, picture in zip(small.embed_batch(images()), frames):
        np.testing.assert_array_equal(result.embedding, picture.ravel())


def test_a_pillow_image_over_memory_that_changes_is_copied(small: Embedder) -> None:
    memory = bytearray(6 * 8 * 4)
    image = pytest.importorskip("PIL.Image").frombuffer("RGBA", (8, 6), memory)
    frames = np.random.default_rng(3).integers(0, 256, (100, 6, 8, 4), np.uint8)

    def images() -> Iterator[Any]:
        for picture in frames:
            memory[:] = picture.tobytes()
            yield image

    for result, picture in zip(small.embed_batch(images()), frames):
        np.testing.assert_array_equal(result.embedding, small.embed(picture))


def test_an_array_that_was_made_read_only_has_other_views(small: Embedder) -> None:
    def images() -> Iterator[Any]:
        for value in range(100):
            frame = np.full((6, 8, 3), value, np.uint8)
            other = frame[:]
            yield _read_only(frame)
            other[:] = 255

    for value, result in enumerate(small.embed_batch(images())):
        assert result.ok
        assert set(result.embedding) == {value}


def test_memory_of_bytes_is_not_copied(small: Embedder) -> None:
    array = pixels()
    content = array.tobytes()
    for seen in (
        np.frombuffer(content, np.uint8).reshape(array.shape),
        np.frombuffer(memoryview(content)[:], np.uint8).reshape(array.shape)[3:20],
        np.ndarray(array.shape, np.uint8, content),
    ):
        source = _images.source(seen, outlives_call=True)
        assert np.shares_memory(source.keeps, seen)
        (result,) = small.embed_batch([seen])
        np.testing.assert_array_equal(result.embedding, small.embed(seen))
    assert not np.shares_memory(_images.source(array, outlives_call=True).keeps, array)
    assert np.shares_memory(_images.source(array).keeps, array)


def test_a_region_holds_for_all(small: Embedder) -> None:
    region = (3, 4, 20, 10)
    first, second = small.embed_batch([pixels(), pixels(5, 5)], region=region)
    np.testing.assert_array_equal(first.embedding, small.embed(pixels(), region=region))
    assert isinstance(second.error, ValueError)


@pytest.mark.parametrize("workers", [0, -1, 1 << 40])
def test_a_bad_number_of_workers_is_an_error(workers: int, small: Embedder) -> None:
    with pytest.raises(ValueError, match="workers"):
        list(small.embed_batch([pixels()], workers=workers))


def test_an_error_of_the_source_is_the_callers(small: Embedder) -> None:
    def images() -> Iterator[Any]:
        for _ in range(MANY):
            yield pixels()
        raise LookupError("the source")

    results: list[bool] = []
    with pytest.raises(LookupError, match="the source"):
        results.extend(result.ok for result in small.embed_batch(images()))
    assert results == [True] * MANY
    with pytest.raises(TypeError):
        small.embed_batch(5)  # type: ignore[arg-type]
    for one in ("photo.jpg", b"the bytes of a file"):
        with pytest.raises(TypeError, match="an iterable of images"):
            small.embed_batch(one)  # type: ignore[arg-type]


def test_a_batch_outlives_its_embedder(models: Path) -> None:
    embedder = Embedder(models / "identity_uint8_8x6.tflite")
    results = embedder.embed_batch([pixels()] * MANY)
    next(results)
    embedder.close()
    del embedder
    assert sum(result.ok for result in results) == MANY - 1


def test_nothing_is_nothing(small: Embedder) -> None:
    assert list(small.embed_batch([])) == []


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_a_forked_child_cannot_go_on_with_a_batch(small: Embedder) -> None:
    results = small.embed_batch([pixels()] * MANY)
    next(results)
    child = os.fork()
    if child == 0:
        try:
            next(results)
        except EmbedderError as error:
            os._exit(0 if "process" in str(error) else 1)
        os._exit(2)
    assert os.waitpid(child, 0)[1] == 0
    assert sum(result.ok for result in results) == MANY - 1


@pytest.mark.parametrize("source", ["endless", "stuck"])
def test_an_interrupt_ends_a_batch(source: str) -> None:
    program = """
import itertools, signal, sys
from image_embedder import Embedder
import numpy as np

# Where the tests run in the background of a shell, it was ignored and stays so.
signal.signal(signal.SIGINT, signal.default_int_handler)

def images():
    for index in itertools.count():
        yield np.zeros((500, 500, 3), np.uint8)

for result in Embedder().embed_batch(images()):
    if result.index == 3:
        print("running", flush=True)
        if sys.argv[1] == "stuck":
            sys.stdin.read()
"""
    process = subprocess.Popen(
        [sys.executable, "-c", program, source],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    try:
        assert process.stdout is not None
        assert process.stdout.readline() == b"running\n"
        process.send_signal(signal.SIGINT)
        _, errors = process.communicate(timeout=60)
    finally:
        process.kill()
    assert process.returncode in (1, -signal.SIGINT, 128 + signal.SIGINT)
    assert b"KeyboardInterrupt" in errors
