"""Every Python sample of the documents, run as it stands."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path

import pytest
from conftest import ROOT
from test_search import embedded

SAMPLES = [
    pytest.param(sample, id=f"{name}-{number}")
    for name in (
        "docs/python.md",
        "docs/accelerators.md",
        "docs/mediapipe.md",
        "docs/search.md",
        "docs/duplicates.md",
        "python/README.md",
    )
    for number, sample in enumerate(
        re.findall(r"^```python\n(.*?)^```$", (ROOT / name).read_text("utf-8"), re.M | re.S)
    )
]


@pytest.mark.parametrize("sample", SAMPLES)
def test_a_sample_runs(
    sample: str,
    photographs: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    (tmp_path / "photos").mkdir()
    for name, source in (
        ("left.jpg", "motorcycle_left.png"),  # what a file is its content says
        ("right.jpg", "motorcycle_right.png"),
        ("photos/rocket.jpg", "rocket.jpg"),
        ("photos/notes.txt", "README.txt"),
    ):
        shutil.copy(photographs / source, tmp_path / name)
    if "embeddings/" in sample:
        shutil.copy(tmp_path / "right.jpg", tmp_path / "query.jpg")
        embedded(tmp_path / "embeddings", [tmp_path / "left.jpg", tmp_path / "photos/rocket.jpg"])
    if ".duplicates(" in sample:
        # The pictures of the store's rows, which are the same.
        (tmp_path / "in").mkdir()
        for row in range(2):
            shutil.copy(tmp_path / "left.jpg", tmp_path / f"in/{row}.png")
        record = tmp_path / "embeddings/run.json"
        record.write_text(record.read_text().replace('"/photos"', json.dumps(str(tmp_path))))
    if "find_duplicates(" in sample:
        shutil.copy(tmp_path / "left.jpg", tmp_path / "photos/a.jpg")
        shutil.copy(tmp_path / "left.jpg", tmp_path / "photos/b.jpg")
    monkeypatch.chdir(tmp_path)
    names: dict[str, object] = {}
    exec(compile(sample, "sample", "exec"), names)
    output = capsys.readouterr().out
    if "similarity(" in sample and output:
        assert float(output) == pytest.approx(0.945980, abs=2e-6)
    if "similarity" in names:
        assert names["similarity"] == pytest.approx(0.945980, abs=2e-6)
    if "result.ok" in sample:
        assert "rocket.jpg (1280,)" in output
        assert "notes.txt" in output
    if "embed_async" in sample:
        # The frames between may have been dropped.
        assert output.splitlines()[-1] == "957 (1280,)"
    if ".search(" in sample:
        assert re.fullmatch(r"0\.946 in/0\.png\n0\.1\d\d in/1\.png\n", output)
    if ".pairs(" in sample:
        assert output == ""
    if ".duplicates(" in sample:
        assert re.fullmatch(
            r"bytes in/[01]\.png 2 it is older\n|bytes in/0\.png 2 its path comes first\n",
            output.splitlines(keepends=True)[0],
        )
        assert re.fullmatch(r"0 1 bytes 0\.1\d+ none", output.splitlines()[1])
        assert (tmp_path / "move.sh").read_text("utf-8").startswith("#!/bin/sh\n# Moves 1 ")
    if "find_duplicates(" in sample:
        assert output in (
            "photos/a.jpg ['photos/a.jpg', 'photos/b.jpg']\n",
            "photos/b.jpg ['photos/a.jpg', 'photos/b.jpg']\n",
        )
    if "error.code" in sample:
        assert output.startswith("INVALID_ARGUMENT")
