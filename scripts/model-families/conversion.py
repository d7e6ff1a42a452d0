"""Converts Keras models and TensorFlow functions with `TFLiteConverter`, in each of its number formats."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from case import NotConvertible, Size

# What the converter can make of the weights and activations; `inside` keeps float32 input and output.
FORMATS = ("float", "float16", "dynamic", "int8", "uint8", "inside", "int16x8")
CALIBRATION_IMAGES = 8


def randomize(model: keras.Model, seed: int, *, kernels: bool = True) -> None:
    """Gives every weight a seeded random value; fresh ones leave normalizations and biases without effect.

    Args:
        model: The model to change.
        seed: What the values depend on.
        kernels: Whether kernels change too: those of deep networks are better as their layers begin with them.
    """
    generator = np.random.default_rng(seed)
    for weight in model.weights:
        shape = tuple(weight.shape)
        if not np.issubdtype(np.dtype(weight.dtype), np.floating) or (len(shape) > 1 and not kernels):
            continue
        if "variance" in weight.path or "gamma" in weight.path:
            value = generator.uniform(0.5, 1.5, shape)
        else:
            fan_in = max(1, int(np.prod(shape[:-1])))
            value = generator.normal(0, 1 / np.sqrt(fan_in) if len(shape) > 1 else 0.2, shape)
        weight.assign(value.astype(np.float32))


def calibration(size: Size, seed: int) -> Iterator[list[np.ndarray]]:
    """Yields normalized random images, which the converter measures activations with."""
    generator = np.random.default_rng(seed)
    for _ in range(CALIBRATION_IMAGES):
        yield [generator.uniform(-1, 1, (1, *size, 3)).astype(np.float32)]


def finish(converter: Any, number_format: str, size: Size) -> bytes:
    """Sets what a format needs and converts.

    Args:
        converter: A `tf.lite.TFLiteConverter`.
        number_format: One of `FORMATS`.
        size: The size of the images to measure activations with.

    Returns:
        The model's file.

    Raises:
        NotConvertible: The converter refuses the model.
    """
    if number_format != "float":
        converter.optimizations = [tf.lite.Optimize.DEFAULT]
    if number_format == "float16":
        converter.target_spec.supported_types = [tf.float16]
    if number_format in ("int8", "uint8", "inside", "int16x8"):
        converter.representative_dataset = lambda: calibration(size, 7)
        sets = tf.lite.OpsSet
        converter.target_spec.supported_ops = (
            [sets.EXPERIMENTAL_TFLITE_BUILTINS_ACTIVATIONS_INT16_WEIGHTS_INT8, sets.TFLITE_BUILTINS]
            if number_format == "int16x8"
            else [sets.TFLITE_BUILTINS_INT8, sets.TFLITE_BUILTINS]
        )
    if number_format in ("int8", "uint8"):
        converter.inference_input_type = converter.inference_output_type = getattr(tf, number_format)
    try:
        return converter.convert()
    except Exception as error:
        raise NotConvertible(f"the converter says: {first_line(error)}") from error


def first_line(error: BaseException) -> str:
    """Returns what is worth saying of a converter's error, on one line."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    wanted = [line for line in lines if "error:" in line] or lines or ["no text"]
    # What comes first is where in the converter's sources: nothing to the reader.
    return f"{type(error).__name__}: {wanted[0].rpartition('): ')[2].rpartition('error: ')[2][:300]}"


def from_keras_model(model: keras.Model, number_format: str, size: Size) -> bytes:
    """Converts as the Keras guides do."""
    return finish(tf.lite.TFLiteConverter.from_keras_model(model), number_format, size)


def from_export(model: keras.Model, number_format: str, size: Size) -> bytes:
    """Exports a SavedModel and converts that, as Keras 3 proposes."""
    with tempfile.TemporaryDirectory(prefix="model-families-") as folder:
        model.export(folder, format="tf_saved_model", verbose=False)
        return finish(tf.lite.TFLiteConverter.from_saved_model(folder), number_format, size)


def from_fixed(model: keras.Model, number_format: str, size: Size) -> bytes:
    """Exports a model for one image and converts that: the other two ways leave the batch open whatever it says."""
    image = tf.TensorSpec(model.inputs[0].shape, tf.float32, name="image")
    archive = keras.export.ExportArchive()
    archive.track(model)
    archive.add_endpoint("serving_default", model.call, input_signature=[image])
    with tempfile.TemporaryDirectory(prefix="model-families-") as folder:
        archive.write_out(folder, verbose=False)
        return finish(tf.lite.TFLiteConverter.from_saved_model(folder), number_format, size)


def from_signatures(module: tf.Module, signatures: dict[str, Any], number_format: str, size: Size) -> bytes:
    """Saves a module with its signatures and converts that."""
    with tempfile.TemporaryDirectory(prefix="model-families-") as folder:
        tf.saved_model.save(module, folder, signatures=signatures)
        converter = tf.lite.TFLiteConverter.from_saved_model(folder, signature_keys=list(signatures))
        converter.experimental_enable_resource_variables = True
        return finish(converter, number_format, size)


def from_function(module: tf.Module, function: Any, number_format: str, size: Size) -> bytes:
    """Converts a concrete function."""
    converter = tf.lite.TFLiteConverter.from_concrete_functions([function], module)
    return finish(converter, number_format, size)
