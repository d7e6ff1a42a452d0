"""Models whose outputs are no vectors, or that have several signatures."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from conftest import FIXTURES

from image_embedder import Embedder

FORMS = FIXTURES / "Forms"
RUNS = [run for run in json.loads((FORMS / "forms.json").read_text()) if not run["refused"]]
# A picture of every colour, so that an axis that is taken for another is seen.
PICTURE = np.arange(6 * 8 * 3, dtype=np.uint8).reshape(6, 8, 3)


def model(run: dict[str, Any]) -> Path:
    return FORMS / f"{run['model']}.tflite"


@pytest.mark.parametrize("run", [run for run in RUNS if "int8" not in run["model"]][::4])
def test_options_of_outputs_reach_the_model(run: dict[str, Any]) -> None:
    options = {name: run[name] for name in ("pool", "layout", "signature")}
    with Embedder(model(run), l2_normalize=False, **options) as embedder:
        dimensions = [embedder.head_dimension(head) for head in range(len(run["vectors"]))]
        assert dimensions == [len(vector) for vector in run["vectors"]]
        first = embedder.embed(PICTURE)
        (batched,) = embedder.embed_batch([PICTURE])
        assert batched.error is None
        np.testing.assert_array_equal(first, batched.embedding)


def test_pooling_makes_a_difference() -> None:
    vectors = [
        Embedder(FORMS / "nchw_float32_one_map.tflite", pool=pool).embed(PICTURE)
        for pool in ("mean", "max")
    ]
    assert not np.array_equal(*vectors)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({}, "pool: mean, max or flatten is needed"),
        ({"pool": "median"}, "pool is 'median'"),
        ({"pool": "cls"}, "first of tokens"),
        ({"pool": "mean", "layout": "chw"}, "layout is 'chw'"),
        ({"pool": "mean", "signature": "other"}, "signature"),
        ({"pool": 1}, "pool is 1"),
        ({"signature": 2}, "signature is 2"),
    ],
)
def test_what_cannot_be_is_said_in_words_of_python(options: dict[str, Any], words: str) -> None:
    with pytest.raises((ValueError, TypeError)) as caught:
        Embedder(FORMS / "nhwc_float32_one_map.tflite", **options)
    assert words in str(caught.value)
    assert "--" not in str(caught.value)
    assert "Options" not in str(caught.value)
