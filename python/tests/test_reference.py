"""What the Task Library's own tests of its ImageEmbedder check, on a PNG and a JPEG file.

The similarities of a photograph and a part of it are what tflite-support 0.4.4 gives for the same
model. Of PNG files the pixels are the same, and 1e-6 is its tests' own tolerance. JPEG files are
decoded by another decoder, whose pixels differ by a few steps.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from conftest import ROOT

from image_embedder.task import core, processor, vision

MODEL = str(ROOT / "Models" / "efficientnet-lite0.tflite")
BOX = processor.BoundingBox(0, 0, 400, 325)

# L2 normalization, quantization, the similarity.
SIMILARITIES = {
    "coffee.png": (
        1e-6,
        [
            (False, False, 0.914585),
            (True, False, 0.914585),
            (True, True, 0.913166),
            (False, True, 0.907939),
        ],
    ),
    "rocket.jpg": (
        1e-3,
        [
            (False, False, 0.819621),
            (True, False, 0.819621),
            (True, True, 0.816459),
            (False, True, 0.775557),
        ],
    ),
}


def create(l2_normalize: bool, quantize: bool, content: bool = False) -> vision.ImageEmbedder:
    base = core.BaseOptions(file_name=MODEL)
    if content:
        base = core.BaseOptions(file_content=Path(MODEL).read_bytes())
    options = vision.ImageEmbedderOptions(base, processor.EmbeddingOptions(l2_normalize, quantize))
    return vision.ImageEmbedder.create_from_options(options)


@pytest.mark.parametrize("by_content", [False, True])
@pytest.mark.parametrize("name", SIMILARITIES)
def test_a_photograph_is_as_like_its_part_as_in_the_reference(
    name: str, by_content: bool, photographs: Path
) -> None:
    tolerance, cases = SIMILARITIES[name]
    path = photographs / name
    image = vision.TensorImage.create_from_file(str(path))
    if by_content:
        image = vision.TensorImage.create_from_buffer(path.read_bytes())
    for l2_normalize, quantize, expected in cases:
        embedder = create(l2_normalize, quantize, by_content)
        whole, part = embedder.embed(image), embedder.embed(image, BOX)
        vectors = [result.embeddings[0].feature_vector for result in (whole, part)]
        # The reference's own values are rounded to six decimals.
        assert embedder.cosine_similarity(*vectors) == pytest.approx(expected, abs=tolerance + 5e-7)
        assert embedder.cosine_similarity(vectors[0], vectors[0]) == pytest.approx(1, abs=1e-6)
        for vector in vectors:
            assert vector.value.dtype == (np.uint8 if quantize else np.float64)
            assert vector.value.shape == (1280,)
            if l2_normalize and not quantize:
                assert np.linalg.norm(vector.value) == pytest.approx(1, abs=1e-6)


@pytest.mark.parametrize("name", SIMILARITIES)
def test_a_box_is_the_same_as_its_pixels_alone(name: str, photographs: Path) -> None:
    embedder = create(l2_normalize=True, quantize=False)
    image = vision.TensorImage.create_from_file(str(photographs / name))
    crop = vision.TensorImage.create_from_array(image.buffer[:325, :400].copy())
    vectors = [embedder.embed(image, BOX), embedder.embed(crop)]
    np.testing.assert_array_equal(
        *(result.embeddings[0].feature_vector.value for result in vectors)
    )


def test_the_model_describes_itself() -> None:
    embedder = create(l2_normalize=False, quantize=False)
    assert embedder.number_of_output_layers == 1
    assert embedder.get_embedding_dimension(0) == 1280
    assert embedder.get_embedding_dimension(1) == -1
    assert embedder.options.base_options.file_name == MODEL


def test_a_model_that_is_not_there_is_told() -> None:
    with pytest.raises(RuntimeError, match="Unable to open file at /path/to/invalid"):
        vision.ImageEmbedder.create_from_file("/path/to/invalid.tflite")
    with pytest.raises(ValueError, match="ExternalFile must specify at least one of"):
        vision.ImageEmbedder.create_from_options(
            vision.ImageEmbedderOptions(core.BaseOptions(file_name=""))
        )
