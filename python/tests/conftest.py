"""What the tests share."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from image_embedder import Embedder

ROOT = Path(__file__).resolve().parents[2]
FIXTURES = ROOT / "Tests" / "TestSupport" / "Fixtures"
CACHE = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "image-embedder"
PHOTOGRAPHS = CACHE / "photographs-0.26.0"
OPENVINO = Path(
    os.environ.get("IMAGE_EMBEDDER_OPENVINO")
    or CACHE / "openvino-2026.3.1" / "libopenvino_c.so.2631"
)


@pytest.fixture(scope="session")
def photographs() -> Path:
    return PHOTOGRAPHS


@pytest.fixture(scope="session")
def models() -> Path:
    return FIXTURES / "Models"


@pytest.fixture(scope="session")
def embedder() -> Embedder:
    """Returns the default model."""
    return Embedder()


@pytest.fixture(scope="session")
def small(models: Path) -> Embedder:
    """Returns a model whose vector is the picture, scaled to 8 x 6 pixels."""
    return Embedder(models / "identity_uint8_8x6.tflite", l2_normalize=False)


def pixels(height: int = 40, width: int = 60, channels: int = 3) -> Any:
    """Returns a picture that looks the same from no two sides."""
    generator = np.random.default_rng(7)
    shape = (height, width) if channels == 0 else (height, width, channels)
    return generator.integers(0, 256, shape, np.uint8)
