"""Keras backbones that end in a map or in tokens, batches that are fixed, and SavedModels of several signatures."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import keras
import tensorflow as tf
from keras import layers

from case import FIXED_SIZE, OPEN_SIZES, Case, seed
from conversion import from_export, from_fixed, from_keras_model, from_signatures, randomize
from form_case import FOUR, GROWING, POOLED, TOKENS, FormCase, Run, form_name, layout_runs
from keras_layers import operation
from keras_networks import (
    APPLICATION_OPEN_SIZES,
    APPLICATION_SIZE,
    APPLICATIONS,
    ClassToken,
    Positions,
    self_attention,
    transformer,
)
from keras_vectors import Vectors, small

VECTOR: tuple[Run, ...] = ({},)


def tokens(x: Any) -> Any:
    """Builds a vision transformer that gives all its tokens, the class token first."""
    y = layers.Reshape((20, 16))(layers.Conv2D(16, 4, 4)(x))
    return layers.LayerNormalization()(transformer(Positions()(ClassToken()(y)), self_attention))


ENDS: dict[str, tuple[Callable[[Any], Any], tuple[Run, ...]]] = {
    "map": (small, POOLED),
    "map-channels-first": (lambda x: layers.Permute((3, 1, 2))(small(x)), layout_runs("nchw")),
    "map-and-vector": (lambda x: (lambda y: [y, layers.GlobalAveragePooling2D()(y)])(small(x)), POOLED),
    "tokens": (tokens, TOKENS),
    "row-of-means": (lambda x: operation(lambda y: tf.reduce_mean(y, [1, 2])[:, tf.newaxis])(small(x)), VECTOR),
    "vector": (lambda x: layers.Dense(9)(layers.GlobalAveragePooling2D()(small(x))), VECTOR),
}


def end_case(kind: str, batch: int | None, open_size: bool, number_format: str) -> FormCase:
    """Returns the case of one end in one variant."""
    name = form_name(f"keras-form-{kind}", batch, open_size, number_format)
    build, runs = ENDS[kind]

    def convert() -> bytes:
        keras.backend.clear_session()
        image = keras.Input((None, None, 3) if open_size else (*FIXED_SIZE, 3), batch_size=batch, name="image")
        model = keras.Model(image, build(image))
        randomize(model, seed(name))
        route = from_fixed if batch else from_export if open_size else from_keras_model
        return route(model, number_format, OPEN_SIZES[0] if open_size else FIXED_SIZE)

    sizes = OPEN_SIZES if open_size else (FIXED_SIZE,)
    return FormCase(name, convert, sizes, runs=GROWING if open_size else runs)


def application_case(kind: str, open_size: bool, number_format: str) -> FormCase:
    """Returns the case of an application as `include_top=False` alone gives it."""
    name = form_name(f"keras-form-{kind}", None, open_size, number_format)

    def convert() -> bytes:
        keras.backend.clear_session()
        keras.utils.set_random_seed(seed(name))
        make, options = APPLICATIONS[kind]
        shape = (None, None, 3) if open_size else (*APPLICATION_SIZE, 3)
        model = make(input_shape=shape, include_top=False, weights=None, **options)
        randomize(model, seed(name), kernels=False)
        return from_keras_model(model, number_format, APPLICATION_OPEN_SIZES[0] if open_size else APPLICATION_SIZE)

    sizes = APPLICATION_OPEN_SIZES if open_size else (APPLICATION_SIZE,)
    return FormCase(name, convert, sizes, runs=GROWING if open_size else POOLED)


def classes(module: Vectors, image: tf.Tensor) -> tf.Tensor:
    """Returns what a classifier makes of the features."""
    return tf.nn.softmax(module.vector(image))


def patches(module: Vectors, image: tf.Tensor) -> tf.Tensor:
    """Returns the map before the mean."""
    return tf.nn.conv2d(image, module.kernel, 4, "SAME")


FUNCTIONS: dict[str, Callable[[Vectors, tf.Tensor], tf.Tensor]] = {
    "embed": Vectors.features,
    "classify": classes,
    "map": patches,
}
# The function of each signature, and the runs.
SIGNATURES: dict[str, tuple[dict[str, str], tuple[Run, ...]]] = {
    "embed-classify": (
        {"embed": "embed", "classify": "classify"},
        ({}, {"signature": "embed"}, {"signature": "classify"}),
    ),
    "classify-embed": (
        {"serving_default": "classify", "embed": "embed"},
        ({"signature": "serving_default"}, {"signature": "embed"}),
    ),
    "one-function-twice": (
        {"serving_default": "embed", "embed": "embed"},
        ({}, {"signature": "serving_default"}, {"signature": "embed"}),
    ),
    "map-and-embed": (
        {"map": "map", "embed": "embed"},
        ({"signature": "map", "pool": "mean"}, {"signature": "map", "pool": "flatten"}, {"signature": "embed"}),
    ),
}


def signatures_case(kind: str, batch: int | None, number_format: str) -> FormCase:
    """Returns the case of a SavedModel with several signatures; those of one function share it."""
    name = form_name(f"savedmodel-form-{kind}", batch, False, number_format)
    functions, runs = SIGNATURES[kind]

    def convert() -> bytes:
        module = Vectors(name)
        image = [tf.TensorSpec((batch, *FIXED_SIZE, 3), tf.float32, name="image")]

        def traced(function: str) -> Any:
            return tf.function(lambda image: {function: FUNCTIONS[function](module, image)}, input_signature=image)

        shared = {function: traced(function) for function in set(functions.values())}
        signatures = {signature: shared[function] for signature, function in functions.items()}
        return from_signatures(module, signatures, number_format, FIXED_SIZE)

    return FormCase(name, convert, runs=runs)


def cases() -> Iterator[Case]:
    """Yields every form in one to four variants."""
    for kind in ENDS:
        yield end_case(kind, None, False, "float")
    for kind in ("map", "tokens"):
        yield end_case(kind, None, False, "int8")
    yield end_case("map", None, False, "uint8")
    yield end_case("map", None, True, "float")
    for kind in ("vector", "map", "tokens"):
        yield end_case(kind, FOUR, False, "float")
    yield end_case("map", FOUR, False, "int8")
    yield application_case("mobilenet-v2", False, "float")
    yield application_case("mobilenet-v3-small", True, "float")
    for kind in SIGNATURES:
        yield signatures_case(kind, 1, "float")
    yield signatures_case("map-and-embed", FOUR, "dynamic")
