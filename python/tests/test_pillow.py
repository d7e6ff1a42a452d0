from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from conftest import pixels

from image_embedder import Embedder

Image = pytest.importorskip("PIL.Image")


def test_a_pillow_image_gives_the_vector_of_its_file(small: Embedder, photographs: Path) -> None:
    path = photographs / "chelsea.png"
    with Image.open(path) as image:
        np.testing.assert_array_equal(small.embed(image), small.embed(path))


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA", "CMYK", "YCbCr", "HSV"])
def test_modes_are_converted(mode: str, small: Embedder) -> None:
    image = Image.fromarray(pixels()).convert(mode)
    expected = np.asarray(image.convert("RGB"))
    np.testing.assert_array_equal(small.embed(image), small.embed(expected))


def test_of_16_bits_the_high_ones_are_used(small: Embedder) -> None:
    gray = pixels(channels=0)
    image = Image.fromarray(gray.astype(np.uint16) * 256 + 99)
    np.testing.assert_array_equal(small.embed(image), small.embed(gray))


@pytest.mark.parametrize("mode", ["I", "F"])
def test_a_mode_without_a_range_is_an_error(mode: str, small: Embedder) -> None:
    with pytest.raises(ValueError, match="convert"):
        small.embed(Image.new(mode, (4, 4)))


def test_a_truncated_file_is_an_error_in_a_batch_too(
    small: Embedder, photographs: Path, tmp_path: Path
) -> None:
    path = tmp_path / "short.jpg"
    path.write_bytes((photographs / "rocket.jpg").read_bytes()[:50_000])

    def images() -> Any:
        yield Image.open(path)
        yield pixels()

    broken, whole = small.embed_batch(images())
    assert isinstance(broken.error, ValueError)
    assert whole.ok
