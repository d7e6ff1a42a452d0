"""The samples of the documents and programs of users, under two type checkers, and run."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from conftest import PHOTOGRAPHS, ROOT
from test_documents import SAMPLES

import image_embedder

PROGRAMS = sorted(Path(__file__).with_name("typed").glob("*.py"))
CHECKERS = {"mypy": ["--strict", "--no-error-summary"], "pyright": ["--pythonpath", sys.executable]}


def run(*arguments: object) -> subprocess.CompletedProcess[str]:
    package = str(Path(image_embedder.__file__).parents[1])
    return subprocess.run(
        [sys.executable, *map(str, arguments)],
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
        # Where the package is not installed, it is looked for in its source.
        env={**os.environ, "MYPYPATH": "" if "site-packages" in package else package},
    )


@pytest.mark.parametrize("checker", CHECKERS)
def test_samples_and_programs_are_well_typed(checker: str, tmp_path: Path) -> None:
    pytest.importorskip(checker)
    for program in PROGRAMS:
        (tmp_path / program.name).write_text(program.read_text("utf-8"), "utf-8")
    for number, sample in enumerate(SAMPLES):
        (tmp_path / f"sample_{number}.py").write_text(str(sample.values[0]), "utf-8")
    package = Path(image_embedder.__file__).parents[1]
    (tmp_path / "pyrightconfig.json").write_text(f'{{"extraPaths": ["{package}"]}}', "utf-8")
    options = ["--project", tmp_path] if checker == "pyright" else sorted(tmp_path.glob("*.py"))
    checked = run("-m", checker, *CHECKERS[checker], *options)
    assert checked.returncode == 0, checked.stdout + checked.stderr


def mediapipe_programs() -> list[tuple[Path, list[str]]]:
    """Returns the programs that were written for MediaPipe, with their arguments."""
    folder = Path(__file__).with_name("typed")
    model = ROOT / "Models" / "efficientnet-lite0.tflite"
    pair = [str(PHOTOGRAPHS / f"motorcycle_{side}.png") for side in ("left", "right")]
    others = [str(PHOTOGRAPHS / name) for name in ("chelsea.png", "coffee.png", "rocket.jpg")]
    return [
        (folder / "mediapipe_groups.py", [str(model), *pair, *others]),
        (folder / "mediapipe_video.py", [str(model)]),
        (folder / "mediapipe_files.py", [str(model.parent), *pair]),
    ]


@pytest.mark.parametrize(("program", "arguments"), mediapipe_programs())
def test_programs_of_mediapipe_run(program: Path, arguments: list[str]) -> None:
    # What MediaPipe 1.2.3 prints for the same program; test_beside_mediapipe.py runs it.
    expected = {
        "mediapipe_groups": "motorcycle_left.png motorcycle_right.png\nchelsea.png\ncoffee.png\n"
        "rocket.jpg\n9398\n",
        "mediapipe_video": "0 1.0000\n40 0.9433\n80 0.9421\n120 0.9849\n160 0.8738\n200 0.5368\n"
        "240 0.5368\n280 0.5368\nthe film does not go back\n",
        "mediapipe_files": "0 feature_vector uint8\n0.9\nCan't find file: /no/such.jpg\n",
    }
    ran = run(program, *arguments)
    assert ran.stdout == expected[program.stem], ran.stderr


def test_programs_run(photographs: Path, tmp_path: Path) -> None:
    pytest.importorskip("typing_extensions")
    names = ["chelsea.png", "coffee.png", "rocket.jpg"]
    for name in (*names, "README.txt"):
        (tmp_path / name).symlink_to(photographs / name)
    paths = [tmp_path / name for name in ("chelsea.png", "coffee.png", "chelsea.png")]
    for program, arguments, expected in (
        ("index_folder", [tmp_path], "3 vectors of 1280 components, 1 failures\n"),
        (
            "narrow_results",
            paths[:2],
            "chelsea.png (1280,) 451\ncoffee.png (1280,) 600\n",
        ),
        ("task_library", paths, f"{paths[0]} 1280\n"),
        ("watch_camera", [], "changed at [4, 8] float32\n"),
    ):
        ran = run(Path(__file__).with_name("typed") / f"{program}.py", *arguments)
        assert ran.stdout == expected, ran.stderr
