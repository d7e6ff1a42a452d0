#!/usr/bin/env python3
"""Runs the commands of `docs/models.md` as they stand, with random weights, and checks its normalizations.

    page.py [PROGRAM]

Blocks of `python` make models, those of `sh` embed with them; each line has to end well and each image has to give a
vector. What needs a package that is not installed is skipped, and so is what embeds with its model. The exit status is
1 where something fails.
"""

from __future__ import annotations

import argparse
import json
import os
import pathlib
import re
import shlex
import subprocess
import sys
import tempfile

import numpy as np

from images import picture_file

ROOT = pathlib.Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs/models.md"
SECONDS = 900
# What loads trained weights, and what does without.
UNTRAINED = (('weights="imagenet"', "weights=None"), ('weights="DEFAULT"', "weights=None"))
UNTRAINED += (("pretrained=True", "pretrained=False"),)
SAVED_MODEL = """
import tensorflow as tf

class FeatureVector(tf.Module):
    def __init__(self):
        self.kernel = tf.Variable(tf.random.stateless_normal((3, 3, 3, 8), (1, 2)))

    @tf.function(input_signature=[tf.TensorSpec((None, 224, 224, 3), tf.float32)])
    def __call__(self, image):
        return tf.reduce_mean(tf.nn.relu(tf.nn.conv2d(image, self.kernel, 4, "SAME")), [1, 2])

tf.saved_model.save(FeatureVector(), "feature_vector")
"""


def blocks(page: str) -> list[tuple[str, str]]:
    """Returns the language and the text of each block that is run, in order."""
    return re.findall(r"^```(python|sh)\n(.*?)^```$", page, re.MULTILINE | re.DOTALL)


# The modules of Keras' networks, by how their names begin.
KERAS_MODULES = {
    "MobileNetV3": "mobilenet_v3", "MobileNetV2": "mobilenet_v2", "MobileNet": "mobilenet", "ResNet": "resnet_v2",
    "InceptionV3": "inception_v3", "InceptionResNetV2": "inception_resnet_v2", "NASNet": "nasnet",
    "Xception": "xception", "DenseNet": "densenet", "EfficientNetV2": "efficientnet_v2", "EfficientNet": "efficientnet",
    "ConvNeXt": "convnext",
}  # fmt: skip
NORMALIZATION_ROW = re.compile(
    r"^\| (Keras: [^|]+|torchvision|CLIP's[^|]+) \| `([\d.,]+)` \| `([\d.,]+)` \|", re.MULTILINE
)


def wrong_normalizations(page: str) -> list[str]:
    """Returns the rows of the table that differ from what the packages do, or a sentence where there are none."""
    # TensorFlow and PyTorch do not get on in one process; those that run the page have TensorFlow.
    os.environ["KERAS_BACKEND"] = "torch"
    import keras

    del os.environ["KERAS_BACKEND"]
    import timm.data
    import torchvision

    pixels = np.random.default_rng(3).uniform(0, 255, (4, 5, 3)).astype(np.float32)
    transforms = torchvision.models.MobileNet_V3_Small_Weights.DEFAULT.transforms()
    statistics = {
        "torchvision": (transforms.mean, transforms.std),
        "CLIP's image encoders": (timm.data.OPENAI_CLIP_MEAN, timm.data.OPENAI_CLIP_STD),
    }
    wrong = []
    rows = NORMALIZATION_ROW.findall(page)
    for family, *numbers in rows:
        mean, std = (np.array([float(number) for number in text.split(",")]) for text in numbers)
        if family in statistics:
            rights = [(pixels / 255 - statistics[family][0]) / statistics[family][1]]
        else:
            names = family.removeprefix("Keras: ").split(", ")
            modules = [next(KERAS_MODULES[key] for key in KERAS_MODULES if name.startswith(key)) for name in names]
            rights = [getattr(keras.applications, module).preprocess_input(pixels.copy()) for module in modules]
        if not all(np.allclose((pixels - mean) / std, right, atol=1e-4) for right in rights):
            wrong.append(f"the normalization of {family} is not what the package does")
    return wrong if len(rows) == 5 else [f"{len(rows)} rows of normalizations were found, 5 are checked"]


def run_python(text: str, folder: pathlib.Path) -> str | None:
    """Runs a block of Python; returns the package that it misses.

    Raises:
        RuntimeError: It fails.
    """
    for trained, untrained in UNTRAINED:
        text = text.replace(trained, untrained)
    environment = os.environ | {"TF_CPP_MIN_LOG_LEVEL": "3", "CUDA_VISIBLE_DEVICES": "-1"}
    command = [sys.executable, "-c", text]
    done = subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, timeout=SECONDS, check=False
    )
    if missing := re.search(r"^ModuleNotFoundError: No module named '(\w+)'", done.stderr, re.MULTILINE):
        return missing[1]
    if done.returncode:
        raise RuntimeError(f"{text}\nends with {done.returncode}: {done.stderr[-1500:]}")
    return None


def run_line(line: str, folder: pathlib.Path, program: str) -> str:
    """Runs a line of a shell; returns what came of it.

    Raises:
        RuntimeError: It fails, or gives no vector.
    """
    words = shlex.split(line, comments=True)
    if words[0] != "image-embedder":
        raise RuntimeError(f"{line}: only image-embedder is run")
    command = [program, *words[1:]]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=SECONDS, check=False)
    if done.returncode:
        raise RuntimeError(f"{line}\nends with {done.returncode}: {done.stderr.strip()}")
    if words[1] != "embed":
        return "done"
    rows = [json.loads(row) for row in done.stdout.splitlines()]
    vectors = [head["feature_vector"] for row in rows for head in row["embeddings"]]
    if not vectors or not all(any(vector) and None not in vector for vector in vectors):
        raise RuntimeError(f"{line}\ngives no vector: {done.stdout[:300]}")
    return f"{' and '.join(str(len(vector)) for vector in vectors)} components"


def main() -> int:
    """Runs the page; returns the exit status."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("program", nargs="?", default=str(ROOT / ".build/release/image-embedder"))
    program = str(pathlib.Path(parser.parse_args().program).resolve())
    page = PAGE.read_text("utf-8")
    passed = failed = skipped = 0
    try:
        wrong = wrong_normalizations(page)
        print("\n".join(wrong) or "normalizations: as in the packages", flush=True)
        passed, failed = passed + (not wrong), failed + len(wrong)
    except ModuleNotFoundError as error:
        print(f"normalizations: skipped: {error}", flush=True)
        skipped += 1
    with tempfile.TemporaryDirectory(prefix="model-families-") as name:
        folder = pathlib.Path(name)
        picture_file(folder, ((300, 400), 0)).rename(folder / "photo.jpg")  # What a file is its content says.
        run_python(SAVED_MODEL, folder)
        missing = None
        for language, text in blocks(page):
            try:
                if language == "python":
                    missing = run_python(text, folder)
                    print(f"python: {f'skipped: {missing} is not installed' if missing else 'done'}", flush=True)
                    skipped, passed = skipped + bool(missing), passed + (not missing)
                    continue
                for line in text.splitlines():
                    if missing:
                        skipped += 1
                        continue
                    print(f"{line}: {run_line(line, folder, program)}", flush=True)
                    passed += 1
            except (RuntimeError, subprocess.TimeoutExpired) as error:
                print(f"failed: {error}", flush=True)
                failed += 1
    print(f"{passed} passed, {failed} failed, {skipped} skipped")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
