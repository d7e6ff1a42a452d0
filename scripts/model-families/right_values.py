#!/usr/bin/env python3
"""Computes with `ai-edge-litert`'s own interpreter what a model gives for images.

    right_values.py MODEL OUTPUT.npz HEIGHTxWIDTH … --mean M [M M] --std S [S S] [--signature NAME] [--pool HOW]
        [--layout nhwc|nchw]

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


def named_heads(content: bytes, name: str) -> list[str]:
    """Returns the names that a signature gives its outputs, in its subgraph's order."""
    model = schema.ModelT.InitFromPackedBuf(content, 0)
    signature = next(entry for entry in model.signatureDefs if entry.signatureKey.decode() == name)
    outputs = list(model.subgraphs[signature.subgraphIndex].outputs)
    entries = sorted(signature.outputs, key=lambda entry: outputs.index(entry.tensorIndex))
    return [entry.name.decode() for entry in entries]


def encoded(picture: np.ndarray, detail: dict[str, Any], mean: Sequence[float], std: Sequence[float]) -> np.ndarray:
    """Returns a picture, normalized and quantized as the product does it.

    Args:
        picture: uint8, [height, width, 3].
        detail: What the interpreter tells of its input.
        mean: What is subtracted, by channel.
        std: What the difference is divided by.
    """
    if detail["dtype"] == np.uint8:
        return picture
    # In float32, as the reference does: with the inverse, which is not the same as a division.
    inverse = np.float32(1) / np.asarray(std, np.float32)
    values = inverse * (picture.astype(np.float32) - np.asarray(mean, np.float32))
    if detail["dtype"] == np.float32:
        return values.astype(np.float32)
    scale, zero_point = detail["quantization"]
    scaled = values / np.float32(scale)
    # Halves away from zero.
    whole = np.trunc(scaled + np.copysign(np.float32(0.5), scaled)) + np.float32(zero_point)
    return np.clip(whole, -128, 127).astype(np.int8)


def batch_of(picture: np.ndarray, detail: dict[str, Any]) -> np.ndarray:
    """Returns the input of a model for a prepared picture, which is the first of its batch."""
    shape = [int(extent) for extent in detail["shape_signature"]]
    part = picture.transpose(2, 0, 1) if is_planar(shape) else picture
    whole = np.zeros((max(shape[0], 1), *part.shape), part.dtype)
    whole[0] = part
    return whole


def is_planar(shape: Sequence[int]) -> bool:
    """Returns whether an input has its channels first."""
    return shape[3] != 3


def check_input(detail: dict[str, Any]) -> None:
    """Throws where the input is no image of three channels."""
    shape = [int(extent) for extent in detail["shape_signature"]]
    if len(shape) != 4 or 3 not in (shape[1], shape[3]):
        raise OutsideContract(f"the input is of the shape {shape}")
    if detail["dtype"] not in (np.float32, np.uint8, np.int8):
        raise OutsideContract(f"the input is of {detail['dtype'].__name__}")


def vector(value: np.ndarray, detail: dict[str, Any], pool: str | None, planar: bool) -> np.ndarray:
    """Returns a vector of floats of an output, dequantized, then pooled in double precision.

    Args:
        value: The output, of which the first entry of the batch counts.
        detail: What the interpreter tells of it.
        pool: How several vectors become one.
        planar: Whether a map has its channels first.
    """
    if value.dtype not in (np.float32, np.uint8, np.int8):
        raise OutsideContract(f"an output is of {value.dtype.name}")
    one = value[0] if value.ndim > 1 else value
    if value.dtype != np.float32:
        scale, zero_point = detail["quantization"]
        if scale:
            one = np.float32(scale) * (one.astype(np.int32) - zero_point).astype(np.float32)
        one = one.astype(np.float32)
    if sum(extent > 1 for extent in one.shape) <= 1 or (pool == "flatten" and one.ndim in (2, 3)):
        return one.reshape(-1).copy()
    if pool is None or one.ndim not in (2, 3):
        raise OutsideContract(f"an output has the shape {list(value.shape)}")
    if planar and one.ndim == 3:
        one = one.transpose(1, 2, 0)
    rows = one.reshape(-1, one.shape[-1]).astype(np.float64)
    return {"mean": rows.mean(0), "max": rows.max(0), "cls": rows[0]}[pool].astype(np.float32)


class Runner:
    """The interpreter for images of one size.

    Attributes:
        tflite: The interpreter.
        detail: What it tells of its input.
    """

    def __init__(self, content: bytes, size: tuple[int, int], signature: str | None, kernels: bool) -> None:
        """Makes the interpreter ready.

        Args:
            content: The model's file.
            size: The height and width.
            signature: The signature to run; without one, the first.
            kernels: Whether to do without XNNPACK.
        """
        resolver = litert.OpResolverType.BUILTIN_WITHOUT_DEFAULT_DELEGATES if kernels else litert.OpResolverType.AUTO
        self.tflite = litert.Interpreter(model_content=content, num_threads=1, experimental_op_resolver_type=resolver)
        self.named = self.tflite.get_signature_runner(signature) if signature else None
        self.heads = named_heads(content, signature) if signature else head_tensors(content)
        details = list(self.named.get_input_details().values()) if self.named else self.tflite.get_input_details()
        if len(details) != 1:
            raise OutsideContract(f"{len(details)} inputs")
        self.detail = details[0]
        check_input(self.detail)
        shape = [int(extent) for extent in self.detail["shape_signature"]]
        planar = is_planar(shape)
        if not self.named:
            wanted = [max(shape[0], 1), *((3, *size) if planar else (*size, 3))]
            if list(self.detail["shape"]) != wanted:
                self.tflite.resize_tensor_input(self.detail["index"], wanted, strict=True)
            self.tflite.allocate_tensors()

    def outputs(self, values: np.ndarray) -> list[tuple[np.ndarray, dict[str, Any]]]:
        """Runs the model; returns each head and what is known of it."""
        if self.named:
            arrays = self.named(**{next(iter(self.named.get_input_details())): values})
            details = self.named.get_output_details()
            return [(arrays[name], details[name]) for name in self.heads]
        self.tflite.set_tensor(self.detail["index"], values)
        self.tflite.invoke()
        details = {entry["index"]: entry for entry in self.tflite.get_output_details()}
        return [(self.tflite.get_tensor(tensor), details[tensor]) for tensor in self.heads]


def run(
    content: bytes, sizes: Sequence[tuple[int, int]], options: argparse.Namespace, kernels: bool
) -> dict[int, list]:
    """Returns the vectors of every image, by the image's number.

    Args:
        content: The model's file.
        sizes: Heights and widths.
        options: How the model is run.
        kernels: Whether to do without XNNPACK.
    """
    vectors: dict[int, list] = {}
    for size in sizes:
        runner = Runner(content, size, options.signature, kernels)
        planar = options.layout == "nchw" if options.layout else is_planar(runner.detail["shape"])
        for number, (image_size, image) in enumerate(plan(sizes)):
            if image_size == size:
                picture = encoded(pixels(size, image), runner.detail, options.mean, options.std)
                outputs = runner.outputs(batch_of(picture, runner.detail))
                vectors[number] = [vector(value, detail, options.pool, planar) for value, detail in outputs]
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
    parser.add_argument("--signature")
    parser.add_argument("--pool", choices=("mean", "max", "cls", "flatten"))
    parser.add_argument("--layout", choices=("nhwc", "nchw"))
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
