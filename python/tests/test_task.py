from __future__ import annotations

import copy
import hashlib
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from conftest import FIXTURES, pixels

from image_embedder.task import core, processor, vision

# A model whose output changes its size with the picture is refused.
GOLDENS = [
    case
    for case in json.loads((FIXTURES / "Goldens" / "embeddings.json").read_text())["cases"]
    if case["format"] == "rgb" and "photograph" in case and case["model"] != "dynamic_output.tflite"
]


@pytest.fixture(scope="session")
def small_task(models: Path) -> vision.ImageEmbedder:
    return vision.ImageEmbedder.create_from_file(str(models / "identity_uint8_8x6.tflite"))


def value(result: processor.EmbeddingResult) -> Any:
    return result.embeddings[0].feature_vector.value


def test_the_guides_program_gives_the_readmes_similarity(photographs: Path) -> None:
    embedder = vision.ImageEmbedder.create_from_file("efficientnet-lite0")
    results = [
        embedder.embed(vision.TensorImage.create_from_file(str(photographs / name)))
        for name in ("motorcycle_left.png", "motorcycle_right.png")
    ]
    similarity = embedder.cosine_similarity(
        results[0].embeddings[0].feature_vector, results[1].embeddings[0].feature_vector
    )
    assert similarity == pytest.approx(0.945980, abs=2e-6)


@pytest.mark.parametrize("model", sorted({case["model"] for case in GOLDENS}))
def test_vectors_are_the_references(model: str, models: Path, photographs: Path) -> None:
    for case in GOLDENS:
        if case["model"] != model:
            continue
        options = vision.ImageEmbedderOptions(
            core.BaseOptions(file_content=(models / model).read_bytes()),
            processor.EmbeddingOptions(case["l2_normalize"], case["quantize"]),
        )
        embedder = vision.ImageEmbedder.create_from_options(options)
        assert embedder.options is options
        image = vision.TensorImage.create_from_file(str(photographs / case["photograph"]))
        box = processor.BoundingBox(*case["region"]) if case["region"] else None
        result = embedder.embed(image, box)
        for embedding, expected in zip(result.embeddings, case["embeddings"]):
            vector = embedding.feature_vector.value
            if case["quantize"]:
                assert vector.dtype == np.uint8
                np.testing.assert_array_equal(vector.view(np.int8), expected)
            else:
                assert vector.dtype == np.float64
                # Where a model computes something the runtimes round differently.
                np.testing.assert_allclose(vector, expected, rtol=1e-6, atol=1e-7)


def test_images_of_files_have_the_files_channels(photographs: Path) -> None:
    kinds = vision.ColorSpaceType
    for name, kind, channels in (
        ("chelsea.png", kinds.RGB, 3),
        ("logo.png", kinds.RGBA, 4),
        ("camera.png", kinds.GRAYSCALE, 1),
    ):
        image = vision.TensorImage.create_from_file(str(photographs / name))
        assert image.color_space_type is kind
        assert image.buffer.shape == (image.height, image.width, channels)
        assert image.buffer.dtype == np.uint8
        image.buffer[0, 0] = 7
        assert (image.buffer[0, 0] == 7).all()


def test_pixels_live_as_long_as_somebody_refers_to_them(photographs: Path) -> None:
    content = (photographs / "chelsea.png").read_bytes()
    buffers = [vision.TensorImage.create_from_buffer(content).buffer for _ in range(20)]
    assert all(np.array_equal(buffers[0], buffer) for buffer in buffers)
    assert vision.TensorImage.create_from_buffer(bytearray(content)).height == 300


SHAPES = [
    ((5, 6), "GRAYSCALE", (5, 6)),
    ((5, 6, 1), "GRAYSCALE", (5, 6)),
    ((1, 5, 6), "GRAYSCALE", (5, 6)),
    ((5, 6, 3), "RGB", (5, 6)),
    ((1, 5, 6, 3), "RGB", (5, 6)),
    ((5, 6, 4), "RGBA", (5, 6)),
    ((1, 5, 6, 4), "RGBA", (5, 6)),
    ((1, 6, 3), "RGB", (1, 6)),
    ((6, 1, 3), "RGB", (6, 1)),
    ((1, 1, 3), "RGB", (1, 1)),
]


@pytest.mark.parametrize(("shape", "kind", "size"), SHAPES, ids=str)
def test_arrays_of_every_shape_are_images(
    shape: tuple[int, ...],
    kind: str,
    size: tuple[int, int],
    small_task: vision.ImageEmbedder,
) -> None:
    image = vision.TensorImage.create_from_array(np.full(shape, 9, np.uint8))
    assert (image.color_space_type.value, (image.height, image.width)) == (kind, size)
    assert set(value(small_task.embed(image))) <= {8, 9}


def test_an_array_is_kept_and_its_strides_honoured(small_task: vision.ImageEmbedder) -> None:
    def image() -> vision.TensorImage:
        return vision.TensorImage.create_from_array(pixels()[::-1, ::2, ::-1])

    expected = vision.TensorImage.create_from_array(pixels()[::-1, ::2, ::-1].copy())
    images = [image() for _ in range(10)]
    for each in images:
        assert small_task.embed(each) == small_task.embed(expected)


@pytest.mark.parametrize(
    ("array", "message"),
    [
        (np.zeros((4, 4, 3)), "Expect numpy array with dtype=uint8."),
        (np.zeros((4, 4, 3), np.int8), "Expect numpy array with dtype=uint8."),
        (np.zeros((2, 4, 4, 3), np.uint8), "Incompatible buffer dimension!"),
        (np.zeros(4, np.uint8), "Incompatible buffer dimension!"),
        (
            np.zeros((4, 4, 7), np.uint8),
            "Expected image with 1 (grayscale), 3 (RGB) or 4 (RGBA) channels, found 7",
        ),
    ],
)
def test_an_array_that_is_no_image_is_an_error(array: Any, message: str) -> None:
    with pytest.raises(ValueError) as caught:  # noqa: PT011
        vision.TensorImage.create_from_array(array)
    assert str(caught.value) == message


@pytest.mark.parametrize(
    "box", [(0, 0, 61, 5), (-1, 0, 5, 5), (0, 0, 0, 5), (0, 36, 5, 5), (None, None, None, None)]
)
def test_a_box_outside_is_an_error(box: Any, small_task: vision.ImageEmbedder) -> None:
    image = vision.TensorImage.create_from_array(pixels())
    with pytest.raises(ValueError, match=r"^Invalid crop coordinates\.$"):
        small_task.embed(image, processor.BoundingBox(*box))


def test_a_box_of_other_numbers_is_a_type_error(small_task: vision.ImageEmbedder) -> None:
    image = vision.TensorImage.create_from_array(pixels())
    with pytest.raises(TypeError):
        small_task.embed(image, processor.BoundingBox(0.5, 0, 5, 5))  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="32 bits"):
        small_task.embed(image, processor.BoundingBox(0, 0, 1 << 40, 5))


def test_empty_and_huge_images_are_errors(small_task: vision.ImageEmbedder) -> None:
    empty = vision.TensorImage.create_from_array(np.zeros((0, 5, 3), np.uint8))
    with pytest.raises(ValueError, match=r"^Invalid crop coordinates\.$"):
        small_task.embed(empty)
    wide = vision.TensorImage.create_from_array(np.zeros((1, 40_000, 3), np.uint8))
    with pytest.raises(RuntimeError, match="Libyuv ARGBScale operation failed"):
        small_task.embed(wide)
    assert value(small_task.embed(wide, processor.BoundingBox(39_000, 0, 1_000, 1))).size == 144
    with pytest.raises(AttributeError, match="a TensorImage is needed"):
        small_task.embed(pixels())


@pytest.mark.parametrize("content", [b"", b"text", b"\x89PNG\r\n\x1a\n"])
def test_a_bad_image_is_a_runtime_error(content: bytes, tmp_path: Path) -> None:
    with pytest.raises(RuntimeError, match=r"^An error occurred while decoding image: "):
        vision.TensorImage.create_from_buffer(content)
    path = tmp_path / "bad.png"
    path.write_bytes(content)
    with pytest.raises(RuntimeError, match=r"^An error occurred while decoding image: "):
        vision.TensorImage.create_from_file(str(path))


def test_a_missing_file_is_both_kinds_of_error() -> None:
    for kind in (RuntimeError, FileNotFoundError):
        with pytest.raises(kind, match=r"^An error occurred while decoding image: "):
            vision.TensorImage.create_from_file("no/such.png")
        with pytest.raises(kind, match=r"^Unable to open file at no/such\.tflite$"):
            vision.ImageEmbedder.create_from_file("no/such.tflite")


@pytest.mark.parametrize(
    ("options", "kind", "message"),
    [
        ({}, ValueError, "ExternalFile must specify at least one of 'file_content'"),
        ({"file_name": "", "file_content": b""}, ValueError, "ExternalFile must specify"),
        ({"file_name": "a\0b"}, ValueError, "NUL"),
        ({"file_name": 5}, TypeError, "file_name"),
        ({"file_content": "text"}, TypeError, "file_content"),
        ({"file_content": b"garbage"}, ValueError, "TFLite"),
        ({"file_name": "x", "num_threads": -2}, RuntimeError, "Failed setting number of CPU"),
        ({"file_name": "x", "num_threads": 1.5}, TypeError, "num_threads"),
        ({"file_name": "x", "use_coral": True}, RuntimeError, "Plugin did not create EdgeTpu"),
    ],
)
def test_bad_base_options_are_errors(
    options: dict[str, Any], kind: type[Exception], message: str
) -> None:
    with pytest.raises(kind, match=message):
        vision.ImageEmbedder.create_from_options(
            vision.ImageEmbedderOptions(core.BaseOptions(**options))
        )


def test_a_model_without_normalization_is_a_runtime_error(models: Path) -> None:
    with pytest.raises(RuntimeError, match="normalized"):
        vision.ImageEmbedder.create_from_file(str(models / "identity_float_8x6_no_metadata.tflite"))


def test_a_model_of_maps_leads_to_the_embedder_that_pools(models: Path) -> None:
    with pytest.raises(ValueError, match="Embedder makes one of it by its option pool"):
        vision.ImageEmbedder.create_from_file(str(models / "../Forms/nhwc_float32_one_map.tflite"))


@pytest.mark.parametrize("threads", [-1, None, 0, 1, 4, 1000])
def test_threads_change_nothing(threads: Any, models: Path) -> None:
    name = str(models / "identity_uint8_8x6.tflite")
    options = vision.ImageEmbedderOptions(core.BaseOptions(name, num_threads=threads))
    embedder = vision.ImageEmbedder.create_from_options(options)
    image = vision.TensorImage.create_from_array(pixels(6, 8))
    np.testing.assert_array_equal(value(embedder.embed(image)), pixels(6, 8).reshape(-1))


def test_outputs_are_counted(small_task: vision.ImageEmbedder) -> None:
    result = small_task.embed(vision.TensorImage.create_from_array(pixels()))
    assert small_task.number_of_output_layers == 1
    assert small_task.get_embedding_dimension(0) == 144
    assert small_task.get_embedding_dimension(1) == small_task.get_embedding_dimension(-1) == -1
    assert small_task.get_embedding_by_index(result, 0) == result.embeddings[0]
    for index in (-1, 1):
        with pytest.raises(ValueError, match=r"^Output index is out of bound\.$"):
            small_task.get_embedding_by_index(result, index)


def test_results_are_compared_by_their_numbers() -> None:
    first = processor.EmbeddingResult(
        [processor.Embedding(processor.FeatureVector(np.array([1.0, 2.0])), 0)]
    )
    second = copy.deepcopy(first)
    assert first == second
    second.embeddings[0].feature_vector.value[0] = 5
    assert first != second
    assert first != 5
    assert processor.FeatureVector(np.array([1.0])) != processor.FeatureVector(np.uint8([1]))


def vector(numbers: Any, dtype: Any) -> processor.FeatureVector:
    return processor.FeatureVector(np.array(numbers, dtype))


@pytest.mark.parametrize(
    ("u", "v", "message"),
    [
        (
            vector([1, 2], float),
            vector([1], float),
            "on float feature vectors of different sizes (2 vs 1)",
        ),
        (
            vector([1], "u1"),
            vector([1, 2], "u1"),
            "on quantized feature vectors of different sizes (1 vs 2)",
        ),
        (vector([], float), vector([], float), "on empty feature vectors"),
        (vector([0], float), vector([1], float), "on feature vector with 0 norm"),
        (vector([1], float), vector([1], "u1"), "between quantized and float feature vectors"),
    ],
)
def test_vectors_that_cannot_be_compared_are_the_references_errors(
    u: processor.FeatureVector, v: processor.FeatureVector, message: str
) -> None:
    with pytest.raises(ValueError) as caught:  # noqa: PT011
        vision.ImageEmbedder.cosine_similarity(u, v)
    assert str(caught.value) == f"Cannot compute cosine similarity {message}"


def test_bytes_are_signed_and_more_types_are_taken(small_task: vision.ImageEmbedder) -> None:
    similarity = small_task.cosine_similarity
    assert similarity(vector([255], "u1"), vector([1], "u1")) == -1
    assert similarity(vector([-1], "i1"), vector([1], "u1")) == -1
    assert similarity(vector([1], "f4"), vector([1], float)) == 1
    with pytest.raises(
        ValueError, match=r"^Invalid dtype\. Only float and np\.uint8 are supported\.$"
    ):
        similarity(vector([1], "i4"), vector([1], float))


def test_jpeg_files_have_the_pixels_of_the_task_library(photographs: Path) -> None:
    golden = json.loads((FIXTURES / "Goldens" / "jpeg.json").read_text())
    names = {
        "rocket.jpg",
        "retina.jpg",
        "jpeg-422.jpg",
        "jpeg-cmyk.jpg",
        "jpeg-gray.jpg",
        "jpeg-progressive.jpg",
    }
    found = set()
    for case in golden["cases"]:
        name = case.get("photograph") or case["odd_file"]
        if name not in names:
            continue
        path = photographs / name if "photograph" in case else FIXTURES / "OddFiles" / name
        for image in (
            vision.TensorImage.create_from_file(str(path)),
            vision.TensorImage.create_from_buffer(path.read_bytes()),
        ):
            width, height, channels = case["size"]
            assert image.buffer.shape == (height, width, channels)
            assert hashlib.sha256(np.asarray(image.buffer).tobytes()).hexdigest() == case["sha256"]
        found.add(name)
    assert found == names
