"""MediaPipe itself beside this package; runs where its wheel installs.

Of pictures that have the model's size MediaPipe makes no pixel another, so that the vectors are to
be the same. Larger ones it samples in a way of its own: how far that goes, docs/mediapipe.md says.
"""

from __future__ import annotations

import itertools
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from conftest import ROOT
from test_types import mediapipe_programs

from image_embedder import mediapipe as ours

theirs = pytest.importorskip("mediapipe")

MODEL = ROOT / "Models" / "efficientnet-lite0.tflite"
FILES = (
    "astronaut.png",
    "chelsea.png",
    "coffee.png",
    "ihc.png",
    "motorcycle_left.png",
    "motorcycle_right.png",
    "rocket.jpg",
    "retina.jpg",
    "hubble_deep_field.jpg",
)


def create(api: Any, model: Path = MODEL, **options: Any) -> Any:
    vision = api.tasks.vision
    base = api.tasks.BaseOptions(model_asset_path=str(model))
    return vision.ImageEmbedder.create_from_options(
        vision.ImageEmbedderOptions(base_options=base, **options)
    )


def region(api: Any, left: float, top: float, right: float, bottom: float) -> Any:
    rect = __import__(f"{api.__name__}.tasks.python.components.containers.rect", fromlist=["RectF"])
    return rect.RectF(left=left, top=top, right=right, bottom=bottom)


def cosine(u: Any, v: Any) -> float:
    return float(u @ v / np.linalg.norm(u) / np.linalg.norm(v))


@pytest.mark.parametrize("name", [*FILES, "camera.png", "logo.png", "no_time_for_that_tiny.gif"])
def test_files_have_the_same_pixels(name: str, photographs: Path) -> None:
    images = [api.Image.create_from_file(str(photographs / name)) for api in (ours, theirs)]
    np.testing.assert_array_equal(images[0].numpy_view(), images[1].numpy_view())
    assert images[0].image_format == images[1].image_format


@pytest.mark.parametrize("options", [{}, {"l2_normalize": True}, {"quantize": True}])
@pytest.mark.parametrize("channels", [3, 4])
def test_pictures_of_the_models_size_have_the_same_vectors(
    options: dict[str, bool], channels: int, photographs: Path
) -> None:
    embedders = [create(api, **options) for api in (ours, theirs)]
    for name in FILES:
        image = ours.Image.create_from_file(str(photographs / name))
        array = np.full((224, 224, channels), 7, np.uint8)
        array[:, :, :3] = image.numpy_view()[40:264, 60:284]
        found = []
        for api, embedder in zip((ours, theirs), embedders):
            kind = api.ImageFormat.SRGB if channels == 3 else api.ImageFormat.SRGBA
            (one,) = embedder.embed(api.Image(image_format=kind, data=array)).embeddings
            found.append((one.head_index, one.head_name, one.embedding.dtype, one.embedding))
        assert found[0][:3] == found[1][:3]
        if options.get("quantize"):
            # Half a step apart, a rounding makes a whole one.
            difference = found[0][3].view(np.int8).astype(int) - found[1][3].view(np.int8)
            assert np.abs(difference).max() <= 1
        else:
            np.testing.assert_allclose(found[0][3], found[1][3], atol=1e-5 * found[1][3].max())


def test_regions_and_turns_mean_the_same(photographs: Path) -> None:
    vectors: list[Any] = []
    for api in (ours, theirs):
        embedder = create(api)
        image = api.Image.create_from_file(str(photographs / "chelsea.png"))
        options = api.tasks.vision.ImageProcessingOptions
        parts = [None, region(api, 0, 0, 1, 0.5), region(api, 0.3, 0.2, 0.9, 0.8)]
        vectors.append(
            [
                embedder.embed(image, options(part, degrees)).embeddings[0].embedding
                for part in parts
                for degrees in (0, 90, 180, 270, -90, 450)
            ]
        )
    table = np.array([[cosine(u, v) for v in vectors[1]] for u in vectors[0]])
    assert np.diagonal(table).min() > 0.95
    # No other region or turn is as near as the same one.
    for row in range(len(table)):
        nearest = int(table[row].argmax())
        assert table[row, nearest] == pytest.approx(table[row, row], abs=1e-9)


def test_photographs_are_as_far_from_mediapipes_as_documented(photographs: Path) -> None:
    vectors = []
    for api in (ours, theirs):
        embedder = create(api)
        vectors.append(
            [
                embedder.embed(api.Image.create_from_file(str(photographs / name)))
                .embeddings[0]
                .embedding
                for name in FILES
            ]
        )
    cosines = [cosine(u, v) for u, v in zip(*vectors)]
    pairs = list(itertools.combinations(range(len(FILES)), 2))
    similarities = [[cosine(found[a], found[b]) for a, b in pairs] for found in vectors]
    differences = np.abs(np.subtract(*similarities))
    print(f"cosines {min(cosines):.3f} to {max(cosines):.3f},")
    print(
        f"similarities {differences.mean():.3f} apart on average, {differences.max():.3f} at most"
    )
    assert min(cosines) > 0.96
    assert differences.max() < 0.03


def test_the_same_errors_are_raised(photographs: Path) -> None:
    for api in (ours, theirs):
        vision = api.tasks.vision
        image = api.Image.create_from_file(str(photographs / "chelsea.png"))
        with pytest.raises(FileNotFoundError, match="/no/such"):
            vision.ImageEmbedder.create_from_model_path("/no/such")
        with pytest.raises(FileNotFoundError, match="Can't find file: /no/such"):
            api.Image.create_from_file("/no/such")
        with pytest.raises(RuntimeError, match="Failed to load image from file"):
            api.Image.create_from_file(str(photographs / "README.txt"))
        with pytest.raises(ValueError, match="must"):
            vision.ImageEmbedder.create_from_options(
                vision.ImageEmbedderOptions(api.tasks.BaseOptions())
            )
        with pytest.raises(ValueError, match="result callback must be provided"):
            create(api, running_mode=vision.RunningMode.LIVE_STREAM)
        with pytest.raises(ValueError, match="result callback should not be provided"):
            create(api, result_callback=print)
        with create(api) as embedder:
            options = vision.ImageProcessingOptions(rotation_degrees=45)
            with pytest.raises(ValueError, match="multiple of 90"):
                embedder.embed(image, options)
            options = vision.ImageProcessingOptions(region(api, 0.5, 0, 0.4, 1))
            with pytest.raises(ValueError, match="left < right"):
                embedder.embed(image, options)
            for call in (embedder.embed_for_video, embedder.embed_async):
                with pytest.raises(ValueError, match="mode"):
                    call(image, 0)
        with create(api, running_mode=vision.RunningMode.VIDEO) as embedder:
            assert embedder.embed_for_video(image, 7).timestamp_ms == 7
            for timestamp in (7, 6):
                with pytest.raises(ValueError, match="must be monotonically increasing"):
                    embedder.embed_for_video(image, timestamp)
            assert embedder.embed_for_video(image, 8).timestamp_ms == 8


@pytest.mark.parametrize(("program", "arguments"), mediapipe_programs())
def test_a_program_prints_the_same_by_either_import(
    program: Path, arguments: list[str], tmp_path: Path
) -> None:
    source = program.read_text("utf-8")
    original = re.sub(
        r"\bimage_embedder\.(?=mediapipe)",
        "",
        source.replace("from image_embedder import mediapipe as mp", "import mediapipe as mp"),
    )
    assert original != source
    assert "image_embedder" not in original
    outputs = []
    for name, text in (("ours", source), ("theirs", original)):
        path = tmp_path / f"{name}.py"
        path.write_text(text, "utf-8")
        ran = subprocess.run(
            [sys.executable, str(path), *arguments],
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )
        assert ran.returncode == 0, ran.stderr
        outputs.append(ran.stdout)
    assert outputs[0] == outputs[1]
