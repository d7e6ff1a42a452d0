#!/usr/bin/env python3
"""Annotates the models of the tests and reads the copies with other libraries.

usage: check.py tflite-support|mediapipe PROGRAM

tflite-support: what its metadata reader, its archive reader and its embedder give; that each part of the copy which the
runtime reads is what it was, by the schema of ai-edge-litert; and that the parser version is what its writer states.
mediapipe: its embedder's vectors, and that it refuses three different means.
"""

from __future__ import annotations

import io
import json
import pathlib
import subprocess
import sys
import tempfile
import zipfile
from typing import Any

import numpy as np

FIXTURES = pathlib.Path(__file__).resolve().parents[2] / "Tests" / "TestSupport" / "Fixtures"
MODELS = FIXTURES / "Models"
ANNOTATING = FIXTURES / "Annotating"
PIXELS = np.arange(6 * 8 * 3, dtype=np.uint8).reshape(6, 8, 3)
ONE = (["127.5"], ["63.75"])
THREE = (["123.675", "116.28", "103.53"], ["58.395", "57.12", "57.375"])


def annotate(program: str, model: pathlib.Path, copy: pathlib.Path, *options: str) -> None:
    """Writes a copy of a model."""
    subprocess.run([program, "annotate", model, copy, *options], check=True)


def numbers(normalization: tuple[list[str], list[str]]) -> list[str]:
    """Returns the options of a normalization."""
    mean, std = normalization
    return ["--mean", ",".join(mean), "--std", ",".join(std)]


def expected(normalization: tuple[list[str], list[str]] | None) -> np.ndarray:
    """Returns the vector of an identity model: the normalized pixels."""
    if normalization is None:
        return PIXELS.reshape(-1).astype(np.float32)
    mean, std = (np.array(values, np.float32) for values in normalization)
    return ((PIXELS - mean) / std).reshape(-1)


def check(condition: bool, what: str) -> None:
    """Ends the program unless a condition holds."""
    if not condition:
        sys.exit(f"annotating: {what}")


def near(found: Any, right: np.ndarray, what: str) -> None:
    """Ends the program unless a vector is right."""
    difference = np.abs(np.asarray(found, np.float32).reshape(-1) - right).max()
    check(difference < 1e-5, f"{what}: off by {difference}")


def parts(content: bytes) -> list[Any]:
    """Returns everything of a model that a runtime reads, by the schema of ai-edge-litert."""
    from ai_edge_litert import schema_py_generated as schema

    model = schema.ModelT.InitFromObj(schema.Model.GetRootAsModel(content, 0))
    buffers = []
    for buffer in model.buffers:
        if buffer.offset > 1:
            buffers.append(content[buffer.offset : buffer.offset + buffer.size])
        else:
            buffers.append(b"" if buffer.data is None else bytes(np.asarray(buffer.data, np.uint8)))
    operators = []
    for subgraph in model.subgraphs:
        for operator in subgraph.operators:
            start, size = operator.largeCustomOptionsOffset, operator.largeCustomOptionsSize
            operators.append(content[start : start + size] if start > 1 else None)
            operator.largeCustomOptionsOffset = 0
    return [
        buffers,
        operators,
        plain([model.operatorCodes, model.subgraphs, model.signatureDefs, model.version, model.description]),
        [(entry.name, entry.buffer) for entry in model.metadata or [] if entry.name != b"TFLITE_METADATA"],
    ]


def plain(value: Any) -> Any:
    """Returns a schema object as lists and dictionaries, which compare by what they hold."""
    if isinstance(value, np.ndarray):
        return value.tolist()
    if isinstance(value, (list, tuple)):
        return [plain(entry) for entry in value]
    if hasattr(value, "__dict__"):
        return {name: plain(entry) for name, entry in vars(value).items()}
    return value


def check_tflite_support(program: str, folder: pathlib.Path) -> int:
    """Reads copies with the Task Library and with the runtime's schema."""
    from tensorflow_lite_support.metadata.cc.python import _pywrap_metadata_version as versions
    from tflite_support import metadata
    from tflite_support.task import vision

    def embed(copy: pathlib.Path) -> list[Any]:
        embedder = vision.ImageEmbedder.create_from_file(str(copy))
        result = embedder.embed(vision.TensorImage.create_from_array(PIXELS))
        return [embedding.feature_vector.value for embedding in result.embeddings]

    count = 0
    refused = {"signed_by_metadata", "signed_by_archive", "compiled_for_an_accelerator"}
    for entry in json.loads((ANNOTATING / "annotating.json").read_text("utf-8")):
        if entry["name"] in refused:
            continue
        model = ANNOTATING / f"{entry['name']}.tflite"
        copy = folder / model.name
        annotate(program, model, copy, "--name", "New", "--head-name", "head", *numbers(ONE))
        old, new = model.read_bytes(), copy.read_bytes()
        was, found = parts(old), parts(new)
        check(found[0][: len(was[0])] == was[0], f"{copy.name}: its buffers are others")
        check(len(found[0]) == len(was[0]) + 1, f"{copy.name}: it has other buffers")
        check(found[1:] == was[1:], f"{copy.name}: its operators or tensors are others")
        displayer = metadata.MetadataDisplayer.with_model_file(str(copy))
        read = json.loads(displayer.get_metadata_json())
        subgraph = read["subgraph_metadata"][0]
        check(read["name"] == "New", f"{copy.name}: the name is {read['name']}")
        check(read["min_parser_version"] == entry["parser_version"], f"{copy.name}: {read['min_parser_version']}")
        stated = versions.GetMinimumMetadataParserVersion(displayer.get_metadata_buffer())
        check(read["min_parser_version"] == stated, f"{copy.name}: its writer states {stated}")
        units = subgraph["input_tensor_metadata"][0]["process_units"]
        check(units[-1]["options"] == {"mean": [127.5], "std": [63.75]}, f"{copy.name}: {units}")
        check(subgraph["output_tensor_metadata"][0]["name"] == "head", f"{copy.name}: {subgraph}")
        files = displayer.get_packed_associated_file_list()
        check(sorted(files) == sorted(entry["files"]), f"{copy.name}: its files are {files}")
        with zipfile.ZipFile(io.BytesIO(new)) if files else io.BytesIO() as archive:
            for name, text in entry["files"].items():
                check(displayer.get_associated_file_buffer(name) == text.encode(), f"{copy.name}: {name}")
                check(archive.testzip() is None, f"{copy.name}: {name}")
                local = new[archive.getinfo(name).header_offset :]
                check(local.startswith(b"PK\3\4"), f"{copy.name}: {name} is elsewhere")
        # This one's operator is nobody's; and the Task Library takes no data behind the FlatBuffer.
        if not entry["name"].startswith("outer"):
            near(embed(copy)[0], expected(ONE), copy.name)
        count += 1

    for name, options, right in (
        ("identity_float_8x6_no_metadata", numbers(ONE), expected(ONE)),
        ("identity_float_8x6_no_metadata", numbers(THREE), expected(THREE)),
        ("identity_float_8x6_imagenet", numbers(ONE), expected(ONE)),
        ("metadata_rich", ["--author", "Me"], expected(THREE)),
        ("identity_uint8_8x6", ["--name", "New"], expected(None)),
    ):
        copy = folder / f"{name}.tflite"
        annotate(program, MODELS / f"{name}.tflite", copy, *options)
        near(embed(copy)[0], right, f"{name} {options}")
        count += 1
    # Twice is once with what was said last.
    again = folder / "again.tflite"
    annotate(program, folder / "metadata_rich.tflite", again, *numbers(ONE))
    near(embed(again)[0], expected(ONE), "a copy of a copy")
    return count + 1


def check_mediapipe(program: str, folder: pathlib.Path) -> int:
    """Reads copies with MediaPipe."""
    import mediapipe
    from mediapipe.tasks.python import vision

    def embed(copy: pathlib.Path) -> list[Any]:
        with vision.ImageEmbedder.create_from_model_path(str(copy)) as embedder:
            image = mediapipe.Image(image_format=mediapipe.ImageFormat.SRGB, data=PIXELS)
            return embedder.embed(image).embeddings

    cases = (
        (MODELS / "identity_float_8x6_no_metadata.tflite", [*numbers(ONE), "--head-name", "head"], ONE, ["head"]),
        (MODELS / "metadata_rich.tflite", [*numbers(ONE), "--author", "Me"], ONE, ["feature_vector"]),
        (MODELS / "identity_uint8_8x6.tflite", ["--name", "New"], None, [None]),
        (MODELS / "heads_no_metadata.tflite", ["--head-name", "one", "--head-name", "two"], None, ["one", "two"]),
        (ANNOTATING / "archive.tflite", [*numbers(ONE)], ONE, ["vector"]),
        (ANNOTATING / "archive_of_its_own.tflite", [*numbers(ONE)], ONE, ["vector"]),
    )
    for model, options, normalization, names in cases:
        copy = folder / model.name
        annotate(program, model, copy, *options)
        embeddings = embed(copy)
        near(embeddings[0].embedding, expected(normalization), model.name)
        found = [embedding.head_name for embedding in embeddings]
        check(found == names, f"{model.name}: its heads are {found}")
    copy = folder / "three.tflite"
    annotate(program, MODELS / "identity_float_8x6_no_metadata.tflite", copy, *numbers(THREE))
    try:
        embed(copy)
    except Exception as error:  # Its exception differs from version to version.
        check("Per-channel" in str(error), f"three means are refused otherwise: {error}")
    else:
        check(False, "three means are no longer refused: docs/annotating.md says that they are")
    return len(cases) + 1


def main() -> None:
    """Checks the copies with one library."""
    if len(sys.argv) != 3 or sys.argv[1] not in ("tflite-support", "mediapipe"):
        sys.exit(__doc__)
    kind, program = sys.argv[1], str(pathlib.Path(sys.argv[2]).resolve())
    with tempfile.TemporaryDirectory() as folder:
        checks = {"tflite-support": check_tflite_support, "mediapipe": check_mediapipe}
        count = checks[kind](program, pathlib.Path(folder))
    print(f"annotating: {kind} reads {count} copies as they were meant")


if __name__ == "__main__":
    main()
