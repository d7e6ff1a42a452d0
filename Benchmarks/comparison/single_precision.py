#!/usr/bin/env python3
"""Makes a TFLite model of single precision out of one whose weights are kept in half precision.

    single_precision.py MODEL TARGET

Such a model widens its weights by an operation that OpenVINO's reader and converters to ONNX do not take. Here they
are widened in the file, which loses nothing. Runs in a Python that has ai-edge-litert, for its description of files.
"""

from __future__ import annotations

import pathlib
import sys

import flatbuffers
import numpy as np
from ai_edge_litert import schema_py_generated as schema


def widened(content: bytes) -> bytes:
    """Stores weights of half precision in single precision.

    Args:
        content: A TFLite file.

    Returns:
        A TFLite file with the same numbers and without the operations that widened them.
    """
    model = schema.ModelT.InitFromPackedBuf(content, 0)
    dequantize = schema.BuiltinOperator.DEQUANTIZE
    codes = [max(code.builtinCode, code.deprecatedBuiltinCode) for code in model.operatorCodes]
    replaced = set()
    for graph in model.subgraphs:
        kept = []
        for operation in graph.operators:
            source = graph.tensors[operation.inputs[0]]
            narrow = model.buffers[source.buffer].data
            is_widening = codes[operation.opcodeIndex] == dequantize and source.type == schema.TensorType.FLOAT16
            if not is_widening or narrow is None:
                kept.append(operation)
                continue
            buffer = schema.BufferT()
            weights = np.asarray(narrow, np.uint8).view(np.float16).astype(np.float32)
            buffer.data = weights.view(np.uint8)
            graph.tensors[operation.outputs[0]].buffer = len(model.buffers)
            model.buffers.append(buffer)
            replaced.add(source.buffer)
        graph.operators = kept
    for index in replaced:
        model.buffers[index].data = None
    builder = flatbuffers.Builder(2 * len(content))
    builder.Finish(model.Pack(builder), b"TFL3")
    return bytes(builder.Output())


def main() -> None:
    """Reads the model and writes the other."""
    source, target = map(pathlib.Path, sys.argv[1:])
    target.write_bytes(widened(source.read_bytes()))


if __name__ == "__main__":
    main()
