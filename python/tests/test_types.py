"""The samples of the documents and programs of users, under two type checkers, and run."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
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
