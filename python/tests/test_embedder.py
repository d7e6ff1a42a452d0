from __future__ import annotations

import contextlib
import hashlib
import os
import pickle
import struct
import sys
import threading
from pathlib import Path
from typing import Any, Callable, Literal

import numpy as np
import pytest
from conftest import ROOT, pixels

import image_embedder
from image_embedder import Embedder, EmbedderError, Region, cosine_similarity

Accelerator = Literal["cpu", "openvino", "gpu"]


def test_two_views_of_a_motorcycle_are_alike_and_a_cat_is_not(
    embedder: Embedder, photographs: Path
) -> None:
    left, right, cat = (
        photographs / name
        for name in ("motorcycle_left.png", "motorcycle_right.png", "chelsea.png")
    )
    assert embedder.similarity(left, right) == pytest.approx(0.945980, abs=2e-6)
    assert embedder.similarity(left, cat) == pytest.approx(0.168917, abs=2e-6)


def test_a_vector_is_float32_of_length_1(embedder: Embedder, photographs: Path) -> None:
    vector = embedder.embed(photographs / "chelsea.png")
    assert vector.dtype == np.float32
    assert vector.shape == (embedder.dimension,) == (1280,)
    assert np.linalg.norm(vector) == pytest.approx(1, abs=1e-5)


def test_quantized_vectors_are_signed_bytes(photographs: Path) -> None:
    vector = Embedder(quantize=True).embed(photographs / "chelsea.png")
    assert vector.dtype == np.int8
    assert vector.shape == (1280,)


@pytest.mark.parametrize("form", [str, Path, os.fsencode, bytearray, memoryview, "array"])
def test_every_form_of_an_image_gives_the_same_vector(
    form: Any, small: Embedder, photographs: Path
) -> None:
    path = photographs / "chelsea.png"
    expected = small.embed(path)
    if form == "array":
        from image_embedder.task.vision import TensorImage

        image: Any = TensorImage.create_from_file(str(path)).buffer
    elif form in (str, Path):
        image = form(path)
    else:
        content = path.read_bytes()
        image = content if form is os.fsencode else form(content)
    np.testing.assert_array_equal(small.embed(image), expected)


STRIDES: dict[str, Callable[[Any], Any]] = {
    "upside down": lambda a: a[::-1],
    "mirrored": lambda a: a[:, ::-1],
    "BGR": lambda a: a[:, :, ::-1],
    "transposed": lambda a: a.transpose(1, 0, 2),
    "every second row": lambda a: a[::2],
    "every second column": lambda a: a[:, ::2],
    "a part of the columns": lambda a: a[:, 7:40],
    "Fortran": np.asfortranarray,
    "one row": lambda a: a[3:4],
    "one column": lambda a: a[:, 5:6],
    "one pixel": lambda a: a[3:4, 5:6],
    "repeated": lambda a: np.broadcast_to(a[:1], (9, 60, 3)),
    "one channel": lambda a: a[:, :, 1],
    "one channel, three dimensions": lambda a: a[:, :, 1:2],
    "planes": lambda a: np.moveaxis(np.ascontiguousarray(np.moveaxis(a, 2, 0)), 0, 2),
}


@pytest.mark.parametrize("view", STRIDES.values(), ids=STRIDES)
def test_strides_are_honoured(view: Callable[[Any], Any], small: Embedder) -> None:
    array = view(pixels())
    packed = np.array(array, order="C", copy=True)
    np.testing.assert_array_equal(small.embed(array), small.embed(packed))


def test_channels_of_arrays(small: Embedder) -> None:
    rgba = pixels(channels=4)
    np.testing.assert_array_equal(small.embed(rgba), small.embed(rgba[:, :, :3].copy()))
    gray = pixels(channels=0)
    np.testing.assert_array_equal(small.embed(gray), small.embed(np.dstack([gray] * 3)))


def test_a_region_is_a_part_of_the_picture(small: Embedder) -> None:
    array = pixels()
    expected = small.embed(array[5:25, 10:50].copy())
    np.testing.assert_array_equal(small.embed(array, region=(10, 5, 40, 20)), expected)
    region = Region(x=10, y=5, width=40, height=20)
    np.testing.assert_array_equal(small.embed(array, region=region), expected)


@pytest.mark.parametrize(
    "region",
    [
        (0, 0, 0, 5),
        (-1, 0, 5, 5),
        (0, 0, 61, 40),
        (1 << 40, 0, 5, 5),
        (0, 0, 2**32 + 5, 5),
        (0.5, 0, 5, 5),
        (0, 0, 5),
        "abcd",
        7,
    ],
)
def test_a_bad_region_is_an_error(region: Any, small: Embedder) -> None:
    with pytest.raises(ValueError, match="region"):
        small.embed(pixels(), region=region)


@pytest.mark.parametrize(
    "array",
    [
        pixels().astype(np.float32),
        pixels().astype(np.int8),
        pixels() > 5,
        np.array([[None, "a"]], dtype=object),
        np.array(7, dtype=np.uint8),
        np.zeros((0, 5, 3), np.uint8),
        np.zeros((5, 0, 3), np.uint8),
        np.zeros((5, 5, 0), np.uint8),
        np.zeros((5, 5, 2), np.uint8),
        np.zeros((5, 5, 7), np.uint8),
        np.zeros((2, 5, 5, 3), np.uint8),
        np.zeros(5, np.uint8),
        np.zeros((1, 40_000, 3), np.uint8),
    ],
    ids=lambda a: f"{a.dtype}{a.shape}",
)
def test_an_array_that_is_no_image_is_an_error(array: Any, small: Embedder) -> None:
    with pytest.raises(ValueError, match=r"needed|needs|possible"):
        small.embed(array)


@pytest.mark.parametrize("image", [None, 5, [1, 2], object()])
def test_what_is_no_image_at_all_is_a_type_error(image: Any, small: Embedder) -> None:
    with pytest.raises(TypeError, match="is needed"):
        small.embed(image)


@pytest.mark.parametrize(
    ("image", "kind"),
    [
        ("no/such/file.png", FileNotFoundError),
        ("a\0b.png", ValueError),
        ("", EmbedderError),
        ("/", EmbedderError),
        (b"", ValueError),
        (b"not an image", ValueError),
        (memoryview(b"not an image")[::2], ValueError),
        (b"\x89PNG\r\n\x1a\n", ValueError),
    ],
)
def test_a_bad_file_is_an_error_and_the_next_is_embedded(
    image: Any, kind: type[Exception], small: Embedder
) -> None:
    with pytest.raises(kind) as caught:
        small.embed(image)
    assert isinstance(caught.value, EmbedderError)
    assert isinstance(caught.value, (ValueError, FileNotFoundError, RuntimeError))
    assert small.embed(pixels()).size == 144


@pytest.mark.parametrize(
    ("model", "kind"),
    [
        ("no/such/model.tflite", FileNotFoundError),
        ("a\0b", ValueError),
        ("", ValueError),
        (b"", ValueError),
        (b"not a model", ValueError),
        ("/", ValueError),
        ("identity_float_8x6_no_metadata.tflite", RuntimeError),
        ("input_int32.tflite", ValueError),
        ("metadata_null_values.tflite", ValueError),
    ],
)
def test_a_bad_model_is_an_error(model: Any, kind: type[Exception], models: Path) -> None:
    path = models / model if isinstance(model, str) and model.startswith(("id", "in", "me")) else 0
    with pytest.raises(kind) as caught:
        Embedder(path or model)
    assert type(caught.value).__name__ == "MissingFileError" or kind is not FileNotFoundError
    if kind is RuntimeError:
        assert not isinstance(caught.value, FileNotFoundError)
        assert "normalized" in str(caught.value)


@pytest.mark.parametrize(
    "options",
    [
        {"threads": -2},
        {"threads": 1 << 40},
        {"rotation": 45},
        {"alpha": "green"},
        {"decode": "slow"},
        {"preset": "none"},
        {"preset": "a\0b"},
        {"mean": 127.5},
        {"mean": [1, 2], "std": [1, 2]},
        {"mean": [1, 2, 3], "std": 1},
        {"mean": float("nan"), "std": 1},
        {"max_pixels": -1},
        {"max_file_bytes": 1 << 70},
        {"worker_timeout": -1},
        {"accelerator": "npu"},
        {"accelerator": "CPU"},
        {"accelerator_library": "library.so"},
        {"precision": "float16"},
        {"precision": "bfloat16"},
        {"precision": "bfloat16", "accelerator": "gpu"},
        {"accelerator": "gpu", "accelerator_library": "a\0b"},
    ],
    ids=str,
)
def test_a_bad_option_is_an_error(options: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"need|give"):
        Embedder(**options)


def worker_of_everything(folder: Path) -> Path:
    """Writes a program that says, as a worker, that it has loaded a model of one output."""
    # The message 3 of so many bytes: one output without a name, of floats, of two axes, exact.
    numbers = [1, 0, 0, 2, 1, 144, 0, 0, 0]
    (folder / "answer").write_bytes(struct.pack("<Bq9q", 3, 72, *numbers))
    worker = folder / "worker"
    worker.write_text(f"#!/bin/sh\ncat '{folder}/answer' >&0\ncat >/dev/null\n", "utf-8")
    worker.chmod(0o700)
    return worker


@pytest.mark.parametrize("accelerator", ["cpu", "openvino", "gpu"])
def test_the_accelerator_is_a_setting_of_the_vectors(
    accelerator: Accelerator, models: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    model = models / "identity_uint8_8x6.tflite"
    is_plain = accelerator == "cpu"
    member = "" if is_plain else f',"accelerator":"{accelerator}"'
    digest = hashlib.sha256(model.read_bytes()).hexdigest()
    settings = f'{{"model_sha256":"{digest}"{member}}}'
    # No machine has them all: a worker that says it does stands in for each.
    worker = worker_of_everything(tmp_path)
    monkeypatch.chdir(tmp_path)
    for library in [None] if is_plain else [None, "library.so", "libraries/library.so"]:
        embedder = Embedder(
            model,
            l2_normalize=False,
            worker=worker,
            accelerator=accelerator,
            accelerator_library=library,
        )
        assert embedder.fingerprint == hashlib.sha256(settings.encode()).hexdigest()
        # A name without a folder is the system's loader's, wherever a process is.
        is_path = library is not None and "/" in library
        expected = str(tmp_path / library) if is_path and library else library
        state = embedder.__getstate__()
        assert (state["accelerator"], state["accelerator_library"]) == (accelerator, expected)
        assert pickle.loads(pickle.dumps(embedder)).fingerprint == embedder.fingerprint


@pytest.mark.parametrize("accelerator", ["openvino", "gpu"])
@pytest.mark.parametrize("worker", [False, True])
def test_an_accelerator_that_is_missing_is_an_error(
    accelerator: Accelerator, worker: bool, models: Path, tmp_path: Path
) -> None:
    program = os.environ.get(
        "IMAGE_EMBEDDER_TEST_WORKER", str(ROOT / ".build/debug/image-embedder")
    )
    if worker and not os.path.exists(program):
        pytest.skip("there is no program image-embedder")
    with pytest.raises(RuntimeError) as caught:
        Embedder(
            models / "identity_uint8_8x6.tflite",
            accelerator=accelerator,
            accelerator_library=tmp_path / "library.so",
            worker=program if worker else None,
        )
    assert caught.value.code == "NOT_FOUND"  # type: ignore[attr-defined]


def test_the_precision_is_a_setting_of_the_vectors(models: Path, tmp_path: Path) -> None:
    model = models / "identity_uint8_8x6.tflite"
    digest = hashlib.sha256(model.read_bytes()).hexdigest()
    member = ',"accelerator":"openvino","precision":"bfloat16"'
    settings = f'{{"model_sha256":"{digest}"{member}}}'
    # No machine has them all: a worker that says it does stands in for each.
    embedder = Embedder(
        model,
        l2_normalize=False,
        worker=worker_of_everything(tmp_path),
        accelerator="openvino",
        precision="bfloat16",
    )
    assert embedder.fingerprint == hashlib.sha256(settings.encode()).hexdigest()
    assert embedder.__getstate__()["precision"] == "bfloat16"
    assert pickle.loads(pickle.dumps(embedder)).fingerprint == embedder.fingerprint


def test_options_reach_the_library(models: Path, photographs: Path) -> None:
    model = models / "identity_float_8x6_no_metadata.tflite"
    image = pixels(6, 8)
    plain = Embedder(model, mean=0, std=1, l2_normalize=False).embed(image)
    np.testing.assert_array_equal(plain, image.reshape(-1).astype(np.float32))
    colours = Embedder(model, mean=[1, 2, 3], std=[2, 2, 4], l2_normalize=False).embed(image)
    expected = ((image - np.float32([1, 2, 3])) / np.float32([2, 2, 4])).reshape(-1)
    np.testing.assert_allclose(colours, expected, rtol=1e-6)
    small = photographs / "chelsea.png"
    turned = Embedder(model, mean=0, std=1, rotation=180, preset="antialiased-v1")
    assert not np.array_equal(turned.embed(small), turned.embed(pixels()))
    with pytest.raises(RuntimeError, match="pixels"):
        Embedder(max_pixels=100).embed(small)
    with pytest.raises(RuntimeError, match="bytes"):
        Embedder(max_file_bytes=100).embed(small)


def test_a_model_may_be_bytes(models: Path) -> None:
    path = models / "identity_uint8_8x6.tflite"
    np.testing.assert_array_equal(
        Embedder(path.read_bytes()).embed(pixels()), Embedder(str(path)).embed(pixels())
    )


def test_an_embedder_describes_its_model(embedder: Embedder, models: Path) -> None:
    assert image_embedder.built_in_models() == ("efficientnet-lite0", "efficientnet-lite0-int8")
    assert embedder.model_name == "efficientnet-lite0"
    assert len(embedder.model_sha256) == 64
    assert embedder.head_count == 1
    assert embedder.head_dimension(1) == embedder.head_dimension(-1) == -1
    with pytest.raises(ValueError, match="head"):
        embedder.embed(pixels(), head=1)


def test_a_closed_embedder_says_so(models: Path) -> None:
    with Embedder(models / "identity_uint8_8x6.tflite") as embedder:
        embedder.embed(pixels())
    for use in (
        lambda: embedder.embed(pixels()),
        lambda: embedder.embed_batch([]),
        lambda: embedder.dimension,
        lambda: pickle.dumps(embedder),
    ):
        with pytest.raises(ValueError, match="closed"):
            use()
    embedder.close()
    assert "closed" in repr(embedder)


def test_an_embedder_can_be_pickled(
    models: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(models)
    embedder = Embedder("identity_uint8_8x6.tflite", quantize=True)
    pickled = pickle.dumps(embedder)
    monkeypatch.chdir(tmp_path)
    np.testing.assert_array_equal(pickle.loads(pickled).embed(pixels()), embedder.embed(pixels()))


def test_an_error_can_be_pickled(small: Embedder) -> None:
    with pytest.raises(ValueError, match="not an image") as caught:
        small.embed(b"text")
    copy = pickle.loads(pickle.dumps(caught.value))
    assert (type(copy), str(copy), copy.code) == (
        type(caught.value),
        str(caught.value),
        "INVALID_ARGUMENT",
    )


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_a_forked_child_opens_the_model_anew(small: Embedder) -> None:
    expected = small.embed(pixels())
    list(small.embed_batch([pixels()] * 4))
    child = os.fork()
    if child == 0:
        one = np.array_equal(small.embed(pixels()), expected)
        many = all(result.ok for result in small.embed_batch([pixels()] * 4))
        os._exit(0 if one and many else 1)
    assert os.waitpid(child, 0)[1] == 0
    np.testing.assert_array_equal(small.embed(pixels()), expected)


def test_threads_share_an_embedder_and_may_close_it(models: Path) -> None:
    embedder = Embedder(models / "identity_uint8_8x6.tflite")
    expected = embedder.embed(pixels())
    outcomes: list[object] = []

    def work() -> None:
        try:
            while True:
                outcomes.append(np.array_equal(embedder.embed(pixels()), expected))
        except ValueError as error:
            outcomes.append(str(error))

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    while len(outcomes) < 40:
        threads[0].join(0.001)
    embedder.close()
    for thread in threads:
        thread.join()
    assert set(outcomes) == {True, "the embedder is closed; an open one is needed"}


def test_ten_thousand_calls_leak_nothing(models: Path) -> None:
    embedder = Embedder(models / "identity_uint8_1x1.tflite")
    image, broken = pixels(2, 2), b"broken"

    def calls(count: int) -> tuple[int, int]:
        for _ in range(count):
            embedder.embed(image)
            with contextlib.suppress(ValueError):
                embedder.embed(broken)
        with open("/proc/self/statm") as statm:
            resident = int(statm.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")
        return sys.getallocatedblocks(), resident

    calls(1_000)
    references = sys.getrefcount(image), sys.getrefcount(broken)
    blocks, memory = calls(100)
    later_blocks, later_memory = calls(10_000)
    assert later_blocks - blocks < 500
    assert later_memory - memory < 2 << 20
    assert (sys.getrefcount(image), sys.getrefcount(broken)) == references


def test_vectors_are_compared(embedder: Embedder) -> None:
    assert cosine_similarity([1.0, 0.0], [1.0, 0.0]) == 1
    assert cosine_similarity(np.int8([3, 4]), np.int8([-3, -4])) == -1
    one, many = np.float32([1, 2, 3]), np.float32([[1, 0], [2, 0], [3, 0]])
    assert embedder.similarity(one, many[:, 0]) == pytest.approx(1)


@pytest.mark.parametrize(
    ("u", "v", "message"),
    [
        ([1.0], [1.0, 2.0], "different sizes"),
        (np.float32([]), np.float32([]), "empty"),
        ([0.0], [1.0], "0 norm"),
        (np.int8([1]), np.float32([1]), "between quantized and float"),
        ([1, 2], [1, 2], "needed"),
        ([[1.0]], [[1.0]], "needed"),
        (["a"], ["b"], "needed"),
        ([None], [1.0], "needed"),
    ],
)
def test_vectors_that_cannot_be_compared_are_an_error(u: Any, v: Any, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        cosine_similarity(u, v)


def test_jpeg_files_are_decoded_as_the_task_library_does_when_asked_for(
    small: Embedder, models: Path, photographs: Path
) -> None:
    from image_embedder.task.vision import TensorImage

    path = photographs / "rocket.jpg"
    theirs = TensorImage.create_from_file(str(path)).buffer
    exact = Embedder(
        models / "identity_uint8_8x6.tflite", l2_normalize=False, decode="task-library"
    )
    assert np.array_equal(exact.embed(path), small.embed(theirs))
    assert not np.array_equal(exact.embed(path), small.embed(path))
