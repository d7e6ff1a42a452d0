"""Metadata that are written into copies of models."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from conftest import pixels

from image_embedder import Embedder, annotate


@pytest.fixture
def bare(models: Path) -> Path:
    """Returns a model of float input that says nothing of its normalization."""
    return models / "identity_float_8x6_no_metadata.tflite"


@pytest.mark.parametrize("as_bytes", [False, True])
def test_a_copy_has_what_was_given(bare: Path, tmp_path: Path, as_bytes: bool) -> None:
    output = tmp_path / "copy.tflite"
    annotate(
        bare.read_bytes() if as_bytes else bare,
        output,
        mean=(1, 2, 3),
        std=np.float32([4, 5, 6]),
        name="mine",
        author="Mé",
        license="MIT",
        description="what it does",
        version="7",
        head_names=["pixels"],
    )
    image = pixels(6, 8)
    given = Embedder(bare, mean=(1, 2, 3), std=(4, 5, 6), l2_normalize=False)
    found = Embedder(output, l2_normalize=False)
    assert (found.embed(image) == given.embed(image)).all()
    content = output.read_bytes()
    for text in ("mine", "Mé", "MIT", "what it does", "7", "pixels"):
        assert text.encode() + b"\0" in content
    assert content.endswith(bare.read_bytes())
    annotate(output, tmp_path / "second.tflite", name="")
    assert len(Embedder(tmp_path / "second.tflite").embed(image)) == 144


@pytest.mark.parametrize(
    ("options", "part"),
    [
        ({}, "nothing to write"),
        ({"mean": 1}, "mean and std go together"),
        ({"mean": (1, 2), "std": (1, 2)}, "one or three"),
        ({"mean": 1, "std": 0}, "std value is 0"),
        ({"mean": float("nan"), "std": 1}, "finite"),
        ({"head_names": []}, "head_names is empty"),
        ({"head_names": ["a", "b"]}, "2 head names"),
        ({"head_names": [""]}, "name of head 0 is empty"),
        ({"name": "a\ud800"}, "surrogates"),
        ({"name": "a\0b"}, "NUL"),
        ({"license": "x" * 65_537}, "license is 65537 bytes long"),
    ],
)
def test_what_cannot_be_said_is_refused(
    bare: Path, tmp_path: Path, options: dict[str, Any], part: str
) -> None:
    with pytest.raises(ValueError, match=part):
        annotate(bare, tmp_path / "copy.tflite", **options)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    "options", [{"name": b"bytes"}, {"head_names": "one"}, {"head_names": [1]}]
)
def test_what_is_no_text_is_refused(bare: Path, tmp_path: Path, options: dict[str, Any]) -> None:
    with pytest.raises(TypeError):
        annotate(bare, tmp_path / "copy.tflite", **options)


def test_outputs_that_are_the_model_or_none_are_refused(
    models: Path, bare: Path, tmp_path: Path
) -> None:
    model = tmp_path / "model.tflite"
    model.write_bytes(bare.read_bytes())
    (tmp_path / "picture.tflite").write_bytes(b"\x89PNG\r\n\x1a\n no model")
    for output, part in (
        (model, "the model itself"),
        (tmp_path / "picture.tflite", "no TFLite model"),
        (tmp_path / "copy.bin", "without the ending"),
    ):
        with pytest.raises(ValueError, match=part):
            annotate(model, output, name="mine")
    assert model.read_bytes() == bare.read_bytes()
    with pytest.raises(FileNotFoundError, match="missing"):
        annotate(model, tmp_path / "missing" / "copy.tflite", name="mine")
    with pytest.raises(FileNotFoundError, match=r"missing\.tflite"):
        annotate("missing.tflite", tmp_path / "copy.tflite", name="mine")
    with pytest.raises(ValueError, match="takes pixels as they are"):
        annotate(models / "identity_uint8_8x6.tflite", tmp_path / "c.tflite", mean=1, std=1)
