"""Last layers, several vectors, and one vector under two names: what the outputs of a model can be."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import keras
import tensorflow as tf
from keras import layers

from case import FIXED_SIZE, OPEN_SIZES, Case, seed
from conversion import from_export, from_fixed, from_keras_model, from_signatures, randomize
from keras_layers import conv, operation

OPEN, FIXED = None, 1


def small(x: Any) -> Any:
    """Builds what comes before the last layer: a map of 6 channels."""
    return conv(strides=2, activation="relu")(conv(4, strides=2, activation="relu")(x))


def pooled(x: Any) -> Any:
    """Builds the same and its mean."""
    return layers.GlobalAveragePooling2D()(small(x))


def normalized(x: Any) -> Any:
    """Scales vectors to length 1."""
    return operation(lambda y: tf.math.l2_normalize(y, axis=-1))(x)


# Ends that take every size, and those that need one.
ENDS: dict[str, Callable[[Any], Any]] = {
    "global-average": pooled,
    "global-average-keepdims": lambda x: layers.GlobalAveragePooling2D(keepdims=True)(small(x)),
    "global-max": lambda x: layers.GlobalMaxPooling2D()(small(x)),
    "dense": lambda x: layers.Dense(9)(pooled(x)),
    "dense-softmax": lambda x: layers.Dense(9, activation="softmax")(pooled(x)),
    "dense-tanh": lambda x: layers.Dense(9, activation="tanh")(pooled(x)),
    "dense-batch-normalization": lambda x: layers.BatchNormalization()(layers.Dense(9)(pooled(x))),
    "dense-layer-normalization": lambda x: layers.LayerNormalization()(layers.Dense(9)(pooled(x))),
    "dense-prelu": lambda x: layers.PReLU()(layers.Dense(9)(pooled(x))),
    "l2-normalization": lambda x: normalized(layers.Dense(9)(pooled(x))),
    "unit-normalization": lambda x: layers.UnitNormalization()(layers.Dense(9)(pooled(x))),
    "flatten-of-means": lambda x: layers.Flatten()(layers.GlobalAveragePooling2D(keepdims=True)(small(x))),
    "reshape-of-means": lambda x: layers.Reshape((6,))(layers.GlobalAveragePooling2D(keepdims=True)(small(x))),
    "reshape-to-map": lambda x: layers.Reshape((1, 1, 9))(layers.Dense(9)(pooled(x))),
    "pointwise-conv": lambda x: conv(9, 1)(layers.GlobalAveragePooling2D(keepdims=True)(small(x))),
    "mean-and-max": lambda x: layers.Concatenate()(
        [layers.GlobalAveragePooling2D()(small(x)), layers.GlobalMaxPooling2D()(small(x))]
    ),
    "squeeze": lambda x: operation(lambda y: tf.squeeze(y, [1, 2]))(
        layers.GlobalAveragePooling2D(keepdims=True)(small(x))
    ),
    "reduce-mean": lambda x: operation(lambda y: tf.reduce_mean(y, [1, 2]))(small(x)),
    "clip": lambda x: operation(lambda y: tf.clip_by_value(y, -0.4, 0.4))(layers.Dense(9)(pooled(x))),
    "scaled": lambda x: layers.Rescaling(3.0, 0.1)(layers.Dense(9)(pooled(x))),
    "slice-of-vector": lambda x: operation(lambda y: y[:, 2:7])(layers.Dense(9)(pooled(x))),
}
SIZED_ENDS: dict[str, Callable[[Any], Any]] = {
    "flatten": lambda x: layers.Flatten()(small(x)),
    "flatten-dense": lambda x: layers.Dense(9)(layers.Flatten()(small(x))),
    "flatten-l2": lambda x: normalized(layers.Flatten()(small(x))),
    "reshape": lambda x: layers.Reshape((120,))(small(x)),
    "reshape-rest": lambda x: layers.Reshape((-1,))(small(x)),
    "reshape-image-to-map": lambda x: layers.Reshape((1, 1, 120))(small(x)),
    "flatten-activation": lambda x: layers.ReLU()(layers.Flatten()(small(x))),
    "flatten-added": lambda x: layers.Add()([layers.Flatten()(small(x)), layers.Flatten()(small(x))]),
    "flatten-concatenated": lambda x: layers.Concatenate()([layers.Flatten()(small(x)), pooled(x)]),
    "flatten-twice": lambda x: layers.Flatten()(layers.Reshape((12, 10))(layers.Flatten()(small(x)))),
    "permute-flatten": lambda x: layers.Flatten()(layers.Permute((3, 1, 2))(small(x))),
    "pool-valid-flatten": lambda x: layers.Flatten()(layers.AveragePooling2D((4, 5))(small(x))),
    "pool-valid": lambda x: layers.AveragePooling2D((4, 5))(small(x)),
    "conv-valid-to-one": lambda x: conv(9, (4, 5), padding="valid")(small(x)),
    "global-depthwise": lambda x: layers.Flatten()(layers.DepthwiseConv2D((4, 5), padding="valid")(small(x))),
    "reshape-function": lambda x: operation(lambda y: tf.reshape(y, [-1, 120]))(small(x)),
    "reshape-by-shape": lambda x: operation(lambda y: tf.reshape(y, [tf.shape(y)[0], 120]))(small(x)),
}

# Several vectors: a list is in order, a dictionary by name.
HEADS: dict[str, Callable[[Any], Any]] = {
    "two-dense": lambda x: [layers.Dense(9)(pooled(x)), layers.Dense(5)(pooled(x))],
    "shared-trunk": lambda x: (lambda y: [layers.Dense(9)(y), layers.Dense(9)(y), y])(pooled(x)),
    "four": lambda x: (lambda y: [layers.Dense(n)(y) for n in (2, 3, 4, 5)])(pooled(x)),
    "dictionary": lambda x: {"zeta": layers.Dense(4)(pooled(x)), "alpha": layers.Dense(7)(pooled(x))},
    "vector-and-normalized": lambda x: (lambda y: [y, normalized(y)])(layers.Dense(9)(pooled(x))),
    "vector-and-map": lambda x: [layers.Dense(9)(pooled(x)), layers.GlobalAveragePooling2D(keepdims=True)(small(x))],
}
SIZED_HEADS: dict[str, Callable[[Any], Any]] = {
    "two-flattened": lambda x: [layers.Flatten()(small(x)), layers.Flatten()(small(x))],
    "dense-and-flattened": lambda x: [layers.Dense(9)(pooled(x)), layers.Flatten()(small(x))],
    "flattened-and-of-it": lambda x: (lambda y: [y, layers.Dense(9)(y)])(layers.Flatten()(small(x))),
    "three-reshaped": lambda x: [layers.Reshape(shape)(small(x)) for shape in ((120,), (1, 1, 120), (-1,))],
}
# The same vector under two names, as Keras allows it.
TWICE: dict[str, Callable[[Any], Any]] = {
    "dense-twice": lambda x: (lambda y: {"default": y, "embedding": y})(layers.Dense(9)(pooled(x))),
    "flatten-twice": lambda x: (lambda y: {"default": y, "embedding": y})(layers.Flatten()(small(x))),
    "twice-and-another": lambda x: (lambda y: {"a": y, "b": layers.Dense(5)(y), "c": y})(layers.Dense(9)(pooled(x))),
}


def vector_case(kind: str, table: str, batch: int | None, open_size: bool, number_format: str) -> Case:
    """Returns the case of one end or set of heads in one variant."""
    size = "open-size" if open_size else "fixed-size"
    name = f"keras-{table}-{kind}.{'fixed' if batch else 'open'}-batch.{size}.{number_format}"

    def convert() -> bytes:
        keras.backend.clear_session()
        shape = (None, None) if open_size else FIXED_SIZE
        image = keras.Input((*shape, 3), batch_size=batch, name="image")
        build = (ENDS | SIZED_ENDS if table == "end" else HEADS | SIZED_HEADS | TWICE)[kind]
        model = keras.Model(image, build(image))
        randomize(model, seed(name))
        route = from_fixed if batch and table == "end" else from_export if table == "heads" else from_keras_model
        return route(model, number_format, OPEN_SIZES[0] if open_size else FIXED_SIZE)

    return Case(name, convert, OPEN_SIZES if open_size else (FIXED_SIZE,))


class Vectors(tf.Module):
    """A module whose signatures name one vector twice, or are several.

    Attributes:
        kernel: The weights of a convolution.
        matrix: The weights of the vector.
    """

    def __init__(self, name: str) -> None:
        """Makes random weights.

        Args:
            name: What they depend on.
        """
        super().__init__()
        generator = tf.random.Generator.from_seed(seed(name))
        self.kernel = tf.Variable(generator.normal((3, 3, 3, 6)) / 5)
        self.matrix = tf.Variable(generator.normal((6, 9)) / 2)

    def features(self, image: tf.Tensor) -> tf.Tensor:
        """Returns the means of six channels."""
        return tf.reduce_mean(tf.nn.relu(tf.nn.conv2d(image, self.kernel, 2, "SAME")), [1, 2])

    def vector(self, image: tf.Tensor) -> tf.Tensor:
        """Returns a vector of nine."""
        return self.features(image) @ self.matrix

    def flat(self, image: tf.Tensor) -> tf.Tensor:
        """Returns a vector whose shape is computed where the batch is open."""
        y = tf.nn.conv2d(image, self.kernel, 4, "SAME")
        return tf.reshape(y, [tf.shape(y)[0], 120])


def twice(module: Vectors, image: tf.Tensor) -> dict[str, tf.Tensor]:
    """Names the vector twice, as TensorFlow Hub's models did."""
    vector = module.vector(image)
    return {"default": vector, "embedding": vector}


def thrice(module: Vectors, image: tf.Tensor) -> dict[str, tf.Tensor]:
    """Names the vector three times, among another."""
    vector = module.vector(image)
    return {"a": vector, "b": module.features(image), "c": vector, "d": vector}


def flat_twice(module: Vectors, image: tf.Tensor) -> dict[str, tf.Tensor]:
    """Names a vector of a computed shape twice."""
    vector = module.flat(image)
    return {"default": vector, "embedding": vector}


def flat_and_vector(module: Vectors, image: tf.Tensor) -> dict[str, tf.Tensor]:
    """Gives a vector of a computed shape and one of a shape that is known."""
    return {"flat": module.flat(image), "vector": module.vector(image)}


SIGNATURES = {"twice": twice, "thrice": thrice, "flat-twice": flat_twice, "flat-and-vector": flat_and_vector}


def signature_case(kind: str, batch: int | None, number_format: str) -> Case:
    """Returns the case of a SavedModel with one signature."""
    name = f"savedmodel-{kind}.{'fixed' if batch else 'open'}-batch.fixed-size.{number_format}"

    def convert() -> bytes:
        module = Vectors(name)
        image = tf.TensorSpec((batch, *FIXED_SIZE, 3), tf.float32, name="image")
        function = tf.function(lambda image: SIGNATURES[kind](module, image), input_signature=[image])
        return from_signatures(module, {"serving_default": function}, number_format, FIXED_SIZE)

    return Case(name, convert)


def two_signatures_case(first: str, second: str) -> Case:
    """Returns the case of a SavedModel with two signatures, of which the first counts."""
    name = f"savedmodel-signatures-{first}-{second}.fixed-batch.fixed-size.float"

    def convert() -> bytes:
        module = Vectors(name)
        image = [tf.TensorSpec((1, *FIXED_SIZE, 3), tf.float32, name="image")]
        functions = {
            first: tf.function(lambda image: {"vector": module.vector(image)}, input_signature=image),
            second: tf.function(lambda image: {"features": module.features(image)}, input_signature=image),
        }
        return from_signatures(module, functions, "float", FIXED_SIZE)

    return Case(name, convert)


def cases() -> Iterator[Case]:
    """Yields every end and set of heads in its variants."""
    integer = ("int8", "uint8", "inside", "int16x8")
    for number, kind in enumerate([*ENDS, *SIZED_ENDS]):
        yield vector_case(kind, "end", OPEN, False, "float")
        if number % 2 or kind in SIZED_ENDS:
            yield vector_case(kind, "end", OPEN, False, integer[number % 4])
        if number % 3 == 0:
            yield vector_case(kind, "end", FIXED, False, ("float", "float16", "dynamic")[number // 3 % 3])
        if kind in ENDS and number % 2 == 0:
            yield vector_case(kind, "end", OPEN, True, "float" if number % 3 else "dynamic")
    for number, kind in enumerate([*HEADS, *SIZED_HEADS]):
        yield vector_case(kind, "heads", OPEN, False, "float")
        yield vector_case(kind, "heads", OPEN, False, integer[number % 4])
        if kind in HEADS and number % 2:
            yield vector_case(kind, "heads", OPEN, True, "float")
    for kind in TWICE:
        yield vector_case(kind, "heads", OPEN, False, "float")
        yield vector_case(kind, "heads", OPEN, False, "int8")
    for kind in SIGNATURES:
        for batch in (OPEN, FIXED):
            yield signature_case(kind, batch, "float")
        yield signature_case(kind, OPEN, "int8")
    yield two_signatures_case("embed", "classify")
    yield two_signatures_case("serving_default", "another")
