"""The peers' Pythons: found, filled by pip once, and tried."""

from __future__ import annotations

import dataclasses
import hashlib
import os
import pathlib
import shutil
import subprocess
import sys
from collections.abc import Iterator

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[1]
ENVIRONMENTS = ROOT / ".build/comparison"
ODD_FILES = ROOT / "scripts/odd-files"


class UnavailableError(Exception):
    """A peer that cannot be measured here, and why."""


@dataclasses.dataclass(frozen=True)
class Requirements:
    """What a peer needs.

    Attributes:
        name: The peer.
        file: The packages, for pip.
        versions: The minor versions of Python 3 that it can have, the best first.
        module: The module whose import proves that it works.
        packages: The packages whose versions are worth telling.
    """

    name: str
    file: pathlib.Path
    versions: tuple[int, ...]
    module: str
    packages: tuple[str, ...]


TFLITE_SUPPORT = Requirements(
    "tflite-support",
    ODD_FILES / "requirements-tflite-support.txt",
    (11, 10, 9),
    "tflite_support.task.vision",
    ("tflite-support", "numpy"),
)
MEDIAPIPE = Requirements(
    "mediapipe",
    ODD_FILES / "requirements-mediapipe.txt",
    (11, 12, 13),
    "mediapipe.tasks.python.vision",
    ("mediapipe", "numpy"),
)
PILLOW_LITERT = Requirements(
    "pillow-litert",
    HERE / "requirements-pillow-litert.txt",
    (11, 12, 13, 10, 14, 9),
    "PIL.Image, ai_edge_litert.interpreter",
    ("pillow", "ai-edge-litert", "numpy"),
)

OPENVINO = Requirements(
    "openvino",
    HERE / "requirements-openvino.txt",
    (11, 12, 13),
    "cv2, openvino, simplejpeg, ai_edge_litert.schema_py_generated",
    ("openvino", "simplejpeg", "opencv-python-headless", "numpy"),
)
ONNXRUNTIME = Requirements(
    "onnxruntime",
    HERE / "requirements-onnxruntime.txt",
    (11, 12, 13),
    "cv2, onnxruntime, simplejpeg, tflite2onnx",
    ("onnxruntime", "tflite2onnx", "simplejpeg", "opencv-python-headless", "numpy"),
)


@dataclasses.dataclass(frozen=True)
class Environment:
    """A Python with a peer installed.

    Attributes:
        python: The Python.
        versions: The versions of Python and of the packages that matter.
    """

    python: pathlib.Path
    versions: dict[str, str]


def prepare(requirements: Requirements) -> Environment:
    """Installs a peer, unless that was done before.

    Args:
        requirements: What it needs.

    Returns:
        Where it is.

    Raises:
        UnavailableError: It installs for none of this machine's Pythons.
    """
    folder = ENVIRONMENTS / requirements.name
    python, stamp = folder / "bin/python", folder / "requirements.sha256"
    wanted = hashlib.sha256(requirements.file.read_bytes()).hexdigest()
    if not (stamp.exists() and stamp.read_text() == wanted and python.exists()):
        reason = None
        for candidate in _pythons(requirements.versions):
            shutil.rmtree(folder, ignore_errors=True)
            print(f"installing {requirements.name} for {candidate}", file=sys.stderr)
            failure = _install(candidate, folder, requirements)
            if failure is None:
                stamp.write_text(wanted)
                break
            # Versions stand best first: what is wrong with the best one is what its user can mend.
            reason = reason or f"it does not install for {candidate}: {failure}"
        else:
            shutil.rmtree(folder, ignore_errors=True)
            spelled = _spelled(requirements.versions)
            raise UnavailableError(reason or f"no Python {spelled} with the module venv was found")
    return Environment(python, _versions(python, requirements.packages))


def _spelled(versions: tuple[int, ...]) -> str:
    return " or ".join(f"3.{minor}" for minor in versions)


def _pythons(versions: tuple[int, ...]) -> Iterator[pathlib.Path]:
    """Finds Pythons of the given versions on the search path and among pyenv's, one for each version."""
    pyenv = pathlib.Path(os.environ.get("PYENV_ROOT", pathlib.Path.home() / ".pyenv"), "versions")
    for minor in versions:
        found = [shutil.which(f"python3.{minor}"), shutil.which("python3"), sys.executable]
        found += sorted(map(str, pyenv.glob(f"3.{minor}.*/bin/python")))
        for path in filter(None, found):
            # What is found may be a placeholder, another version, or lack what makes environments.
            code = f"import sys, venv, ensurepip; sys.exit(sys.version_info[:2] != (3, {minor}))"
            if subprocess.run([path, "-c", code], capture_output=True).returncode == 0:
                yield pathlib.Path(path)
                break


def _install(candidate: pathlib.Path, folder: pathlib.Path, requirements: Requirements) -> str | None:
    """Installs and tries; returns why it failed."""
    python = str(folder / "bin/python")
    commands = [
        [str(candidate), "-m", "venv", str(folder)],
        [python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "-r", str(requirements.file)],
        [python, "-c", f"import {requirements.module}"],
    ]
    for command in commands:
        done = subprocess.run(command, capture_output=True, text=True)
        if done.returncode != 0:
            lines = done.stderr.strip().splitlines()
            errors = [line for line in lines if line.startswith("ERROR")] or lines or ["it wrote nothing"]
            return errors[-1]
    return None


def _versions(python: pathlib.Path, packages: tuple[str, ...]) -> dict[str, str]:
    code = (
        "import importlib.metadata as m, platform, sys\n"
        "print('Python', platform.python_version())\n"
        "for name in sys.argv[1:]: print(name, m.version(name))"
    )
    done = subprocess.run([str(python), "-c", code, *packages], capture_output=True, text=True, check=True)
    return dict(line.split() for line in done.stdout.splitlines())
