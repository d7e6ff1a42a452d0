"""What MediaPipe's own tests of its ImageEmbedder check, and what they do not.

The similarities of a photograph and a part of it are what tflite-support 0.4.4 gives, whose pixels
are used here.
"""

from __future__ import annotations

import gc
import logging
import os
import subprocess
import sys
import threading
import weakref
from pathlib import Path
from typing import Any, Callable

import numpy as np
import pytest
from conftest import ROOT, pixels

import image_embedder
from image_embedder import Embedder
from image_embedder import mediapipe as mp
from image_embedder._errors import FailedError
from image_embedder.mediapipe.tasks import python
from image_embedder.mediapipe.tasks.python import components, vision
from image_embedder.mediapipe.tasks.python.components.containers import rect

MODEL = ROOT / "Models" / "efficientnet-lite0.tflite"
Mode = vision.RunningMode
# 400 x 325 of the 600 x 400 pixels of coffee.png.
REGION = rect.RectF(left=0.0, top=0.0, right=0.666667, bottom=0.8125)


def options(model: Path = MODEL, **rest: Any) -> vision.ImageEmbedderOptions:
    base = python.BaseOptions(model_asset_path=str(model))
    return vision.ImageEmbedderOptions(base_options=base, **rest)


def create(model: Path = MODEL, **rest: Any) -> vision.ImageEmbedder:
    return vision.ImageEmbedder.create_from_options(options(model, **rest))


@pytest.fixture
def image(photographs: Path) -> mp.Image:
    return mp.Image.create_from_file(str(photographs / "coffee.png"))


@pytest.fixture
def picture() -> mp.Image:
    return mp.Image(mp.ImageFormat.SRGB, pixels())


@pytest.fixture
def small_model(models: Path) -> Path:
    """Returns a model whose vector is the picture, scaled to 8 x 6 pixels."""
    return models / "identity_uint8_8x6.tflite"


def test_a_model_is_opened_by_its_path_its_content_or_its_name(image: mp.Image) -> None:
    content = python.BaseOptions(model_asset_buffer=MODEL.read_bytes())
    expected = None
    for embedder in (
        vision.ImageEmbedder.create_from_model_path(str(MODEL)),
        vision.ImageEmbedder.create_from_model_path(MODEL),
        vision.ImageEmbedder.create_from_model_path("efficientnet-lite0"),
        create(),
        vision.ImageEmbedder.create_from_options(vision.ImageEmbedderOptions(content)),
        # The content comes first.
        vision.ImageEmbedder.create_from_options(
            vision.ImageEmbedderOptions(
                python.BaseOptions("/no/such.tflite", MODEL.read_bytes(), None)
            )
        ),
    ):
        with embedder:
            vector = embedder.embed(image).embeddings[0].embedding
        expected = vector if expected is None else expected
        np.testing.assert_array_equal(vector, expected)


def test_a_model_of_maps_leads_to_the_embedder_that_pools(models: Path) -> None:
    map_model = models / "../Forms/nhwc_float32_one_map.tflite"
    with pytest.raises(ValueError, match="Embedder makes one of it by its option pool"):
        create(map_model)
    assert Embedder(map_model, pool="mean").dimension == 4


def test_a_model_that_cannot_be_used_is_told(models: Path, tmp_path: Path) -> None:
    path = "/path/to/invalid/model.tflite"
    with pytest.raises(FileNotFoundError, match=f"Unable to open file at {path}") as caught:
        create(Path(path))
    assert caught.value.filename == path
    with pytest.raises(RuntimeError):
        create(Path(path))
    with pytest.raises(ValueError, match="a model must come by one of them"):
        vision.ImageEmbedder.create_from_options(vision.ImageEmbedderOptions(python.BaseOptions()))
    with pytest.raises(ValueError, match="not a TFLite model"):
        vision.ImageEmbedder.create_from_options(
            vision.ImageEmbedderOptions(python.BaseOptions(model_asset_buffer=b"no model"))
        )
    with pytest.raises(ValueError, match="NormalizationOptions in its metadata") as lacks:
        create(models / "identity_float_8x6_no_metadata.tflite")
    assert "mean and std" not in str(lacks.value)


@pytest.mark.parametrize(
    ("delegate", "expected"),
    [
        (None, "cpu"),
        (python.BaseOptions.Delegate.DEFAULT, "cpu"),
        (python.BaseOptions.Delegate.CPU, "cpu"),
        (python.BaseOptions.Delegate.GPU, "gpu"),
    ],
)
def test_the_delegate_is_the_accelerator(
    delegate: Any, expected: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = []

    def missing(*arguments: Any, **options: Any) -> None:
        found.append(options["accelerator"])
        failure = FailedError("the library was not found")
        failure.code = "NOT_FOUND"
        raise failure

    module = sys.modules[vision.ImageEmbedder.__module__]
    monkeypatch.setattr(module, "Embedder", missing)
    options = vision.ImageEmbedderOptions(python.BaseOptions(str(MODEL), delegate=delegate))
    # That a library is missing says nothing of the model.
    with pytest.raises(RuntimeError, match="the library was not found"):
        vision.ImageEmbedder.create_from_options(options)
    assert found == [expected]


@pytest.mark.parametrize(
    ("l2_normalize", "quantize", "expected"),
    [
        (False, False, 0.914585),
        (True, False, 0.914585),
        (True, True, 0.913166),
        (False, True, 0.907939),
    ],
)
def test_a_photograph_is_as_like_its_part_as_in_the_task_library(
    l2_normalize: bool, quantize: bool, expected: float, image: mp.Image
) -> None:
    with create(l2_normalize=l2_normalize, quantize=quantize) as embedder:
        whole = embedder.embed(image)
        part = embedder.embed(image, vision.ImageProcessingOptions(REGION))
        crop = mp.Image(mp.ImageFormat.SRGB, image.numpy_view()[:325, :400])
        alone = embedder.embed(crop).embeddings[0]
    similarity = embedder.cosine_similarity(whole.embeddings[0], part.embeddings[0])
    assert similarity == pytest.approx(expected, abs=1.5e-6)
    for result in (whole, part):
        (embedding,) = result.embeddings
        assert result.timestamp_ms == 0
        assert (embedding.head_index, embedding.head_name) == (0, "feature_vector")
        assert embedding.embedding.dtype == (np.uint8 if quantize else np.float64)
        assert embedding.embedding.shape == (1280,)
        if l2_normalize and not quantize:
            assert np.linalg.norm(embedding.embedding) == pytest.approx(1, abs=1e-6)
    np.testing.assert_array_equal(part.embeddings[0].embedding, alone.embedding)


def test_similarities_are_of_vectors_of_one_kind(image: mp.Image) -> None:
    containers = components.containers
    floats = containers.Embedding(np.array([1.0, 2.0]))
    for other, sentence in (
        (np.array([1, 2], np.uint8), "between quantized and float"),
        (np.array([1.0, 2.0, 3.0]), "of different sizes"),
        (np.zeros(2), "norm"),
        (np.array([], float), "of different sizes"),
        (np.array(["a", "b"]), "float64, float32 or uint8"),
    ):
        with pytest.raises(ValueError, match=sentence):
            vision.ImageEmbedder.cosine_similarity(floats, containers.Embedding(other))
    same = components.utils.cosine_similarity.cosine_similarity
    assert same(floats, floats) == pytest.approx(1)
    # Bytes are signed: 255 is -1.
    one, other = (containers.Embedding(np.array([value], np.uint8)) for value in (1, 255))
    assert same(one, other) == pytest.approx(-1)


def test_all_heads_come_with_their_names(models: Path, picture: mp.Image) -> None:
    for name, expected in (
        ("heads_abc", ["head_a", "head_b", "head_c"]),
        ("heads_no_metadata", [None, None]),
    ):
        with create(models / f"{name}.tflite") as embedder:
            found = embedder.embed(picture).embeddings
        assert [(one.head_index, one.head_name) for one in found] == list(enumerate(expected))
        assert Embedder(models / f"{name}.tflite").head_names == tuple(expected)


@pytest.mark.parametrize("degrees", [0, 90, 180, 270, 360, 450, -90, -180, -270])
def test_an_image_is_cropped_then_turned_clockwise(
    degrees: int, small_model: Path, picture: mp.Image
) -> None:
    # Of a picture of the model's size every pixel is kept, however it is turned.
    side = 6 if degrees % 180 else 8
    array = pixels(14 - side, side)
    framed = np.zeros((40, 50, 3), np.uint8)
    framed[10 : 24 - side, 20 : 20 + side] = array
    region = rect.RectF(left=20 / 50, top=10 / 40, right=(20 + side) / 50, bottom=(24 - side) / 40)
    expected = np.rot90(array, -degrees // 90).ravel()
    with create(small_model) as embedder:
        for data, part in ((array, None), (framed, region)):
            result = embedder.embed(
                mp.Image(mp.ImageFormat.SRGB, data), vision.ImageProcessingOptions(part, degrees)
            )
            np.testing.assert_array_equal(result.embeddings[0].embedding, expected)


def test_a_region_begins_and_ends_at_the_nearest_pixel(small_model: Path) -> None:
    array = pixels(10, 10)
    image = mp.Image(mp.ImageFormat.SRGB, array)
    with create(small_model) as embedder:
        for (left, right), (first, last) in {
            (0, 1): (0, 10),
            (0.14, 0.86): (1, 9),
            (0.16, 0.84): (2, 8),
            (0.25, 0.75): (3, 8),
            (0.31, 0.32): (3, 4),
            (0.999, 1): (9, 10),
            (0, 1e-9): (0, 1),
        }.items():
            region = rect.RectF(left=left, top=0, right=right, bottom=1)
            found = embedder.embed(image, vision.ImageProcessingOptions(region))
            crop = embedder.embed(mp.Image(mp.ImageFormat.SRGB, array[:, first:last]))
            np.testing.assert_array_equal(
                found.embeddings[0].embedding, crop.embeddings[0].embedding
            )


def test_what_is_no_region_and_no_rotation_is_told(small_model: Path, picture: mp.Image) -> None:
    with create(small_model) as embedder:
        for sides in (
            (0.5, 0, 0.5, 1),
            (0.6, 0, 0.5, 1),
            (-0.1, 0, 1, 1),
            (0, 0, 1.1, 1),
            (0, 1, 1, 0.5),
            (float("nan"), 0, 1, 1),
        ):
            left, top, right, bottom = sides
            region = rect.RectF(left=left, top=top, right=right, bottom=bottom)  # type: ignore
            with pytest.raises(ValueError, match=r"^region_of_interest is RectF"):
                embedder.embed(picture, vision.ImageProcessingOptions(region))
        for wrong in ("a", "0.5", None, [0.5]):
            region = rect.RectF(left=wrong, top=0, right=1, bottom=1)  # type: ignore
            with pytest.raises(TypeError, match=r"^left of region_of_interest is .* a number is"):
                embedder.embed(picture, vision.ImageProcessingOptions(region))
        for degrees in (1, 45, 89, -91):
            with pytest.raises(ValueError, match=f"^rotation_degrees is {degrees}; a multiple"):
                embedder.embed(picture, vision.ImageProcessingOptions(rotation_degrees=degrees))


def test_a_callback_belongs_to_a_live_stream(small_model: Path) -> None:
    with pytest.raises(ValueError, match="result callback must be provided"):
        create(small_model, running_mode=Mode.LIVE_STREAM)
    for mode in (Mode.IMAGE, Mode.VIDEO):
        with pytest.raises(ValueError, match="result callback should not be provided"):
            create(small_model, running_mode=mode, result_callback=print)


CALLS: dict[Mode, Callable[[vision.ImageEmbedder, mp.Image], Any]] = {
    Mode.IMAGE: lambda embedder, image: embedder.embed(image),
    Mode.VIDEO: lambda embedder, image: embedder.embed_for_video(image, 0),
    Mode.LIVE_STREAM: lambda embedder, image: embedder.embed_async(image, 0),
}


@pytest.mark.parametrize("mode", CALLS)
def test_each_mode_has_its_method_until_it_is_closed(
    mode: Mode, small_model: Path, picture: mp.Image
) -> None:
    callback = (lambda *_: None) if mode is Mode.LIVE_STREAM else None
    with create(small_model, running_mode=mode, result_callback=callback) as embedder:
        for other, call in CALLS.items():
            if other is mode:
                call(embedder, picture)
                continue
            with pytest.raises(ValueError, match=f"running mode is {mode.name}.*{other.name} is"):
                call(embedder, picture)
    with pytest.raises(ValueError, match="the embedder is closed"):
        CALLS[mode](embedder, picture)
    embedder.close()


def test_frames_of_a_video_come_in_order(small_model: Path, picture: mp.Image) -> None:
    with create(small_model, running_mode=Mode.VIDEO) as embedder:
        for timestamp in (-5, 0, 1, 30, np.int64(60)):
            assert embedder.embed_for_video(picture, int(timestamp)).timestamp_ms == timestamp
        for timestamp in (60, 59, -6):
            with pytest.raises(ValueError, match="must be monotonically increasing"):
                embedder.embed_for_video(picture, timestamp)
        # A frame that is refused for another reason was not there.
        with pytest.raises(ValueError, match="rotation"):
            embedder.embed_for_video(picture, 90, vision.ImageProcessingOptions(None, 1))
        result = embedder.embed_for_video(picture, 61, vision.ImageProcessingOptions(None, 90))
        assert result.timestamp_ms == 61


class Camera:
    """Keeps what the callback is called with, and lets a test wait for it."""

    def __init__(self) -> None:
        self.results: list[tuple[Any, mp.Image, int]] = []
        self.threads: set[threading.Thread] = set()
        self.arrived = threading.Semaphore(0)
        self.may_go_on = threading.Event()
        self.may_go_on.set()

    def __call__(self, result: Any, image: mp.Image, timestamp_ms: int) -> None:
        """Is the callback."""
        self.threads.add(threading.current_thread())
        self.results.append((result, image, timestamp_ms))
        self.arrived.release()
        assert self.may_go_on.wait(60)

    @property
    def timestamps(self) -> list[int]:
        """When the frames were that came."""
        return [timestamp for _, _, timestamp in self.results]


def live(model: Path, callback: Callable[..., Any]) -> vision.ImageEmbedder:
    return create(model, running_mode=Mode.LIVE_STREAM, result_callback=callback)


def test_a_live_stream_gives_each_frame_that_is_waited_for(small_model: Path) -> None:
    camera = Camera()
    with live(small_model, camera) as embedder:
        for number in range(20):
            array = pixels(6 + number, 8)
            embedder.embed_async(mp.Image(mp.ImageFormat.SRGB, array), 30 * number)
            assert camera.arrived.acquire(timeout=60)
    assert embedder.dropped_count == 0
    assert len(camera.threads) == 1
    assert threading.current_thread() not in camera.threads
    with create(small_model) as single:
        for number, (result, image, timestamp) in enumerate(camera.results):
            assert result.timestamp_ms == timestamp == 30 * number
            np.testing.assert_array_equal(image.numpy_view(), pixels(6 + number, 8))
            expected = single.embed(image).embeddings[0].embedding
            np.testing.assert_array_equal(result.embeddings[0].embedding, expected)


def test_the_newest_frame_waits_and_the_others_are_counted(
    small_model: Path, picture: mp.Image
) -> None:
    camera = Camera()
    embedder = live(small_model, camera)
    camera.may_go_on.clear()
    embedder.embed_async(picture, 0)
    assert camera.arrived.acquire(timeout=60)
    for timestamp in range(1, 8):
        embedder.embed_async(picture, timestamp)
    assert embedder.dropped_count == 6
    camera.may_go_on.set()
    embedder.close()
    assert camera.timestamps == [0, 7]
    assert embedder.dropped_count == 6


def test_a_frame_that_is_too_early_is_refused_and_the_next_is_taken(
    small_model: Path, picture: mp.Image
) -> None:
    camera = Camera()
    with live(small_model, camera) as embedder:
        embedder.embed_async(picture, 100)
        assert camera.arrived.acquire(timeout=60)
        for timestamp in (100, 99, 0):
            with pytest.raises(ValueError, match="must be monotonically increasing"):
                embedder.embed_async(picture, timestamp)
        with pytest.raises(ValueError, match="SRGB48"):
            embedder.embed_async(mp.Image(mp.ImageFormat.SRGB48, pixels().astype(np.uint16)), 200)
        embedder.embed_async(picture, 101)
    assert camera.timestamps == [100, 101]


def test_a_callback_that_fails_loses_its_frame_alone(
    small_model: Path, picture: mp.Image, caplog: pytest.LogCaptureFixture
) -> None:
    camera = Camera()

    def callback(*result: Any) -> None:
        camera(*result)
        if len(camera.results) < 3:
            raise SystemExit if len(camera.results) == 1 else LookupError("mine")

    with caplog.at_level(logging.ERROR), live(small_model, callback) as embedder:
        for timestamp in range(3):
            embedder.embed_async(picture, timestamp)
            assert camera.arrived.acquire(timeout=60)
    assert camera.timestamps == [0, 1, 2]
    assert [record.name.partition(".")[0] for record in caplog.records] == ["image_embedder"] * 2
    assert "LookupError: mine" in caplog.text


def test_a_callback_may_close(small_model: Path, picture: mp.Image) -> None:
    camera = Camera()

    def callback(*result: Any) -> None:
        embedder.close()
        camera(*result)

    embedder = live(small_model, callback)
    embedder.embed_async(picture, 0)
    assert camera.arrived.acquire(timeout=60)
    with pytest.raises(ValueError, match="closed"):
        embedder.embed_async(picture, 1)
    (thread,) = camera.threads
    thread.join(60)
    assert not thread.is_alive()


def test_a_live_stream_that_nobody_closes_ends(small_model: Path, picture: mp.Image) -> None:
    camera = Camera()
    embedder = live(small_model, camera)
    embedder.embed_async(picture, 0)
    assert camera.arrived.acquire(timeout=60)
    reference = weakref.ref(embedder)
    del embedder
    gc.collect()
    assert reference() is None
    (thread,) = camera.threads
    thread.join(60)
    assert not thread.is_alive()


def test_many_threads_may_give_frames(small_model: Path, picture: mp.Image) -> None:
    camera = Camera()
    refused = []

    def give(first: int) -> None:
        for timestamp in range(first, 400, 4):
            try:
                embedder.embed_async(picture, timestamp)
            except ValueError:
                refused.append(timestamp)

    with live(small_model, camera) as embedder:
        threads = [threading.Thread(target=give, args=(first,)) for first in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert camera.timestamps == sorted(set(camera.timestamps))
    assert len(camera.timestamps) + embedder.dropped_count + len(refused) == 400


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_a_forked_child_has_a_stream_of_its_own(small_model: Path, picture: mp.Image) -> None:
    camera = Camera()
    embedder = live(small_model, camera)
    embedder.embed_async(picture, 0)
    assert camera.arrived.acquire(timeout=60)
    child = os.fork()
    if child == 0:
        try:
            embedder.embed_async(picture, 1)
            embedder.close()
            os._exit(0 if camera.timestamps == [0, 1] else 1)
        finally:
            os._exit(2)
    assert os.waitpid(child, 0)[1] == 0
    embedder.embed_async(picture, 2)
    embedder.close()
    assert camera.timestamps == [0, 2]


def test_a_program_may_end_in_the_middle_of_a_stream() -> None:
    program = """
import itertools, threading
import numpy as np
from image_embedder import mediapipe as mp
vision = mp.tasks.vision
began = threading.Event()
embedder = vision.ImageEmbedder.create_from_options(vision.ImageEmbedderOptions(
    mp.tasks.BaseOptions("efficientnet-lite0"),
    vision.RunningMode.LIVE_STREAM,
    result_callback=lambda *result: began.set(),
))
image = mp.Image(mp.ImageFormat.SRGB, np.zeros((2000, 2000, 3), np.uint8))
for timestamp in itertools.count():
    embedder.embed_async(image, timestamp)
    if began.is_set():
        break
print("ended", flush=True)
"""
    process = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, timeout=120, check=False
    )
    assert (process.returncode, process.stdout) == (0, "ended\n"), process.stderr
    assert "Traceback" not in process.stderr


FORMATS = {
    mp.ImageFormat.SRGB: (np.uint8, 3),
    mp.ImageFormat.SRGBA: (np.uint8, 4),
    mp.ImageFormat.GRAY8: (np.uint8, 1),
    mp.ImageFormat.GRAY16: (np.uint16, 1),
    mp.ImageFormat.SRGB48: (np.uint16, 3),
    mp.ImageFormat.SRGBA64: (np.uint16, 4),
    mp.ImageFormat.VEC32F1: (np.float32, 1),
    mp.ImageFormat.VEC32F2: (np.float32, 2),
    mp.ImageFormat.VEC32F4: (np.float32, 4),
}


@pytest.mark.parametrize("image_format", FORMATS)
def test_an_image_holds_a_copy_of_an_array(image_format: mp.ImageFormat, small_model: Path) -> None:
    kind, channels = FORMATS[image_format]
    large: Any = np.random.default_rng(5).integers(0, 256, (8, 20, channels)).astype(kind)
    array = large[::-2, 1:15:2]
    arrays = [array, array[:, :, 0]] if channels == 1 else [array]
    for given in arrays:
        image = mp.Image(image_format=image_format, data=given)
        before = array.copy()
        assert (image.height, image.width, image.channels) == (4, 7, channels)
        assert image.image_format is image_format
        np.testing.assert_array_equal(image.numpy_view(), before)
        assert not image.numpy_view().flags.writeable
        assert image[1, 2, channels - 1] == before[1, 2, channels - 1]
        assert type(image[1, 2, 0]) is (float if kind is np.float32 else int)
        assert image.step == 7 * before.dtype.itemsize * channels
        assert image.is_contiguous()
        assert image.is_aligned(1)
        assert not image.is_aligned(1 << 40)
        assert not image.is_empty()
        assert not image.uses_gpu()
    large[:] = 0
    np.testing.assert_array_equal(image.numpy_view(), before)
    with create(small_model) as embedder:
        if kind is np.uint8:
            rgb = np.repeat(before, 3, 2) if channels == 1 else before[:, :, :3]
            same = embedder.embed(mp.Image(mp.ImageFormat.SRGB, rgb))
            found = embedder.embed(image).embeddings[0].embedding
            np.testing.assert_array_equal(found, same.embeddings[0].embedding)
        else:
            with pytest.raises(ValueError, match=f"{image_format.name}; SRGB, SRGBA or GRAY8"):
                embedder.embed(image)


def test_an_index_stands_for_a_pixel() -> None:
    image = mp.Image(mp.ImageFormat.SRGB, pixels(3, 4))
    gray = mp.Image(mp.ImageFormat.GRAY8, pixels(3, 4, 0))
    assert gray[2, 1] == gray[2, 1, 0] == pixels(3, 4, 0)[2, 1]
    for index in ((3, 0, 0), (0, 4, 0), (0, 0, 3), (-1, 0, 0)):
        with pytest.raises(IndexError, match="the image has the shape"):
            image[index]
    for wrong in ((0, 0), (0,), (0, 0, 0, 0), 0, ("a", 0, 0), (0.5, 0, 0)):
        with pytest.raises(ValueError, match="a row, a column and a channel"):
            image[wrong]  # type: ignore[index]


@pytest.mark.parametrize(
    ("image_format", "shape", "kind"),
    [
        (mp.ImageFormat.SRGB, (3, 4, 2), np.uint8),
        (mp.ImageFormat.SRGB, (3, 4, 4), np.uint8),
        (mp.ImageFormat.SRGB, (3, 4), np.uint8),
        (mp.ImageFormat.SRGB, (3, 4, 3), np.float32),
        (mp.ImageFormat.SRGB, (3, 4, 3), np.float64),
        (mp.ImageFormat.SRGB, (1, 3, 4, 3), np.uint8),
        (mp.ImageFormat.SRGB, (0, 4, 3), np.uint8),
        (mp.ImageFormat.GRAY8, (3, 4, 3), np.uint8),
        (mp.ImageFormat.GRAY8, (12,), np.uint8),
        (mp.ImageFormat.SRGB48, (3, 4, 3), np.uint8),
        (mp.ImageFormat.UNKNOWN, (3, 4, 3), np.uint8),
    ],
)
def test_an_array_that_does_not_fit_its_format_is_told(
    image_format: mp.ImageFormat, shape: tuple[int, ...], kind: Any
) -> None:
    with pytest.raises(ValueError, match="needed"):
        mp.Image(image_format, np.zeros(shape, kind))


def test_a_file_is_read_as_it_is_stored(photographs: Path, small_model: Path) -> None:
    for name, image_format in (
        ("camera.png", mp.ImageFormat.GRAY8),
        ("chelsea.png", mp.ImageFormat.SRGB),
        ("rocket.jpg", mp.ImageFormat.SRGB),
        ("logo.png", mp.ImageFormat.SRGBA),
    ):
        image = mp.Image.create_from_file(str(photographs / name))
        assert image.image_format is image_format
        expected = Embedder(small_model, l2_normalize=False, decode="task-library")
        with create(small_model) as embedder:
            np.testing.assert_array_equal(
                embedder.embed(image).embeddings[0].embedding,
                expected.embed(photographs / name),
            )
    with pytest.raises(RuntimeError, match=r"^Failed to load image from file: .* text"):
        mp.Image.create_from_file(str(photographs / "README.txt"))
    with pytest.raises(FileNotFoundError, match="no/such") as caught:
        mp.Image.create_from_file("no/such")
    assert caught.value.filename == "no/such"
    assert isinstance(caught.value, RuntimeError)


def test_mediapipe_is_found_by_each_import() -> None:
    from image_embedder.mediapipe.tasks.python.components.containers import embedding_result
    from image_embedder.mediapipe.tasks.python.core import base_options
    from image_embedder.mediapipe.tasks.python.vision import image_embedder as module
    from image_embedder.mediapipe.tasks.python.vision.core import (
        image,
        image_processing_options,
        vision_task_running_mode,
    )

    assert image_embedder.mediapipe is mp
    assert mp.tasks.vision is vision is mp.tasks.python.vision
    assert mp.tasks.BaseOptions is python.BaseOptions is base_options.BaseOptions
    assert mp.tasks.components.containers is components.containers
    assert components.containers.EmbeddingResult is vision.ImageEmbedderResult
    assert embedding_result.EmbeddingResult is vision.ImageEmbedderResult
    assert module.ImageEmbedder is vision.ImageEmbedder
    assert mp.Image is image.Image
    assert vision.ImageProcessingOptions is image_processing_options.ImageProcessingOptions
    assert vision.RunningMode is vision_task_running_mode.VisionTaskRunningMode


def test_options_may_be_changed_when_they_were_used(small_model: Path, picture: mp.Image) -> None:
    chosen = options(small_model)
    embedder = vision.ImageEmbedder.create_from_options(chosen)
    chosen.running_mode = Mode.VIDEO
    chosen.base_options.model_asset_path = "/no/such"
    assert len(embedder.embed(picture).embeddings[0].embedding) == 144
