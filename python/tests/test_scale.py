"""The examples for Ray and Spark, run as they are; `make test-all` installs both."""

from __future__ import annotations

import importlib.util
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from conftest import ROOT

from image_embedder import Embedder

NAMES = ("chelsea.png", "coffee.png", "motorcycle_left.png", "motorcycle_right.png", "rocket.jpg")


@pytest.mark.parametrize("engine", ["ray", "spark"])
def test_the_example_embeds_a_folder(engine: str, photographs: Path, tmp_path: Path) -> None:
    if not importlib.util.find_spec({"ray": "ray", "spark": "pyspark"}[engine]):
        pytest.skip(f"{engine} is not installed")
    import pyarrow.parquet as pq

    photos = tmp_path / "photos"
    photos.mkdir()
    for name in NAMES:
        shutil.copy(photographs / name, photos)
    (photos / "broken.jpg").write_bytes(b"broken")
    environment = {
        **os.environ,
        "PYSPARK_PYTHON": sys.executable,
        "RAY_USAGE_STATS_ENABLED": "0",
        "SPARK_LOCAL_IP": "127.0.0.1",
    }
    done = subprocess.run(
        [sys.executable, ROOT / "Examples/python" / f"{engine}_folder.py", photos, tmp_path / "v"],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=600,
    )
    assert done.returncode == 0, done.stderr
    rows: list[dict[str, Any]] = []
    for path in (tmp_path / "v").rglob("*.parquet"):
        rows += pq.read_table(path).to_pylist()
    by_name = {os.path.basename(row["path"]): row for row in rows}
    assert sorted(by_name) == sorted([*NAMES, "broken.jpg"])
    embedder = Embedder()
    for name in NAMES:
        assert by_name[name]["status"] == "ok"
        expected = embedder.embed(photographs / name)
        np.testing.assert_allclose(by_name[name]["embedding"], expected, atol=1e-6)
    assert by_name["broken.jpg"]["status"] == "INVALID_ARGUMENT"
    assert "not an image" in by_name["broken.jpg"]["error"]
