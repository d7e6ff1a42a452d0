from __future__ import annotations

import pickle
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from image_embedder import Embedder
from image_embedder.ray import EmbedImages


@pytest.fixture(scope="session")
def model(models: Path) -> Path:
    return models / "identity_uint8_8x6.tflite"


def objects(*values: Any) -> Any:
    array = np.empty(len(values), object)
    array[:] = values
    return array


def test_a_batch_of_paths_keeps_its_other_columns(model: Path, photographs: Path) -> None:
    chelsea = str(photographs / "chelsea.png")
    batch = {"path": objects(chelsea, "no/such.png", None), "label": np.arange(3)}
    output = EmbedImages(model)(batch)
    assert list(output) == ["path", "label", "embedding", "status", "error"]
    assert list(output["status"]) == ["ok", "NOT_FOUND", "INVALID_ARGUMENT"]
    assert output["embedding"].shape == (3, 144)
    assert output["embedding"].dtype == np.float32
    np.testing.assert_array_equal(output["embedding"][0], Embedder(model).embed(chelsea))
    assert np.isnan(output["embedding"][1:]).all()
    assert output["error"][0] == ""
    assert "no/such.png" in output["error"][1]


def test_bytes_come_before_paths_and_are_not_kept(model: Path, photographs: Path) -> None:
    content = (photographs / "chelsea.png").read_bytes()
    embed = EmbedImages(model, quantize=True)
    output = embed({"bytes": objects(content, b"", b"text"), "path": objects("a", "b", "c")})
    assert list(output) == ["path", "embedding", "status", "error"]
    assert list(output["status"]) == ["ok", "INVALID_ARGUMENT", "INVALID_ARGUMENT"]
    assert output["embedding"].dtype == np.int8
    assert not output["embedding"][1:].any()


def test_no_rows_are_no_rows(model: Path) -> None:
    output = EmbedImages(model)({"path": objects()})
    assert output["embedding"].shape == (0, 144)


def test_a_batch_without_images_is_an_error(model: Path) -> None:
    with pytest.raises(ValueError, match="label"):
        EmbedImages(model)({"label": np.arange(3)})


def test_the_class_can_be_sent_to_another_process(model: Path) -> None:
    embed = pickle.loads(pickle.dumps(EmbedImages(model)))
    assert list(embed({"path": objects("no/such")})["status"]) == ["NOT_FOUND"]


def test_sparks_function_maps_frames(model: Path, photographs: Path) -> None:
    pd = pytest.importorskip("pandas")
    from image_embedder.spark import SCHEMA, embed_images

    content = (photographs / "chelsea.png").read_bytes()
    frames = [
        pd.DataFrame({"path": ["a", "b"], "content": [content, b"text"], "length": [1, 2]}),
        pd.DataFrame({"bytes": [content]}),
        pd.DataFrame({"path": ["no/such"]}),
    ]
    found = list(embed_images(model)(frames))
    names = [column.split()[0] for column in SCHEMA.split(", ")]
    assert all(list(frame.columns) == names for frame in found)
    assert [list(f["status"]) for f in found] == [["ok", "INVALID_ARGUMENT"], ["ok"], ["NOT_FOUND"]]
    assert len(found[0]["embedding"][0]) == 144
    assert found[0]["embedding"][1] is None
