"""What `search` and `duplicates` print, by a reader of NumPy and Pillow that knows nothing of ours.

It takes the folder's arrays and lines, which are in the field's common layout, and the pictures.
"""

from __future__ import annotations

import hashlib
import itertools
import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from conftest import ROOT
from PIL import Image, ImageOps

BUILDS = [ROOT / ".build" / build / "image-embedder" for build in ("release", "debug")]
PROGRAM = Path(os.environ.get("IMAGE_EMBEDDER_PROGRAM") or next(filter(Path.exists, BUILDS), ""))
TIERS = ["bytes", "pixels", "copies", "unsure", "similar"]
# The program rounds products to float32 before it sums them; NumPy here rounds nothing.
ROUNDING = 2e-6

pytestmark = pytest.mark.skipif(not PROGRAM.is_file(), reason="the program is not built")


def read(folder: Path) -> tuple[list[str], npt.NDArray[np.float64]]:
    """The paths of all rows, and every row's cosine to every other."""
    vectors = np.concatenate([np.load(part) for part in sorted(folder.glob("img_emb/*.npy"))])
    lines = [line for part in sorted(folder.glob("metadata/*")) for line in part.open("rb")]
    units = vectors.astype(np.float64)
    units /= np.linalg.norm(units, axis=1, keepdims=True)
    return [json.loads(line)["path"] for line in lines], units @ units.T


def digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def upright(path: Path) -> tuple[Any, bytes]:
    with Image.open(path) as image:
        picture = ImageOps.exif_transpose(image).convert("RGB")
        return picture.size, picture.tobytes()


def run(*arguments: str, folder: Path) -> list[dict[str, Any]]:
    text = subprocess.run([PROGRAM, *arguments], cwd=folder, check=True, stdout=subprocess.PIPE)
    return [json.loads(line) for line in text.stdout.splitlines()]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Photographs with copies of every kind, embedded."""
    folder = tmp_path_factory.mktemp("reader")
    photographs = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    photographs /= "image-embedder/photographs-0.26.0"
    inputs = folder / "in"
    inputs.mkdir()
    for name in (
        "astronaut.png",
        "chelsea.png",
        "coffee.png",
        "motorcycle_left.png",
        "motorcycle_right.png",
        "retina.jpg",
        "rocket.jpg",
    ):
        shutil.copy(photographs / name, inputs)
    shutil.copy(inputs / "rocket.jpg", inputs / "rocket copy.jpg")
    shutil.copy(inputs / "rocket.jpg", inputs / "another rocket.jpg")
    shutil.copy(inputs / "coffee.png", inputs / "coffee copy.png")
    rocket = (inputs / "rocket.jpg").read_bytes()
    (inputs / "commented.jpg").write_bytes(rocket[:2] + b"\xff\xfe\x00\x07hello" + rocket[2:])
    chelsea = Image.open(inputs / "chelsea.png").convert("RGB")
    chelsea.save(inputs / "chelsea.tif")
    turned = Image.Exif()
    turned[0x0112] = 6
    chelsea.transpose(Image.Transpose.ROTATE_90).save(inputs / "turned.png", exif=turned)
    chelsea.save(inputs / "saved.jpg", quality=60)
    chelsea.resize((225, 150)).save(inputs / "half.png")
    subprocess.run([PROGRAM, "embed", "in", "--output", "out"], cwd=folder, check=True)
    return folder


def test_cosines_and_order_of_search(folder: Path) -> None:
    paths, cosines = read(folder / "out")
    for query, row in zip(paths, cosines):
        lines = run("search", "out", query, "--k", "6", "--json", folder=folder)
        assert [line["rank"] for line in lines] == [1, 2, 3, 4, 5, 6]
        assert all(paths[line["row"]] == line["path"] for line in lines)
        found = [line["row"] for line in lines]
        given = [line["cosine"] for line in lines]
        assert np.allclose(given, row[found], rtol=0, atol=ROUNDING)
        # Best first, equal ones by their rows, and nothing better is left out.
        assert sorted(zip([-cosine for cosine in given], found)) == [
            (-cosine, number) for cosine, number in zip(given, found)
        ]
        assert np.delete(row, found).max() <= given[-1] + ROUNDING


def test_tiers_and_groups_of_duplicates(folder: Path) -> None:
    paths, cosines = read(folder / "out")
    rows = {path: row for row, path in enumerate(paths)}
    digests = {path: digest(folder / path) for path in paths}
    pixels = {path: upright(folder / path) for path in paths}
    lines = run("duplicates", "out", "--json", folder=folder)
    pairs = {frozenset((line["a"], line["b"])): line for line in lines if "a" in line}
    groups = [line for line in lines if "group" in line]
    assert {line["tier"] for line in pairs.values()} >= {"bytes", "pixels", "copies", "similar"}
    for a, b in itertools.combinations(paths, 2):
        line = pairs.get(frozenset((a, b)), {"tier": None, "cosine": None})
        cosine = cosines[rows[a], rows[b]]
        # Both tiers are exactly what they say, and no pair is missing from them.
        assert (line["tier"] == "bytes") == (digests[a] == digests[b]), (a, b)
        same = pixels[a] == pixels[b] and digests[a] != digests[b]
        assert (line["tier"] == "pixels") == same, (a, b)
        if line["cosine"] is not None:
            assert line["cosine"] == pytest.approx(cosine, abs=ROUNDING)
        if cosine >= 0.9 + ROUNDING:
            assert line["tier"] is not None, (a, b)
        if line["tier"] == "similar":
            assert cosine >= 0.9 - ROUNDING
    for group in groups:
        assert len(group["members"]) == len(set(group["members"])) > 1
        assert group["keep"] in group["members"]
        for members in itertools.combinations(group["members"], 2):
            tier = pairs[frozenset(members)]["tier"]
            assert TIERS.index(tier) <= TIERS.index(group["tier"]), members
    # What is in a sure pair is in a group.
    for pair, line in pairs.items():
        if line["tier"] in ("bytes", "pixels"):
            assert any(pair <= set(group["members"]) for group in groups), line
