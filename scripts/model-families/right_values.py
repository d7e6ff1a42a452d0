#!/usr/bin/env python3
"""Computes with `ai-edge-litert`'s own interpreter what a model gives for images.

    right_values.py MODEL OUTPUT.npz HEIGHTxWIDTH … --mean M [M M] --std S [S S]

A process of its own for each model: an interpreter that dies takes no other with it. The default resolver, one thread,
and for every size an interpreter that has seen no other. The result holds `vector_I_K`, head K of image I of
`images.plan`, `kernels_I_K`, the same by the built-in kernels without XNNPACK, and `facts`, JSON text.
"""

from __future__ import annotations

import argparse
import json
import pathlib
import sys
from collections.abc import Sequence
from typing import Any

import numpy as np
from ai_edge_litert import interpreter as litert
from ai_edge_litert import schema_py_generated as schema

from images import pixels, plan


class OutsideContract(Exception):  # noqa: N818
    """A model is none that embeds images, so there is nothing to compare."""


def head_tensors(content: bytes) -> list[int]:
    """Returns the output tensors of the first signature, in the subgraph's order; without signatures, the subgraph's.

    A signature may name one tensor twice: then it is there twice.
    """
    model = schema.ModelT.InitFromPackedBuf(content, 0)
    outputs = [int(tensor) for tensor in model.subgraphs[0].outputs]
    if not model.signatureDefs:
        return outputs
    signature = model.signatureDefs[0]
    if signature.subgraphIndex != 0:
        raise OutsideContract("the first signature is not the first subgraph's")
    named = [int(entry.tensorIndex) for entry in signature.outputs]
    if len(named) <= len(outputs):
        return outputs
    return named


def encoded(picture: np.ndarray, detail: dict[str, Any], mean: Sequence[float], std: Sequence[float]) -> np.ndarray:
    """Returns the input of a model for a picture, normalized and quantized as the product does it.

    Args:
        picture: uint8, [height, width, 3].
        detail: What the interpreter tells of its input.
        mean: What is subtracted, by channel.
        std: What the difference is divided by.
    """
    if detail["dtype"] == np.uint8:
        return picture[np.newaxis]
    # In float32, as the reference does: with the inverse, which is not the same as a division.
    inverse = np.float32(1) / np.asarray(std, np.float32)
    values = inverse * (picture.astype(np.float32) - np.asarray(mean, np.float32))
    if detail["dtype"] == np.float32:
        return values[np.newaxis].astype(np.float32)
    scale, zero_point = detail["quantization"]
    scaled = values / np.float32(scale)
    # Halves away from zero.
    whole = np.trunc(scaled + np.copysign(np.float32(0.5), scaled)) + np.float32(zero_point)
    return np.clip(whole, -128, 127).astype(np.int8)[np.newaxis]


def check_input(detail: dict[str, Any]) -> None:
    """Throws where the input is no image of three channels, one at a time."""
    shape = [int(extent) for extent in detail["shape_signature"]]
    if len(shape) != 4 or shape[3] != 3 or shape[0] not in (1, -1):
        raise OutsideContract(f"the input is of the shape {shape}")
    if detail["dtype"] not in (np.float32, np.uint8, np.int8):
        raise OutsideContract(f"the input is of {detail['dtype'].__name__}")


def vector(value: np.ndarray, detail: dict[str, Any]) -> np.ndarray:
    """Returns a vector of floats of an output, dequantized."""
    fits = (value.ndim == 2 or (value.ndim == 4 and value.shape[1:3] == (1, 1))) and value.shape[0] == 1
    if not fits or value.dtype not in (np.float32, np.uint8, np.int8):
        raise OutsideContract(f"an output is of {value.dtype.name} and the shape {list(value.shape)}")
    flat = value.reshape(-1)
    if value.dtype == np.float32:
        return flat.copy()
    scale, zero_point = detail["quantization"]
    if not scale:
        return flat.astype(np.float32)
    return np.float32(scale) * (flat.astype(np.int32) - zero_point).astype(np.float32)


def run(
    content: bytes, sizes: Sequence[tuple[int, int]], options: argparse.Namespace, kernels: bool
) -> dict[int, list]:
    """Returns the vectors of every image, by the image's number.

    Args:
        content: The model's file.
        sizes: Heights and widths.
        options: With the mean and the deviation.
        kernels: Whether to do without XNNPACK.
    """
    resolver = litert.OpResolverType.BUILTIN_WITHOUT_DEFAULT_DELEGATES if kernels else litert.OpResolverType.AUTO
    heads = head_tensors(content)
    vectors: dict[int, list] = {}
    for size in sizes:
        tflite = litert.Interpreter(model_content=content, num_threads=1, experimental_op_resolver_type=resolver)
        if len(tflite.get_input_details()) != 1:
            raise OutsideContract(f"{len(tflite.get_input_details())} inputs")
        detail = tflite.get_input_details()[0]
        check_input(detail)
        if list(detail["shape"]) != [1, *size, 3]:
            tflite.resize_tensor_input(detail["index"], [1, *size, 3], strict=True)
        tflite.allocate_tensors()
        for number, (image_size, image) in enumerate(plan(sizes)):
            if image_size == size:
                tflite.set_tensor(detail["index"], encoded(pixels(size, image), detail, options.mean, options.std))
                tflite.invoke()
                details = {entry["index"]: entry for entry in tflite.get_output_details()}
                vectors[number] = [vector(tflite.get_tensor(tensor), details[tensor]) for tensor in heads]
    return vectors


def facts(content: bytes) -> dict[str, Any]:
    """Returns what decides about how close vectors must be.

    `dynamic` says that weights are integers and activations floats: then each kernel rounds activations its own way.
    """
    model = schema.ModelT.InitFromPackedBuf(content, 0)
    names = {number: name for name, number in vars(schema.BuiltinOperator).items() if isinstance(number, int)}
    codes = [max(code.builtinCode, code.deprecatedBuiltinCode) for code in model.operatorCodes]
    dynamic = False
    integer = (schema.TensorType.INT8, schema.TensorType.INT4)
    for graph in model.subgraphs:
        for operator in graph.operators or []:
            kinds = [graph.tensors[tensor].type for tensor in operator.inputs if tensor >= 0]
            weighted = kinds[:1] == [schema.TensorType.FLOAT32] and any(kind in integer for kind in kinds[1:])
            dynamic = dynamic or weighted
    graph = model.subgraphs[0]
    return {
        "dynamic": dynamic,
        "operators": sorted({names.get(code, str(code)) for code in codes}),
        "outputs": [int(graph.tensors[tensor].type) for tensor in graph.outputs],
        "input": int(graph.tensors[graph.inputs[0]].type),
    }


def main() -> int:
    """Writes the vectors; returns the exit status."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("model", type=pathlib.Path)
    parser.add_argument("output", type=pathlib.Path)
    parser.add_argument("sizes", nargs="+")
    parser.add_argument("--mean", nargs="+", type=float, required=True)
    parser.add_argument("--std", nargs="+", type=float, required=True)
    options = parser.parse_args()
    sizes = [(int(height), int(width)) for height, _, width in (size.partition("x") for size in options.sizes)]
    content = options.model.read_bytes()
    try:
        arrays = {
            f"vector_{i}_{k}": v
            for i, heads in run(content, sizes, options, False).items()
            for k, v in enumerate(heads)
        }
        try:
            plain = run(content, sizes, options, True)
            arrays |= {f"kernels_{i}_{k}": v for i, heads in plain.items() for k, v in enumerate(heads)}
        except (RuntimeError, ValueError):
            pass  # Some operators exist in XNNPACK alone.
        arrays["facts"] = np.array(json.dumps(facts(content)))
    except OutsideContract as reason:
        print(f"outside: {reason}")
        return 3
    except (RuntimeError, ValueError, TypeError) as error:
        print(f"interpreter: {' '.join(str(error).split())[:300]}")
        return 4
    with options.output.open("wb") as file:
        np.savez_compressed(file, **arrays)
    return 0


if __name__ == "__main__":
    sys.exit(main())
