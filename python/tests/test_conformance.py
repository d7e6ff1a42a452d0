"""The Task Library itself beside this package, on 200 pictures; runs where its wheel installs."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from conftest import ROOT

from image_embedder import Embedder
from image_embedder.task import core, processor, vision

pytest.importorskip("tflite_support")
Image = pytest.importorskip("PIL.Image")

from tflite_support.task import core as their_core  # noqa: E402
from tflite_support.task import processor as their_processor  # noqa: E402
from tflite_support.task import vision as their_vision  # noqa: E402

COUNT = 200
OURS = (core, processor, vision)
THEIRS = (their_core, their_processor, their_vision)
PHOTOGRAPHS = ("astronaut", "chelsea", "coffee", "ihc", "motorcycle_left", "motorcycle_right")


@pytest.fixture(scope="session")
def pictures(photographs: Path, tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """Cuts pieces of many sizes out of the photographs, a fourth of them with transparency."""
    folder = tmp_path_factory.mktemp("pictures")
    generator = np.random.default_rng(200)
    paths = []
    for number in range(COUNT):
        with Image.open(photographs / f"{PHOTOGRAPHS[number % len(PHOTOGRAPHS)]}.png") as image:
            width = int(generator.integers(2, image.width))
            height = int(generator.integers(2, image.height))
            x = int(generator.integers(0, image.width - width))
            y = int(generator.integers(0, image.height - height))
            piece = image.convert("RGBA" if number % 4 == 0 else "RGB")
            paths.append(folder / f"{number}.png")
            piece.crop((x, y, x + width, y + height)).save(paths[-1], compress_level=1)
    return paths


def embedder(api: Any, model: Path, l2_normalize: bool, quantize: bool) -> Any:
    names, options, task = api
    return task.ImageEmbedder.create_from_options(
        task.ImageEmbedderOptions(
            names.BaseOptions(file_name=str(model)),
            options.EmbeddingOptions(l2_normalize, quantize),
        )
    )


def vectors(api: Any, model: Path, pictures: list[Path], *options: bool) -> Iterator[Any]:
    """Embeds every picture as a file, as an array, and a part of it."""
    _, boxes, task = api
    made = embedder(api, model, *options)
    for path in pictures:
        image = task.TensorImage.create_from_file(str(path))
        array = np.array(Image.open(path))
        box = boxes.BoundingBox(image.width // 3, image.height // 4, 1 + image.width // 2, 1)
        for result in (
            made.embed(image),
            made.embed(task.TensorImage.create_from_array(array)),
            made.embed(image, box),
        ):
            yield result.embeddings[0].feature_vector


@pytest.mark.parametrize("options", [(False, False), (True, False), (True, True)])
@pytest.mark.parametrize("model", ["identity_uint8_8x6.tflite", "identity_float_8x6.tflite"])
def test_the_pixels_are_the_same(
    model: str, options: tuple[bool, bool], models: Path, pictures: list[Path]
) -> None:
    found, expected = (vectors(api, models / model, pictures, *options) for api in (OURS, THEIRS))
    for ours, theirs in zip(found, expected):
        assert ours.value.dtype == theirs.value.dtype
        np.testing.assert_array_equal(ours.value, theirs.value)


def test_the_vectors_are_the_same_up_to_the_runtimes_rounding(pictures: list[Path]) -> None:
    model = ROOT / "Models" / "efficientnet-lite0.tflite"
    ours = embedder(OURS, model, False, False)
    theirs = embedder(THEIRS, model, False, False)
    modern = Embedder(model, l2_normalize=False).embed_batch(pictures)
    first: Any = None
    for path, result in zip(pictures, modern):
        expected, found = (
            made.embed(api[2].TensorImage.create_from_file(str(path))).embeddings[0].feature_vector
            for made, api in ((theirs, THEIRS), (ours, OURS))
        )
        np.testing.assert_allclose(found.value, expected.value, rtol=1e-5, atol=5e-6)
        np.testing.assert_allclose(result.embedding, expected.value, rtol=1e-5, atol=5e-6)
        first = first or expected
        assert ours.cosine_similarity(
            processor.FeatureVector(first.value), processor.FeatureVector(expected.value)
        ) == theirs.cosine_similarity(first, expected)


@pytest.mark.parametrize("subsampling", [0, 1, 2])
@pytest.mark.parametrize("progressive", [False, True])
def test_jpeg_files_have_the_same_pixels(
    subsampling: int, progressive: bool, pictures: list[Path]
) -> None:
    for path in pictures[:40]:
        file = io.BytesIO()
        options = {"quality": 90, "subsampling": subsampling, "progressive": progressive}
        Image.open(path).convert("RGB").save(file, "JPEG", **options)
        theirs, ours = (
            api[2].TensorImage.create_from_buffer(file.getvalue()) for api in (THEIRS, OURS)
        )
        np.testing.assert_array_equal(ours.buffer, theirs.buffer)


@pytest.mark.parametrize(
    "array",
    [
        np.zeros((4, 4, 3)),
        np.zeros((2, 4, 4, 3), np.uint8),
        np.zeros((4, 4, 2), np.uint8),
        np.zeros((0, 4, 3), np.uint8),
    ],
)
def test_arrays_are_refused_alike(array: Any, models: Path) -> None:
    def outcome(api: Any) -> tuple[type, str]:
        try:
            image = api[2].TensorImage.create_from_array(array)
            embedder(api, models / "identity_uint8_8x6.tflite", False, False).embed(image)
        except Exception as error:
            return type(error), str(error)
        raise AssertionError("nothing was refused")

    assert outcome(OURS) == outcome(THEIRS)


@pytest.mark.parametrize(
    "call",
    [
        lambda api: api[2].ImageEmbedder.create_from_file("no/such.tflite"),
        lambda api: api[2].ImageEmbedder.create_from_file(None),
        lambda api: api[2].ImageEmbedder.create_from_file(5),
        lambda api: embedder(api, ROOT / "Makefile", False, False),
        lambda api: api[2].TensorImage.create_from_file("no/such.png"),
        lambda api: api[2].TensorImage.create_from_buffer(b"text"),
    ],
)
def test_bad_files_are_refused_alike(call: Any) -> None:
    with pytest.raises(Exception) as theirs:  # noqa: PT011
        call(THEIRS)
    with pytest.raises(theirs.type):
        call(OURS)
